"""How plans ended, newest first, in a table."""

from datetime import tzinfo
from typing import Final

from common.domain import Outcome
from dashboard.core import words
from dashboard.core.board import Board
from dashboard.core.explain import source
from dashboard.core.sheet import Cell, Column, TableRow, Tone
from dashboard.core.table import side

ENDING_COLUMNS: Final = (
    Column(name="ended", label="Ended"),
    Column(name="symbol", label="Contract"),
    Column(name="side", label="Side"),
    Column(name="how", label="How"),
    Column(name="price", label="Price", align="right"),
    Column(
        name="net_r",
        label="Net R",
        title="After fees, spread, slippage and funding, which a stop costs too: it is −1; a dash "
        "where nothing was entered or it cannot be known",
        align="right",
    ),
    Column(name="scan", label="Planned by", rank=2),
)
_SHOWN: Final = 100


def ending_rows(board: Board, zone: tzinfo) -> tuple[TableRow, ...]:
    """Write the ends that were heard of."""
    ends = [
        step
        for contract in board.contracts.values()
        for step in contract.outcomes
        if step.step.final
    ]
    ends.sort(key=lambda end: (end.occurred_at, end.key), reverse=True)
    return tuple(_row(end, zone) for end in ends[:_SHOWN])


def _row(end: Outcome, zone: tzinfo) -> TableRow:
    how = words.plain(end.step)
    gross, net = (None, None) if end.never_entered else (end.gross_r, end.net_r)
    tone = Tone.PLAIN if not net else Tone.LONG if net > 0 else Tone.SHORT
    return TableRow(
        id=end.key,
        cells=(
            Cell(text=words.moment(end.occurred_at, zone), order=end.occurred_at.timestamp()),
            Cell(text=end.symbol, sub=end.venue, kind="symbol", order=end.symbol),
            side(end.direction),
            Cell(text=how, sub=source(end.source) if end.source else "", order=how),
            Cell(text=words.price(end.price)),
            Cell(
                text=words.signed(net, 2, "R"),
                sub=f"gross {words.signed(gross, 2)}",
                tone=tone,
                order=net,
            ),
            Cell(text=end.scan_id, tone=Tone.DIM),
        ),
    )
