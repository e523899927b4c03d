"""How plans ended: every end once, newest first; what is not known is a dash."""

from datetime import UTC, timedelta

from common.domain import Direction, OutcomeStep, Source
from dashboard.core.board import Board
from dashboard.core.endings import ending_rows
from dashboard.core.merging import merge
from dashboard.core.sheet import Tone
from tests.support import facts


def test_a_plan_that_was_never_entered_shows_no_result() -> None:
    missed = facts.outcome(facts.plan(), OutcomeStep.NOT_FILLED).model_copy(
        update={"price": None, "gross_r": 0.0, "net_r": 0.0}
    )

    (row,) = ending_rows(merge(Board(), (missed,), 1.0), UTC)

    assert (row.cells[4].text, row.cells[5].text, row.cells[5].sub) == ("—", "—", "gross —")


def test_ends_are_told_newest_first_and_steps_before_them_are_not() -> None:
    stopped, open_still = facts.plan(), facts.plan("SOLUSDT", Direction.SHORT)
    delisted = facts.plan("ETHUSDT", Direction.SHORT)
    told = (
        facts.outcome(stopped, OutcomeStep.FILLED),
        facts.outcome(stopped, OutcomeStep.STOPPED, after=timedelta(hours=2)),
        facts.outcome(open_still, OutcomeStep.TP1),
        facts.outcome(delisted, OutcomeStep.DELISTED, after=timedelta(hours=3)),
    )

    rows = ending_rows(merge(Board(), told, 1.0), UTC)

    assert [[cell.text for cell in row.cells] for row in rows] == [
        ["Mon 05 Jan 11:00", "ETHUSDT", "▼ Short", "delisted", "100.00", "—", delisted.scan_id],
        ["Mon 05 Jan 10:00", "BTCUSDT", "▲ Long", "stopped", "100.00", "−1.10 R", stopped.scan_id],
    ]
    assert rows[1].cells[5].tone is Tone.SHORT
    assert rows[0].cells[5].order is None, "what is not known is sorted last"


def test_an_end_seen_on_another_markets_candles_says_so() -> None:
    ends = [
        facts.outcome(facts.plan(symbol), OutcomeStep.STOPPED).model_copy(update={"source": source})
        for symbol, source in (("BTCUSDT", Source.VENUE), ("ETHUSDT", Source.OTHER_VENUE))
    ]
    rows = ending_rows(merge(Board(), ends, 1.0), UTC)

    assert {row.cells[1].text: row.cells[3].sub for row in rows} == {
        "BTCUSDT": "",
        "ETHUSDT": "another venue's candles",
    }
