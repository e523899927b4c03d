"""Why, and why not: the gates, the votes, the market around a decision."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from common.domain import (
    Gate,
    Modifier,
    Quality,
    Signal,
    Source,
    Timeframe,
    TimeframeReading,
    Verdict,
)
from dashboard.core import words
from dashboard.core.sheet import Cell, Column, TableRow, Tone

GATE_COLUMNS: Final = (
    Column(name="verdict", label="Verdict"),
    Column(name="gate", label="Gate"),
    Column(name="value", label="Value", align="right"),
    Column(name="threshold", label="Threshold", align="right"),
    Column(name="flip", label="Nearest flip"),
)

_VERDICTS: Final = {
    Verdict.REFUSED: ("✕ refused", Tone.BAD),
    Verdict.PASSED: ("✓ passed", Tone.GOOD),
    Verdict.NOT_EVALUATED: ("– not evaluated", Tone.DIM),
}


_SOURCES: Final = {
    Source.VENUE: "",
    Source.OTHER_VENUE: "another venue's candles",
    Source.SPOT: "spot candles, no volumes",
}


def source(told: Source) -> str:
    """Say where candles come from when it is not the contract's own venue."""
    return _SOURCES[told]


def origin(quality: Quality, timeframe: Timeframe, as_of: datetime) -> str:
    """Say where one timeframe was read and how old it is; nothing of the venue's own candles."""
    for one in quality.origins:
        if one.timeframe is timeframe and one.source is not Source.VENUE:
            age = words.duration(None if one.newest_close is None else as_of - one.newest_close)
            return f"{source(one.source)} ({one.place}, newest {age} before the scan)"
    return ""


def gate_rows(gates: Sequence[Gate]) -> tuple[TableRow, ...]:
    """Write every gate; those that refused come first."""
    ordered = sorted(gates, key=lambda gate: list(_VERDICTS).index(gate.verdict))
    return tuple(_gate_row(place, gate) for place, gate in enumerate(ordered))


def vote_columns(signal: Signal) -> tuple[Column, ...]:
    """Return the heads of the vote table: one column a timeframe."""
    return (
        Column(name="vote", label="Vote"),
        *(
            Column(
                name=str(reading.timeframe),
                label=f"{reading.timeframe} · {reading.weight:.2f}",
                title="The timeframe and its weight in the score",
                align="right",
            )
            for reading in signal.timeframes
        ),
    )


def vote_rows(signal: Signal) -> tuple[TableRow, ...]:
    """Write each vote of each timeframe between −1 (short) and +1 (long), then their sums."""
    names = list(
        dict.fromkeys(vote.name for reading in signal.timeframes for vote in reading.votes)
    )
    rows = [
        TableRow(
            id=name,
            cells=(
                Cell(text=words.plain(name)),
                *(_vote_cell(reading, name) for reading in signal.timeframes),
            ),
        )
        for name in names
    ]
    sums = (
        ("score", [reading.score for reading in signal.timeframes]),
        ("trend", [reading.trend_score for reading in signal.timeframes]),
    )
    rows += [
        TableRow(
            id=f"sum {name}",
            cells=(
                Cell(text=name, tone=Tone.DIM),
                *(
                    Cell(
                        text=words.signed(value, 0),
                        kind="heat",
                        level=None if value is None else value / 100,
                    )
                    for value in values
                ),
            ),
        )
        for name, values in sums
    ]
    regimes = (
        Cell(
            text=words.plain(reading.regime.regime) if reading.regime else words.MISSING,
            sub=_regime_note(reading),
        )
        for reading in signal.timeframes
    )
    rows.append(TableRow(id="regime", cells=(Cell(text="regime", tone=Tone.DIM), *regimes)))
    return tuple(rows)


def modifiers(applied: Sequence[Modifier]) -> str:
    """Say what a pattern or a streak added to the score."""
    return " · ".join(
        f"{words.plain(item.name)} {words.signed(item.points, 1)}" for item in applied
    )


def decided_at(as_of: datetime, zone: tzinfo) -> str:
    """Say at which candle close a decision was made."""
    return f"closed {words.moment(as_of, zone)}"


def _gate_row(place: int, gate: Gate) -> TableRow:
    text, tone = _VERDICTS[gate.verdict]
    name = words.plain(gate.name) + (f" · {gate.timeframe}" if gate.timeframe else "")
    unit = f" {gate.unit}" if gate.unit else ""
    return TableRow(
        id=f"{place} {gate.name}",
        cells=(
            Cell(text=text, tone=tone),
            Cell(text=name, sub=gate.detail, kind="wrap"),
            Cell(text=words.threshold(gate.value) + (unit if gate.value is not None else "")),
            Cell(
                text=words.threshold(gate.threshold) + (unit if gate.threshold is not None else "")
            ),
            Cell(text=gate.flip or "", kind="wrap"),
        ),
    )


def _vote_cell(reading: TimeframeReading, name: str) -> Cell:
    vote = next((vote for vote in reading.votes if vote.name == name), None)
    if vote is None or vote.value is None:
        return Cell(text=words.MISSING, kind="heat", title="it could not vote")
    return Cell(
        text=words.signed(vote.value, 2),
        kind="heat",
        level=vote.value,
        title=f"weight {vote.weight:.2f}",
    )


def _regime_note(reading: TimeframeReading) -> str:
    if reading.regime is None:
        return ""
    squeeze = " · squeeze" if reading.regime.squeeze else ""
    return f"ADX {words.number(reading.regime.adx, 0)}{squeeze}"
