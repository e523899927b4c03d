"""How the scanner's plans ended, in words and in a table: what is too little to tell is said so."""

from typing import Final

from common.domain import Aspect, Estimate, PlanFigures, PlanRecord
from common.estimates import LEAST
from dashboard.core import words
from dashboard.core.sheet import Cell, Column, Line, TableRow, Tone

RECORD_COLUMNS: Final = (
    Column(name="which", label="Plans"),
    Column(name="proposed", label="Proposed", align="right"),
    Column(
        name="never",
        label="Never entered",
        title="Price did not come to the entry in time, or an opposite plan came first",
        align="right",
    ),
    Column(name="open", label="Open", title="Waiting for their entry or running", align="right"),
    Column(
        name="unknown",
        label="Not known",
        title="Stop and target in one candle, candles missing, trading ended: neither won nor lost",
        align="right",
    ),
    Column(
        name="target",
        label="TP1 before stop",
        title="Of the entered plans of which it is known, with Wilson's 95 % interval; one that "
        "expired or was replaced before TP1 did not reach it",
        align="right",
    ),
    Column(
        name="mean",
        label="Mean net R",
        title="After fees, spread, slippage and funding, which a stop costs too: it is −1; "
        "with its 95 % interval",
        align="right",
    ),
    Column(name="total", label="Total net R", align="right"),
    Column(
        name="run",
        label="Worst run",
        title="The losses in a row that cost most, in the order plans ended",
        align="right",
        rank=2,
    ),
)

RECORD_NOTE: Final = (
    "Ranges are 95 % intervals, in which plans of one day, that win or lose together, count as "
    "fewer. Of twenty such ranges one misses by chance: a part that stands out is no edge."
)

_NO_RESULT: Final = "no result yet"


def record_lines(record: PlanRecord) -> tuple[Line, ...]:
    """Say how all plans ended, one line a question."""
    told = record.total
    lines = [Line(label="Proposed", value=words.counted(told.plans, "plan"), note=_counts(told))]
    if told.entered:
        lines += [_target_line(told), *_time_lines(told), _result_line(told)]
    if told.worst_run is not None:
        run = told.worst_run
        lines.append(
            Line(
                label="Worst run",
                value=_losses(run.losses),
                note=f"{words.signed(run.net_r, 2, 'R')} together",
            )
        )
    return tuple(lines)


def record_rows(record: PlanRecord) -> tuple[TableRow, ...]:
    """Write all plans, then what they can be told apart by; an aspect they share says nothing."""
    rows = [_row("All", "", record.total)]
    for aspect in Aspect:
        parts = [part for part in record.parts if part.aspect is aspect]
        if len(parts) > 1:
            rows += [_row(words.plain(one.value), aspect, one.figures) for one in parts]
    return tuple(rows)


def _counts(told: PlanFigures) -> str:
    ends = [f"{count} {words.plain(step)}" for step, count in told.ends.items() if count]
    still = told.waiting + told.running
    counts = (
        f"{told.entered} entered",
        f"{told.never_entered} never entered",
        f"{still} open" if still else "",
        f"{told.unknown} with a result nobody knows" if told.unknown else "",
    )
    said = ", ".join(filter(None, counts)) if told.plans else ""
    return f"{said} · {', '.join(ends)}" if ends else said


def _target_line(told: PlanFigures) -> Line:
    label, share = "TP1 before stop", told.first_target_share
    known = told.first_target_known
    of = f"{told.first_target_reached} of {known} entered plans" if known else _NO_RESULT
    if share is None:
        return Line(label=label, value=of, note=_too_few(known), tone=Tone.DIM)
    return Line(label=label, value=_percent(share.value), note=f"{_percent_range(share)}, {of}")


def _time_lines(told: PlanFigures) -> tuple[Line, ...]:
    times = told.first_target_times
    if times is None:
        return ()
    return (
        Line(
            label="Time to TP1",
            value=words.hours(times.median_hours),
            note=f"the median; {words.hours(times.told_hours)} was told, "
            f"{_percent(times.within_told)} came within the quartiles told (half should)",
        ),
    )


def _result_line(told: PlanFigures) -> Line:
    label, mean = "Mean result", told.mean_net_r
    results = words.counted(told.decided, "result")
    if mean is None:
        total = f"{words.signed(told.total_net_r, 2, 'R')} in {results}"
        if told.total_net_r is None:
            total = _NO_RESULT
        return Line(label=label, value=total, note=_too_few(told.decided), tone=Tone.DIM)
    return Line(
        label=label,
        value=words.signed(mean.value, 2, "R"),
        note=f"{_range(mean)}; {results} after costs, "
        f"{words.signed(told.total_net_r, 1, 'R')} in all",
    )


def _row(name: str, aspect: str, told: PlanFigures) -> TableRow:
    share, mean, run = told.first_target_share, told.mean_net_r, told.worst_run
    reached = f"{told.first_target_reached} of {told.first_target_known}"
    return TableRow(
        id=f"{aspect} {name}",
        cells=(
            Cell(text=name, sub=aspect),
            Cell(text=str(told.plans)),
            Cell(text=str(told.never_entered)),
            Cell(text=str(told.waiting + told.running)),
            Cell(text=str(told.unknown)),
            Cell(
                text=words.MISSING if share is None else _percent(share.value),
                sub=reached if share is None else f"{_percent_range(share)} · {reached}",
            ),
            Cell(
                text=words.MISSING if mean is None else words.signed(mean.value, 2, "R"),
                sub=words.counted(told.decided, "result") if mean is None else _range(mean),
            ),
            Cell(text=words.signed(told.total_net_r, 1, "R")),
            Cell(
                text=words.MISSING if run is None else _losses(run.losses),
                sub="" if run is None else words.signed(run.net_r, 1, "R"),
            ),
        ),
    )


def _too_few(known: int) -> str:
    return f"too few to tell: {LEAST} are needed, {known} are known"


def _losses(count: int) -> str:
    return "1 loss" if count == 1 else f"{count} losses"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _percent_range(share: Estimate) -> str:
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"


def _range(mean: Estimate) -> str:
    return f"{words.signed(mean.low, 2)} to {words.signed(mean.high, 2)}"
