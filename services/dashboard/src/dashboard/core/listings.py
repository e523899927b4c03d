"""What each venue lists and scans, in a small table; announced ends in sentences."""

from collections import Counter
from datetime import tzinfo
from typing import Final

from common.domain import Delisting, ExclusionRule, UniverseSnapshot
from dashboard.core import words
from dashboard.core.board import Board
from dashboard.core.sheet import Cell, Column, TableRow, Tone

UNIVERSE_COLUMNS: Final = (
    Column(name="venue", label="Venue"),
    Column(name="day", label="UTC day"),
    Column(name="scanned", label="Scanned", align="right"),
    Column(name="listed", label="Listed", align="right"),
    Column(name="left_out", label="Left out", rank=2),
)
_RULES: Final = {
    ExclusionRule.UNDERLYING: "follow no coin",
    ExclusionRule.DATED: "dated futures",
    ExclusionRule.QUOTE: "in another quote",
    ExclusionRule.STABLECOIN: "stablecoins",
    ExclusionRule.STATUS: "not trading",
    ExclusionRule.DELISTING: "about to be delisted",
    ExclusionRule.AGE: "too young",
    ExclusionRule.TURNOVER: "traded too little",
    ExclusionRule.SPREAD: "with too wide a spread",
    ExclusionRule.RANK: "beyond the most traded",
}
"""Rules whose name alone does not say why a contract is left out."""


def universe_rows(board: Board, zone: tzinfo) -> tuple[TableRow, ...]:
    """Write each venue's last snapshot: how many are scanned, and why the others are not."""
    return tuple(_row(snapshot, zone) for _, snapshot in sorted(board.universes.items()))


def delisting_sentence(delisting: Delisting, zone: tzinfo) -> str:
    """Say that a contract ends, and when."""
    return f"delisting announced: trading ends {words.moment(delisting.ends_at, zone)}"


def _row(snapshot: UniverseSnapshot, zone: tzinfo) -> TableRow:
    rules = Counter(one.excluded.rule for one in snapshot.contracts if one.excluded is not None)
    left_out = [
        f"{count} {_RULES.get(rule, words.plain(rule))}" for rule, count in rules.most_common()
    ]
    if snapshot.unreadable:
        left_out.append(f"{len(snapshot.unreadable)} unreadable")
    return TableRow(
        id=snapshot.venue,
        cells=(
            Cell(text=snapshot.venue),
            Cell(text=f"{snapshot.day}", sub=f"read {words.moment(snapshot.as_of, zone)}"),
            Cell(text=str(len(snapshot.included))),
            Cell(text=str(len(snapshot.contracts) + len(snapshot.unreadable))),
            Cell(text=" · ".join(left_out) or words.MISSING, kind="wrap", tone=Tone.DIM),
        ),
    )
