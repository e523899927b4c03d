"""The small table of what each venue lists."""

from datetime import UTC

from common.domain import Exclusion, ExclusionRule
from dashboard.core.board import Board
from dashboard.core.listings import universe_rows
from dashboard.core.merging import merge
from tests.support import facts


def test_a_venues_day_is_counted_with_what_left_contracts_out() -> None:
    rank = Exclusion(rule=ExclusionRule.RANK, reason="rank by turnover must be within 1, was 2")
    end = Exclusion(rule=ExclusionRule.DELISTING, reason="its end must not be announced")
    snapshot = facts.universe_snapshot(
        facts.listed("AUSDT", excluded=rank),
        facts.listed("BUSDT"),
        facts.listed("CUSDT", excluded=rank),
        facts.listed("DUSDT", excluded=end),
        unreadable={"EUSDT": "its listing cannot be read"},
    )

    (row,) = universe_rows(merge(Board(), [snapshot], 1.0), UTC)

    assert [cell.text for cell in row.cells] == [
        "binance",
        "2026-01-05",
        "1",
        "5",
        "2 beyond the most traded · 1 about to be delisted · 1 unreadable",
    ]
    assert row.cells[1].sub == "read Mon 05 Jan 08:00"
