"""Which rows the table shows, in which order, behind which filters."""

from datetime import UTC, datetime, timedelta

import pytest

from common.domain import ClockReply, Cluster, Direction, Fact, OutcomeStep, RejectionKind
from dashboard.core.board import Board
from dashboard.core.merging import merge
from dashboard.core.selection import Filter, Group, Selection, select
from dashboard.core.standing import State
from dashboard.core.venue_time import Instant
from tests.support import facts, sample_market

INSTANT = Instant(wall=datetime(2026, 1, 5, 9, tzinfo=UTC), monotonic=100.0)
ALL = frozenset(Group)
LATER = facts.AS_OF + timedelta(hours=4)


def market(*more: Fact) -> Board:
    told = (*sample_market.scan_facts(), sample_market.marks_fact(), *more)
    clock = ClockReply(now=facts.AS_OF, speed=1.0, next_close=LATER, simulated=True)
    return merge(Board(), told, 100.0).with_clock(facts.VENUE, clock, 100.0)


def symbols(found: Selection) -> list[str]:
    return [row.id.symbol for row in found.rows]


def test_plans_come_by_rank_then_blocked_setups_by_the_strength_of_their_score() -> None:
    found = select(market(), Filter(), INSTANT)

    plans = [row for row in found.rows if row.group is Group.PLANS]
    blocked = [row for row in found.rows if row.group is Group.BLOCKED]
    assert list(found.rows) == plans + blocked
    assert symbols(found)[:3] == ["BTCUSDT", "SOLUSDT", "XRPUSDT"]
    assert [row.id.symbol for row in blocked] == [
        entry[0] for entry in sample_market.BLOCKED[:1]
    ] + [
        "DOGEUSDT",
        "ADAUSDT",
        "SUIUSDT",
        "OPUSDT",
    ]


def test_no_setup_rows_and_ended_plans_are_behind_a_filter_but_counted() -> None:
    found = select(market(), Filter(), INSTANT)

    assert "APTUSDT" not in symbols(found)
    assert "INJUSDT" not in symbols(found)
    assert found.counts[Group.NO_SETUP] == len(sample_market.NO_SETUP)
    assert found.counts[Group.ENDED] == 1
    assert "INJUSDT" in symbols(select(market(), Filter(groups=ALL), INSTANT))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            Filter(direction=Direction.SHORT),
            {"SOLUSDT", "LINKUSDT", "NEARUSDT", "DOGEUSDT", "OPUSDT"},
        ),
        (Filter(states=frozenset({State.MISSED, State.BEYOND_STOP})), {"XRPUSDT", "NEARUSDT"}),
        (Filter(min_confidence=60.0), {"BTCUSDT", "SOLUSDT", "XRPUSDT"}),
        (Filter(search=" pepe "), {"1000PEPEUSDT"}),
        (Filter(venue="bybit"), set()),
        (Filter(groups=frozenset()), set()),
    ],
)
def test_filters_keep_what_they_say(wanted: Filter, expected: set[str]) -> None:
    assert set(symbols(select(market(), wanted, INSTANT))) == expected


def test_an_open_plan_stays_when_the_next_scan_blocks_the_contract() -> None:
    blocked_again = facts.rejection("BTCUSDT", refused="open_plan", as_of=LATER)

    found = select(market(blocked_again), Filter(), INSTANT)

    row = next(row for row in found.rows if row.id.symbol == "BTCUSDT")
    assert row.group is Group.PLANS
    assert row.contract.decision is blocked_again


def test_an_ended_plan_makes_room_for_the_next_rejection() -> None:
    plan = facts.plan("BTCUSDT")
    stopped = facts.outcome(plan, OutcomeStep.STOPPED)
    cooling = facts.rejection("BTCUSDT", refused="cooldown", as_of=LATER)

    found = select(market(stopped, cooling), Filter(groups=ALL), INSTANT)

    assert next(row for row in found.rows if row.id.symbol == "BTCUSDT").group is Group.BLOCKED


def test_rejections_of_an_earlier_scan_are_gone_and_open_plans_are_not() -> None:
    completed = facts.scan_completed(planned=(), blocked=("SUIUSDT",), as_of=LATER)
    again = facts.rejection("SUIUSDT", as_of=LATER)

    found = select(market(again, completed), Filter(groups=ALL), INSTANT)

    rejected = [row.id.symbol for row in found.rows if row.standing is None]
    assert rejected == ["SUIUSDT"]
    assert sum(row.group is Group.PLANS for row in found.rows) == 7


def test_a_contract_without_score_or_confidence_passes_no_confidence_filter() -> None:
    empty = facts.rejection("NEWUSDT", RejectionKind.NO_DATA, refused=None)

    shown = select(market(empty), Filter(groups=ALL), INSTANT)
    filtered = select(market(empty), Filter(groups=ALL, min_confidence=1.0), INSTANT)

    assert "NEWUSDT" in symbols(shown)
    assert "NEWUSDT" not in symbols(filtered)


def one_bet(lead: str, *others: str, direction: Direction = Direction.LONG) -> Cluster:
    return Cluster(lead=lead, direction=direction, symbols=(lead, *others), btc_correlation=0.91)


def clustered(*clusters: Cluster) -> Board:
    """Four longs and a short, ranked in this order."""
    plans = [
        facts.plan(symbol, rank=100.0 - place, confidence=50.0 + place)
        for place, symbol in enumerate(("SOLUSDT", "SUIUSDT", "APTUSDT", "BTCUSDT"))
    ]
    short = facts.plan("XRPUSDT", Direction.SHORT, rank=10.0)
    planned = [one.symbol for one in (*plans, short)]
    completed = facts.scan_completed(planned=planned, blocked=(), clusters=clusters)
    return merge(Board(), [*plans, short, completed], 0.0)


def test_a_cluster_is_one_row_that_names_what_it_stands_for() -> None:
    board = clustered(one_bet("SOLUSDT", "SUIUSDT", "APTUSDT"))

    found = select(board, Filter(), INSTANT)

    assert symbols(found) == ["SOLUSDT", "BTCUSDT", "XRPUSDT"]
    assert [row.folded for row in found.rows] == [("SUIUSDT", "APTUSDT"), (), ()]
    assert found.counts[Group.PLANS] == 5


def test_all_of_a_cluster_is_shown_when_asked_for() -> None:
    board = clustered(one_bet("SOLUSDT", "SUIUSDT", "APTUSDT"))

    found = select(board, Filter(best_of_cluster=False), INSTANT)

    assert symbols(found) == ["SOLUSDT", "SUIUSDT", "APTUSDT", "BTCUSDT", "XRPUSDT"]
    assert {row.folded for row in found.rows} == {()}


def test_of_a_cluster_the_best_of_those_wanted_stands_for_it() -> None:
    board = clustered(one_bet("SOLUSDT", "SUIUSDT", "APTUSDT"))

    assert symbols(select(board, Filter(min_confidence=51.0), INSTANT))[0] == "SUIUSDT"
    assert symbols(select(board, Filter(search="apt"), INSTANT)) == ["APTUSDT"]


def test_a_lead_that_is_over_stands_for_nobody() -> None:
    board = clustered(one_bet("SOLUSDT", "SUIUSDT", "APTUSDT"))
    stopped = facts.outcome(facts.plan("SOLUSDT", rank=100.0, confidence=50.0), OutcomeStep.STOPPED)

    found = select(merge(board, [stopped], 1.0), Filter(groups=ALL), INSTANT)

    rows = {row.id.symbol: row for row in found.rows}
    assert rows["SUIUSDT"].folded == ("APTUSDT",)
    assert rows["SOLUSDT"].group is Group.ENDED
    assert rows["SOLUSDT"].folded == ()


def test_clusters_of_another_scan_fold_nothing() -> None:
    board = clustered()
    symbols_later = ("SOLUSDT", "SUIUSDT")
    later = facts.scan_completed(
        planned=symbols_later, blocked=(), as_of=LATER, clusters=[one_bet(*symbols_later)]
    )

    found = select(merge(board, [later], 1.0), Filter(), INSTANT)

    assert len(found.rows) == 5
