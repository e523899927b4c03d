"""What the analyst says on screen: its answers and their check, its notes, how they fared."""

import re
from datetime import tzinfo
from typing import Final

from common.domain import (
    AnalystNote,
    AnalystRecord,
    AnsweredBy,
    ChatEnd,
    CitedFact,
    ModelRecord,
)
from dashboard.core import words
from dashboard.core.board import Contract
from dashboard.core.sheet import Cell, Column, Line, TableRow, Tone

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&:@=])")
_ADDRESS: Final = re.compile(r"(?<=[a-z]:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
"""Where a bare address begins: it becomes a link even when its signs are escaped."""
_JOINER: Final = "\u2060"
"""Takes no room and allows no line break; no address goes on after it."""


def escaped(text: str) -> str:
    """Write a stranger's words so that markdown shows them as they are: no links, no pictures."""
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(_JOINER, text)).replace("\n", "  \n")


def openings(looked_at: Contract | None) -> tuple[str, ...]:
    """Return questions to begin with, the contract that is being looked at first."""
    general = ("What are the best plans now?", "What changed since the last scan?")
    if looked_at is None or looked_at.decision is None:
        return general
    plan, symbol = looked_at.plan, looked_at.decision.symbol
    if plan is not None and looked_at.has_open_plan:
        return (f"Why is {symbol} {plan.direction}, and what would prove it wrong?", *general)
    return (f"Why is there no plan for {symbol}?", *general)


def byline(end: ChatEnd) -> str:
    """Say who wrote an answer and how the check went, in one line."""
    if end.by is AnsweredBy.TEMPLATE:
        return f"Written from the facts, without the model: {end.notice}"
    checked = _struck(len(end.struck)) if end.struck else "every number checked"
    again = ", asked again" if end.asked_again else ""
    notice = f" · {end.notice}" if end.notice else ""
    return f"{end.model} · {checked}{again}{notice}"


def _struck(count: int) -> str:
    return "1 sentence struck" if count == 1 else f"{count} sentences struck"


def cited_line(fact: CitedFact, zone: tzinfo) -> str:
    """Say what a cited fact is, when it was observed and how old it was."""
    at = fact.observed_at.astimezone(zone)
    return f"{fact.shown} · observed {at:%Y-%m-%d %H:%M:%S %Z} · {fact.age_seconds:.0f} s old"


def note_lines(note: AnalystNote) -> tuple[Line, ...]:
    """Write the reasons of a note, and how many the number check struck."""
    lines = [
        Line(label=f"Reason {place}", value=reason)
        for place, reason in enumerate(note.reasons, start=1)
    ]
    if note.struck:
        lines.append(
            Line(
                label="Struck",
                value=str(len(note.struck)),
                note="sentences whose numbers match no fact",
                tone=Tone.WARN,
            )
        )
    return tuple(lines)


RECORD_COLUMNS: Final = (
    Column(name="model", label="Model"),
    Column(name="verdicts", label="Verdicts", align="right"),
    Column(
        name="agreed",
        label="Agrees, long / short",
        title="Plans it agreed with, of those it judged: a lasting difference is a bias",
        align="right",
    ),
    Column(
        name="disagreement",
        label="Against itself",
        title="Asked again at temperature 0: the mean share of answers that were not the commonest",
        align="right",
    ),
    Column(
        name="mirror",
        label="Turns in the mirror",
        title="Asked again with all prices flipped: how often its argument flipped with them",
        align="right",
    ),
    Column(name="struck", label="Sentences struck", align="right"),
    Column(
        name="result",
        label="Net R, all / without vetoes",
        title="Mean result of the plans it judged, and of those it did not veto, with 95 % "
        "intervals; from 30 results. Plans that were never entered are none.",
        align="right",
    ),
)


def record_rows(record: AnalystRecord) -> tuple[TableRow, ...]:
    """Write how each model's verdicts fared; what cannot be told yet is a dash."""
    return tuple(_record_row(one) for one in record.models)


def _record_row(one: ModelRecord) -> TableRow:
    said = one.reasons + one.reasons_struck
    results = (
        (one.mean_net_r, one.margin_net_r),
        (one.mean_net_r_without_vetoes, one.margin_net_r_without_vetoes),
    )
    return TableRow(
        id=f"{one.model} {one.prompt_version}",
        cells=(
            Cell(text=one.model, sub=f"prompt {one.prompt_version}"),
            Cell(text=str(one.verdicts), order=one.verdicts),
            Cell(text=f"{one.longs_agreed} of {one.longs} / {one.shorts_agreed} of {one.shorts}"),
            Cell(
                text=words.number(one.disagreement, 2),
                sub=f"{one.repeated} asked again",
                order=one.disagreement,
            ),
            Cell(text=f"{one.turned} of {one.mirrored}" if one.mirrored else words.MISSING),
            Cell(text=f"{one.reasons_struck} of {said}" if said else words.MISSING),
            Cell(
                text=" / ".join(_with_margin(mean, margin) for mean, margin in results),
                sub=f"{one.decided} results, {one.unknown} not known, {one.unfilled} not entered",
                order=one.mean_net_r,
            ),
        ),
    )


def _with_margin(mean: float | None, margin: float | None) -> str:
    within = "" if margin is None else f" ± {words.number(margin, 2)}"
    return words.signed(mean, 2) + within + ("" if mean is None else " R")


def exported(name: str, texts: tuple[tuple[str, str], ...]) -> str:
    """Write a conversation as plain text to keep."""
    told = "\n\n".join(f"{role}: {text}" for role, text in texts)
    return f"{name}\n\n{told}\n"
