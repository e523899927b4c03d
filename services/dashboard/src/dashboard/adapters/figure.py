"""The chart: candles, three EMAs, volume, and the plan's levels drawn and labelled."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import polars as pl

from common.domain import Timeframe, TradePlan
from dashboard.core.levels import Level, plan_levels, spread
from dashboard.core.sheet import Tone

HEIGHT: Final = 520

_INK, _DIM, _GRID, _PANEL = "#dbe3ee", "#8593a6", "#17202b", "#10161e"
_UP, _DOWN = "#36c692", "#ff6b77"
_TONES: Final = {
    Tone.LONG: _UP,
    Tone.SHORT: _DOWN,
    Tone.INFO: "#6cb0ff",
    Tone.WARN: "#eab54f",
}
_EMAS: Final = (
    ("ema_21", "EMA 21", "#f2c14e"),
    ("ema_50", "EMA 50", "#b18cff"),
    ("ema_200", "EMA 200", "#7f93ad"),
)
_LABEL_GAP: Final = 0.043
"""Smallest distance of two labels as a share of the price axis."""
_VOLUME_SHARE: Final = 0.17
_SHOWN_AT_FIRST: Final = 110
_ROOM_BARS: Final = 5
_LABEL_ROOM: Final = 148


def candlestick(
    frame: pl.DataFrame,
    timeframe: Timeframe,
    plan: TradePlan | None,
    zone: tzinfo,
    *,
    contract: str,
) -> go.Figure:
    """Draw closed candles and the plan's levels; times are in the reader's zone.

    The reader's zoom survives a new scan, not another contract or timeframe.
    """
    times = [_local(opened, zone) for opened in frame["open_time"]]
    closes = [_local(opened + timeframe.milliseconds, zone) for opened in frame["open_time"]]
    figure = go.Figure()
    figure.add_trace(_candles(frame, times, closes))
    for column, name, colour in _EMAS:
        if column in frame.columns:
            figure.add_trace(_line(times, frame[column], name, colour))
    figure.add_trace(_volume(frame, times))
    levels = plan_levels(plan) if plan else ()
    low, high = _price_range(frame.tail(_SHOWN_AT_FIRST), levels)
    newest = int(frame["open_time"][-1])
    beyond = _local(newest + _ROOM_BARS * timeframe.milliseconds, zone)
    _lay_out(
        figure,
        (times[-min(len(times), _SHOWN_AT_FIRST)], beyond),
        (low, high),
        view=f"{contract} {timeframe}",
        labelled=bool(levels),
    )
    if plan is not None:
        _draw_plan(figure, plan, levels, (low, high))
    return figure


def _candles(frame: pl.DataFrame, times: Sequence[str], closes: Sequence[str]) -> go.Candlestick:
    return go.Candlestick(
        x=times,
        open=_values(frame["open"]),
        high=_values(frame["high"]),
        low=_values(frame["low"]),
        close=_values(frame["close"]),
        name="Price",
        increasing={"line": {"color": _UP, "width": 1}, "fillcolor": _UP},
        # Falling candles are hollow too: colour is not the only sign.
        decreasing={"line": {"color": _DOWN, "width": 1}, "fillcolor": _PANEL},
        text=[f"closed {close}" for close in closes],
        showlegend=False,
        whiskerwidth=0,
    )


def _line(times: Sequence[str], values: pl.Series, name: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=times,
        y=_values(values),
        name=name,
        mode="lines",
        line={"color": colour, "width": 1.3},
        hoverinfo="skip",
    )


def _volume(frame: pl.DataFrame, times: Sequence[str]) -> go.Bar:
    rising = (frame["close"] >= frame["open"]).to_list()
    return go.Bar(
        x=times,
        y=_values(frame["volume"]),
        yaxis="y2",
        name="Volume",
        marker={"color": [_UP if up else _DOWN for up in rising], "opacity": 0.32},
        showlegend=False,
        hovertemplate="volume %{y:,.3s}<extra></extra>",
    )


def _lay_out(
    figure: go.Figure,
    time_range: tuple[str, str],
    price_range: tuple[float, float],
    *,
    view: str,
    labelled: bool,
) -> None:
    axis = {"gridcolor": _GRID, "linecolor": _GRID, "zeroline": False, "tickfont": {"size": 11}}
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": _LABEL_ROOM if labelled else 14, "t": 26, "b": 8},
        paper_bgcolor=_PANEL,
        plot_bgcolor=_PANEL,
        font={"color": _DIM, "size": 12, "family": "Source Sans, Inter, system-ui, sans-serif"},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
        hovermode="x",
        dragmode="pan",
        bargap=0.25,
        uirevision=view,
        hoverlabel={"bgcolor": "#161e29", "bordercolor": "#2b3746", "font": {"color": _INK}},
        xaxis={
            **axis,
            "range": list(time_range),
            "rangeslider": {"visible": False},
            "type": "date",
        },
        yaxis={
            **axis,
            "domain": [_VOLUME_SHARE + 0.03, 1],
            "range": list(price_range),
            "side": "left",
            "nticks": 8,
            "automargin": True,
        },
        yaxis2={
            **axis,
            "domain": [0, _VOLUME_SHARE],
            "side": "right",
            "showticklabels": False,
            "showgrid": False,
            "fixedrange": True,
        },
    )


def _draw_plan(
    figure: go.Figure,
    plan: TradePlan,
    levels: Sequence[Level],
    price_range: tuple[float, float],
) -> None:
    low, high = price_range
    band = {
        "type": "rect",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "line": {"width": 0},
        "layer": "below",
    }
    entry, chase = float(plan.entry.price), float(plan.entry.do_not_chase)
    zone = sorted({float(plan.entry.zone_low), float(plan.entry.zone_high), entry})
    inner = (zone[0], zone[-1]) if len(zone) > 1 else tuple(sorted((entry, chase)))
    bands = (
        (*inner, "rgba(108,176,255,0.14)", "entry zone"),
        (entry, float(plan.stop), "rgba(255,107,119,0.06)", "risk"),
        (entry, float(plan.targets[1].price), "rgba(54,198,146,0.05)", "reward"),
    )
    for one, other, colour, name in bands:
        figure.add_shape(**band, y0=one, y1=other, fillcolor=colour, name=name)
    places = [(float(level.price) - low) / (high - low) for level in levels]
    for level, place in zip(levels, spread(places, _LABEL_GAP), strict=True):
        colour = _TONES[level.tone]
        figure.add_shape(
            type="line",
            xref="x domain",
            x0=0,
            x1=1,
            yref="y",
            y0=float(level.price),
            y1=float(level.price),
            line={"color": colour, "width": 1.4, "dash": level.dash},
            name=level.name,
        )
        figure.add_annotation(
            text=level.label,
            xref="x domain",
            x=1,
            xanchor="left",
            xshift=6,
            yref="y",
            y=low + place * (high - low),
            yanchor="middle",
            showarrow=False,
            font={"color": colour, "size": 12},
            name=level.name,
        )


def _price_range(frame: pl.DataFrame, levels: Sequence[Level]) -> tuple[float, float]:
    prices = [float(level.price) for level in levels]
    low = min([*prices, *_values(frame["low"])])
    high = max([*prices, *_values(frame["high"])])
    room = (high - low) * 0.05 or abs(high) * 0.01
    return low - room, high + room


def _values(series: pl.Series) -> npt.NDArray[Any]:
    return np.asarray(series.to_numpy())


def _local(milliseconds: int, zone: tzinfo) -> str:
    # Plotly draws the clock face it is given: naive local time, converted here.
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M}"
