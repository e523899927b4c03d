"""The chosen contract: its chart with the plan's levels, the plan in numbers, why and why not."""

import math
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import streamlit as st

from common.domain import Rejection, Source, Timeframe, TradePlan
from common.errors import ScannerError
from common.telemetry import trace_link
from dashboard.adapters import components
from dashboard.adapters.figure import candlestick
from dashboard.adapters.pages.frame import chosen_zone
from dashboard.core import explain, words
from dashboard.core.board import ContractId
from dashboard.core.listings import delisting_sentence
from dashboard.core.plan_card import plan_lines
from dashboard.core.positioning import derivative_lines
from dashboard.core.selection import Row, row_of
from dashboard.core.sheet import Cell, Line, Tone
from dashboard.core.standing import standing
from dashboard.core.table import nearest_flip, side, stance_chip, state_chip
from dashboard.core.talk import note_lines
from dashboard.core.venue_time import venue_time
from dashboard.ports import Live

_TIMEFRAMES: Final = (Timeframe.H1, Timeframe.H4, Timeframe.D1)
_CHART_CONFIG: Final = {
    "displaylogo": False,
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],
}
_CARD_HEIGHT: Final = 566
_RETRY_SECONDS: Final = 10.0


def show(live: Live) -> None:
    """Show the chosen contract below the table: first what is known, then the chart it asks for."""
    row = _chosen(live)
    if row is None:
        return
    chart, card = st.columns([2.35, 1], gap="small")
    with card:
        _card(row)
        _note(row)
        _trace(live, row)
    _why(row)
    with chart:
        _chart(live, row)


def _chosen(live: Live) -> Row | None:
    name = st.session_state.get("chosen")
    if not name:
        return None
    venue, _, symbol = name.partition(":")
    key, board = ContractId(venue, symbol), live.board()
    contract = board.contracts.get(key)
    if contract is None:
        return None
    time = venue_time(board, venue, live.instant())
    return row_of(key, contract, board.mark(key), time, board.cluster_of)


def _chart(live: Live, row: Row) -> None:
    choice, head = st.columns([1, 4], vertical_alignment="center")
    with choice:
        timeframe = st.segmented_control(
            "Timeframe",
            [str(timeframe) for timeframe in _TIMEFRAMES],
            default=str(Timeframe.H4),
            key="timeframe",
            label_visibility="collapsed",
        )
    drawn = _drawn(live, row, Timeframe(timeframe or Timeframe.H4))
    if drawn.problem is not None:
        problem = f"The chart cannot be drawn, trying again soon: {drawn.problem}"
        components.lines("chart_problem", (), warnings=(problem,))
        return
    with head:
        last_close = explain.decided_at(drawn.as_of, chosen_zone()) if drawn.as_of else ""
        origin = f" · ⚠ {words.text(drawn.origin)}" if drawn.origin else ""
        st.caption(
            f"{words.text(row.id.symbol)} · closed candles only, the last {last_close}{origin}"
        )
    st.plotly_chart(drawn.figure, key="chart", theme=None, config=_CHART_CONFIG)


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A chart as it was drawn last, kept until something in it would change."""

    subject: tuple[str, ...]
    figure: object = None
    as_of: datetime | None = None
    origin: str = ""
    """Where its candles were read, if not at the venue."""
    problem: str | None = None
    again_at: float = math.inf


def _drawn(live: Live, row: Row, timeframe: Timeframe) -> _Drawn:
    zone, newest = chosen_zone(), row.contract.decision or row.shown
    subject = (str(row.id), timeframe, newest.scan_id, row.shown.key, str(zone))
    known = st.session_state.get("drawn")
    now = live.instant().monotonic
    if isinstance(known, _Drawn) and known.subject == subject and now < known.again_at:
        return known
    try:
        window = live.chart(row.id, timeframe, newest.scan_id)
    except ScannerError as error:
        again_at = live.instant().monotonic + _RETRY_SECONDS
        drawn = _Drawn(subject=subject, problem=str(error), again_at=again_at)
    else:
        plan = row.shown if isinstance(row.shown, TradePlan) else None
        figure = candlestick(window.frames[timeframe], timeframe, plan, zone, contract=str(row.id))
        origin = explain.origin(window.quality, timeframe, window.as_of)
        drawn = _Drawn(subject=subject, figure=figure, as_of=window.as_of, origin=origin)
    st.session_state["drawn"] = drawn
    return drawn


def _card(row: Row) -> None:
    zone = chosen_zone()
    with st.container(height=_CARD_HEIGHT, border=False):
        if isinstance(row.shown, TradePlan):
            _plan_card(row, row.shown, zone)
        else:
            _rejection_card(row, row.shown, zone)


def _note(row: Row) -> None:
    note = row.contract.note_on(row.shown)
    if note is not None:
        components.lines(
            "note",
            note_lines(note),
            title="Analyst",
            cells=(stance_chip(note),),
            note=f"{note.model} · every number checked · it cannot change the plan",
        )


def _trace(live: Live, row: Row) -> None:
    shown = row.shown
    address = trace_link(live.trace_url, shown.scan_id, shown.symbol)
    if address is not None:
        st.link_button("How it was made: its trace", address, icon=":material/timeline:")


def _plan_card(row: Row, plan: TradePlan, zone: tzinfo) -> None:
    stands = row.standing or standing(plan, (), None, None)
    newest = row.contract.decision
    later = (
        f" · last scan: {words.plain(newest.kind)}, {newest.reason}"
        if isinstance(newest, Rejection)
        else ""
    )
    components.lines(
        "card",
        (
            Line(
                label="Mark",
                value=words.price(stands.mark, plan.tick_size),
                note=f"{words.signed(stands.distance_atr, 2, 'ATR')} "
                f"({words.signed(stands.distance_percent, 2, '%')}) from entry",
            ),
            *plan_lines(plan, stands, zone, row.cluster),
        ),
        title=plan.symbol,
        cells=(side(plan.direction), state_chip(stands), _confidence(plan.confidence)),
        note=f"{plan.venue} · {explain.decided_at(plan.as_of, zone)}{later}",
        warnings=(*_ending(row, zone), *plan.warnings),
    )


def _rejection_card(row: Row, decision: Rejection, zone: tzinfo) -> None:
    components.lines(
        "card",
        (
            Line(label="Why not", value=decision.reason, tone=Tone.WARN),
            Line(label="Nearest flip", value=nearest_flip(decision) or words.MISSING),
            Line(label="Score", value=words.signed(decision.score, 1)),
            Line(label="Trend score", value=words.signed(decision.trend_score, 1)),
            Line(
                label="Regime",
                value=words.plain(decision.regime) if decision.regime else words.MISSING,
            ),
            Line(label="Reference", value=words.price(decision.reference), note="last 1h close"),
            Line(label="Mark", value=words.price(row.mark)),
            Line(
                label="Data quality",
                value=words.number(decision.quality_score, 2),
                note=explain.source(decision.source),
                tone=Tone.PLAIN if decision.source is Source.VENUE else Tone.WARN,
            ),
        ),
        title=decision.symbol,
        cells=(
            side(decision.direction),
            Cell(text=f"⊘ {words.plain(decision.kind)}", kind="chip", tone=Tone.DIM),
            _confidence(decision.confidence),
        ),
        note=f"{decision.venue} · {explain.decided_at(decision.as_of, zone)}",
        warnings=_ending(row, zone),
    )


def _ending(row: Row, zone: tzinfo) -> tuple[str, ...]:
    delisting = row.contract.delisting
    return (delisting_sentence(delisting, zone),) if delisting is not None else ()


def _confidence(value: float | None) -> Cell:
    return Cell(text=f"confidence {words.number(value, 0)}")


def _why(row: Row) -> None:
    newest = row.contract.decision or row.shown
    gates, votes, market = st.columns([1.55, 1.15, 0.9], gap="small")
    with gates:
        st.markdown(f"###### {'Why' if isinstance(newest, TradePlan) else 'Why not'}")
        components.table(
            "gates", explain.GATE_COLUMNS, explain.gate_rows(newest.gates), empty="No gates told."
        )
    with votes:
        st.markdown("###### Votes by timeframe")
        signal = row.contract.signal
        if signal is None:
            components.table("votes", (), (), empty="No signal told yet.")
        else:
            components.table(
                "votes", explain.vote_columns(signal), explain.vote_rows(signal), empty="No votes."
            )
            if signal.modifiers:
                st.caption(words.text(explain.modifiers(signal.modifiers)))
    with market:
        st.markdown("###### Funding and open interest")
        components.lines("derivatives", derivative_lines(row.contract.derivatives, chosen_zone()))
