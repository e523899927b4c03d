"""The scanner's table: one line per contract that answers whether it can still be taken."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from common.domain import (
    AnalystNote,
    Direction,
    Gate,
    Rejection,
    Stance,
    TradePlan,
    Verdict,
)
from dashboard.core import words
from dashboard.core.selection import Row
from dashboard.core.sheet import Cell, Column, TableRow, Tone
from dashboard.core.standing import Standing, State

COLUMNS: Final = (
    Column(name="symbol", label="Contract"),
    Column(name="side", label="Side"),
    Column(name="state", label="State", title="Can it still be taken?"),
    Column(name="mark", label="Mark", title="Mark price, every 10 s", align="right"),
    Column(
        name="distance",
        label="To entry",
        title="From the planned entry to the mark, in ATR of the 4h candles. Positive: price ran "
        "ahead in the trade's direction. Negative: a better price than planned.",
        align="right",
    ),
    Column(
        name="ladder",
        label="Stop · entry · TP1 · TP2",
        title="The plan from stop (left) to second target (right); the dot is the mark price",
        rank=2,
    ),
    Column(name="entry", label="Entry", align="right", rank=2),
    Column(name="stop", label="Stop", align="right"),
    Column(name="tp1", label="TP1", align="right", title="Take profit 1: close half"),
    Column(name="tp2", label="TP2", align="right", title="Take profit 2: close the rest", rank=2),
    Column(
        name="rr",
        label="Net R:R",
        title="Reward to risk after fees, spread, slippage and funding; below it: when entered at "
        "the mark now",
        align="right",
    ),
    Column(name="score", label="Score", title="−100 short … +100 long", align="right", rank=3),
    Column(
        name="confidence",
        label="Confidence",
        title="A conviction from 0 to 100; it is not a probability",
        align="right",
    ),
    Column(
        name="analyst",
        label="Analyst",
        title="What the local model says of the plan: it can warn, and never changes a number",
        rank=3,
    ),
    Column(
        name="age", label="Age", title="Since the candle close it was decided at", align="right"
    ),
)

CHIPS: Final[dict[State, tuple[str, Tone, str]]] = {
    State.IN_ZONE: ("●", Tone.GOOD, "Price is where the plan enters."),
    State.WAITING: (
        "◔",
        Tone.INFO,
        "Price has not come back to the entry zone yet: wait, do not chase.",
    ),
    State.PAST_ZONE: ("◒", Tone.WARN, "Price went through the entry towards the stop."),
    State.MISSED: ("»", Tone.WARN, "Price is beyond do-not-chase."),
    State.BEYOND_TP1: ("①", Tone.WARN, "Price is beyond the first target: too late."),
    State.BEYOND_TP2: ("②", Tone.WARN, "Price is beyond the second target: too late."),
    State.BEYOND_STOP: ("✕", Tone.BAD, "Price is beyond the stop: the plan no longer holds."),
    State.NO_MARK: ("?", Tone.DIM, "No mark price is known."),
    State.EXPIRED: ("◌", Tone.DIM, "The plan ran out of time."),
    State.NOT_FILLED: ("◌", Tone.DIM, "Price never came to the entry in time."),
    State.STOPPED: ("✕", Tone.BAD, "The stop was hit."),
    State.TP2: ("✓", Tone.GOOD, "The second target was hit."),
    State.BREAK_EVEN: ("=", Tone.DIM, "Stopped at entry after the first target."),
    State.INVALIDATED: ("⇄", Tone.DIM, "An opposite plan took its place."),
    State.AMBIGUOUS: ("~", Tone.DIM, "Stop and target lie in one candle."),
    State.NO_DATA: ("?", Tone.DIM, "The candles that would tell are missing."),
    State.DELISTED: ("∅", Tone.DIM, "Trading ended as announced: at what price is not known."),
}
"""How a state is marked: a sign, a tone, and what it means."""

_STANCES: Final = {
    Stance.AGREE: ("✓", Tone.GOOD),
    Stance.CAUTION: ("▲", Tone.WARN),
    Stance.VETO: ("✕", Tone.BAD),
}
_PLAN_COLUMNS: Final = 7
_REACH: Final = 0.12
"""How far beyond stop and second target a ladder still draws the mark."""


def table_rows(rows: Sequence[Row], zone: tzinfo) -> tuple[TableRow, ...]:
    """Write the rows of the table, in the order given."""
    return tuple(_written(row, zone) for row in rows)


def side(direction: Direction | None) -> Cell:
    """Write a direction by sign, word and colour."""
    if direction is None:
        return Cell(text=words.MISSING, kind="side", tone=Tone.DIM)
    long = direction is Direction.LONG
    return Cell(
        text="▲ Long" if long else "▼ Short",
        kind="side",
        tone=Tone.LONG if long else Tone.SHORT,
        order=direction.sign,
    )


def state_chip(stands: Standing) -> Cell:
    """Write a plan's state as a chip; what was filled or half closed is said below it."""
    sign, tone, meaning = CHIPS[stands.state]
    so_far = "TP1 hit" if stands.first_target_hit else "entry filled" if stands.filled else ""
    if stands.state is State.WAITING and stands.chasing:
        so_far = "do not chase"
    return Cell(
        text=f"{sign} {stands.state}",
        sub="" if stands.state.ended else so_far,
        kind="chip",
        tone=tone,
        title=meaning,
        order=list(CHIPS).index(stands.state),
    )


def stance_chip(note: AnalystNote | None) -> Cell:
    """Write the analyst's stance as a chip, its first reason behind it."""
    if note is None:
        return Cell(text=words.MISSING, tone=Tone.DIM, title="the analyst said nothing of it")
    sign, tone = _STANCES[note.stance]
    return Cell(
        text=f"{sign} {note.stance}",
        kind="chip",
        tone=tone,
        title=note.reasons[0] if note.reasons else "",
        order=list(_STANCES).index(note.stance),
    )


def refusal(gate: Gate) -> str:
    """Say in a few words what a gate found: `overextension 2.6 ATR, limit 2`."""
    name = words.plain(gate.name) + (f" {gate.timeframe}" if gate.timeframe else "")
    if gate.value is None:
        return name
    value = f"{words.threshold(gate.value)} {gate.unit}".strip()
    limit = f", limit {words.threshold(gate.threshold)}" if gate.threshold is not None else ""
    return f"{name} {value}{limit}"


def nearest_flip(decision: Rejection) -> str:
    """Say what would have to change: the planner's own word, else the first refusing gate's."""
    refused = (gate for gate in decision.gates if gate.verdict is Verdict.REFUSED)
    return decision.nearest_flip or next((gate.flip for gate in refused if gate.flip), None) or ""


def _written(row: Row, zone: tzinfo) -> TableRow:
    shown = row.shown
    head = (
        _contract(row),
        side(row.direction),
    )
    tail = (
        Cell(text=words.signed(shown.score, 1), order=shown.score),
        Cell(
            text=words.number(shown.confidence, 0),
            kind="meter",
            level=None if shown.confidence is None else shown.confidence / 100,
            order=shown.confidence,
        ),
        stance_chip(row.contract.note_on(shown)),
        Cell(
            text=words.duration(row.time.age(shown.as_of)),
            sub=f"{shown.as_of.astimezone(zone):%H:%M}",
            title=f"Decided at the close of {words.moment(shown.as_of, zone)}",
            order=-shown.as_of.timestamp(),
        ),
    )
    if isinstance(shown, TradePlan):
        assert row.standing is not None, "a plan always stands somewhere"
        middle = _plan_cells(shown, row.standing)
        ended = row.standing.state.ended
        return TableRow(
            id=str(row.id), cells=head + middle + tail, tone=Tone.DIM if ended else Tone.PLAIN
        )
    return TableRow(id=str(row.id), cells=head + _rejection_cells(shown, row.mark) + tail)


def _contract(row: Row) -> Cell:
    moves = title = ""
    if row.folded:
        moves = f" · +{len(row.folded)} correlated"
        title = f"One bet with {', '.join(row.folded)}: they move together"
    elif row.cluster is not None and row.cluster.lead != row.id.symbol:
        moves = f" · with {row.cluster.lead}"
        title = f"Moves with {row.cluster.lead}: count them as one bet"
    return Cell(
        text=row.id.symbol,
        sub=row.id.venue + moves,
        kind="symbol",
        title=title,
        order=row.id.symbol,
    )


def _plan_cells(plan: TradePlan, stands: Standing) -> tuple[Cell, ...]:
    tick = plan.tick_size
    first, second = plan.targets
    return (
        state_chip(stands),
        Cell(text=words.price(stands.mark, tick), order=stands.mark),
        Cell(
            text=words.signed(stands.distance_atr, 2, "ATR"),
            sub=words.signed(stands.distance_percent, 2, "%"),
            order=stands.distance_atr,
        ),
        Cell(text="", kind="ladder", ladder=ladder(plan, stands.mark)),
        Cell(
            text=words.price(plan.entry.price, tick),
            sub=str(plan.entry.kind).replace("pullback", "pull-back"),
        ),
        Cell(text=words.price(plan.stop, tick), tone=Tone.SHORT),
        Cell(text=words.price(first.price, tick), tone=Tone.LONG),
        Cell(text=words.price(second.price, tick), tone=Tone.LONG),
        Cell(
            text=words.number(plan.net_rr, 2),
            sub=f"now {words.number(stands.net_rr_now, 2)}",
            title=f"gross {words.number(plan.gross_rr, 2)}",
            order=plan.net_rr,
        ),
    )


def _rejection_cells(decision: Rejection, mark: float | None) -> tuple[Cell, ...]:
    refused = [gate for gate in decision.gates if gate.verdict is Verdict.REFUSED]
    reason = " · ".join(refusal(gate) for gate in refused) or decision.reason
    flip = nearest_flip(decision)
    label = words.plain(decision.kind)
    return (
        Cell(text=f"⊘ {label}", kind="chip", tone=Tone.DIM, title=decision.reason, order=99),
        Cell(text=words.price(mark), order=mark),
        Cell(text=reason, sub=flip, kind="reason", span=_PLAN_COLUMNS, title=decision.reason),
    )


def ladder(plan: TradePlan, mark: float | None) -> dict[str, float]:
    """Place a plan's levels between its stop (0) and its second target (1)."""
    stop, far = float(plan.stop), float(plan.targets[1].price)

    def place(price: float) -> float:
        return round((price - stop) / (far - stop), 4)

    levels = {
        "entry": place(float(plan.entry.price)),
        "low": place(float(plan.entry.zone_low)),
        "high": place(float(plan.entry.zone_high)),
        "chase": place(float(plan.entry.do_not_chase)),
        "tp1": place(float(plan.targets[0].price)),
    }
    if mark is not None:
        levels["mark"] = min(1 + _REACH, max(-_REACH, place(mark)))
    return levels
