"""The chart: closed candles, EMAs, volume, and a plan's levels."""

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from common.domain import Direction, EntryKind, Timeframe, TradePlan
from dashboard.adapters.figure import candlestick
from tests.support import facts


def drawn(
    *,
    plan: TradePlan | None = None,
    zone: tzinfo = UTC,
    rows: int = 240,
    contract: str = "binance:BTCUSDT",
) -> Any:
    ((timeframe, frame),) = facts.chart_frame(rows=rows).frames.items()
    return candlestick(frame, timeframe, plan, zone, contract=contract)


def test_a_zoom_is_kept_for_a_new_scan_and_not_for_another_contract() -> None:
    before = drawn().layout.uirevision

    assert drawn(plan=facts.plan()).layout.uirevision == before
    assert drawn(contract="binance:ETHUSDT").layout.uirevision != before


def test_candles_averages_and_volume_are_drawn() -> None:
    names = [trace.name for trace in drawn().data]

    assert names == ["Price", "EMA 21", "EMA 50", "EMA 200", "Volume"]


def test_a_plans_levels_are_drawn_at_their_prices_and_labelled() -> None:
    plan = facts.plan()
    layout = drawn(plan=plan).layout

    lines = {shape.name: (shape.y0, shape.y1) for shape in layout.shapes if shape.type == "line"}
    assert lines == {
        "TP2": (109.0, 109.0),
        "TP1": (104.5, 104.5),
        "Do not chase": (101.0, 101.0),
        "Entry": (100.0, 100.0),
        "Stop": (97.0, 97.0),
    }
    assert layout.annotations[0].text == "TP2 109.00 · 3.0 R"
    zone = next(shape for shape in layout.shapes if shape.name == "entry zone")
    assert (zone.y0, zone.y1) == (100.0, 101.0)


def test_every_level_lies_within_the_price_axis() -> None:
    for direction in Direction:
        layout = drawn(
            plan=facts.plan(direction=direction, atr=8.0, kind=EntryKind.PULLBACK)
        ).layout
        low, high = layout.yaxis.range

        assert all(low < shape.y0 < high and low < shape.y1 < high for shape in layout.shapes)


def test_times_are_drawn_in_the_readers_zone_and_say_when_the_candle_closed() -> None:
    price = drawn(zone=ZoneInfo("Asia/Bangkok")).data[0]

    assert price.x[-1] == "2026-01-05 11:00"
    assert price.text[-1] == "closed 2026-01-05 15:00"


def test_a_column_that_is_missing_is_not_drawn_and_a_short_window_is() -> None:
    frame = facts.chart_frame(rows=3).frames[Timeframe.H4].drop("ema_200")

    figure = candlestick(frame, Timeframe.H4, None, UTC, contract="binance:BTCUSDT")

    assert [trace.name for trace in figure.data] == ["Price", "EMA 21", "EMA 50", "Volume"]
    assert not figure.layout.annotations


def test_a_figure_is_bounded_by_its_window() -> None:
    assert len(drawn(plan=facts.plan(), rows=240).to_json()) < 100_000
