"""Banners: who is silent, what is late, how old prices are."""

from datetime import UTC, datetime, timedelta

from common.domain import ClockReply, Fact, OutcomeStep, ServiceState
from dashboard.core.board import Board
from dashboard.core.health import Link, Patience, alerts
from dashboard.core.merging import merge
from dashboard.core.sheet import Tone
from dashboard.core.venue_time import Instant, venue_time
from tests.support import facts

CONNECTED = Link(connected=True, since=0.0)
PATIENCE = Patience(heartbeat=15.0, marks=30.0, scan=120.0, services=("fetcher",))
WALL = datetime(2030, 1, 1, tzinfo=UTC)


def at(monotonic: float) -> Instant:
    return Instant(wall=WALL, monotonic=monotonic)


def told(*more: Fact, heard_at: float = 100.0) -> Board:
    always = (facts.heartbeat("fetcher"), facts.marks({"BTCUSDT": 100.0}))
    return merge(Board(), (*always, *more), heard_at)


def texts(board: Board, now: float, link: Link = CONNECTED) -> list[str]:
    return [alert.text for alert in alerts(board, link, PATIENCE, at(now))]


def clock(now: datetime, *, speed: float = 1.0) -> ClockReply:
    return ClockReply(now=now, speed=speed, next_close=None, simulated=True)


def test_nothing_is_said_while_all_is_well() -> None:
    assert texts(told(facts.scan_completed()), 110.0) == []


def test_a_service_silent_for_longer_than_its_patience_is_named() -> None:
    assert texts(told(), 114.9) == []
    assert texts(told(), 116.0) == ["fetcher has been silent for 16s"]


def test_several_silent_services_are_one_sentence() -> None:
    board = told(facts.heartbeat("planner"))

    assert texts(board, 116.0) == [
        "fetcher has been silent for 16s · planner has been silent for 16s"
    ]


def test_a_replica_that_still_speaks_speaks_for_its_service() -> None:
    board = merge(told(), [facts.heartbeat("fetcher", instance="2")], 114.0)

    assert texts(board, 120.0) == []


def test_an_expected_service_never_heard_is_missed_once_we_have_listened_long_enough() -> None:
    board = Board()

    assert texts(board, 14.0) == []
    assert texts(board, 16.0) == ["fetcher has been silent since we listen"]


def test_silence_before_the_broker_came_back_is_not_held_against_a_service() -> None:
    reconnected = Link(connected=True, since=200.0)

    assert texts(told(), 210.0, reconnected) == []
    assert "fetcher has been silent for 16s" in texts(told(), 216.0, reconnected)


def test_an_instance_removed_long_ago_is_forgotten_unless_it_is_expected() -> None:
    board = merge(told(), [facts.heartbeat("notifier")], 100.0)
    alive = merge(board, [facts.heartbeat("fetcher"), facts.marks({}, at=WALL)], 800.0)

    assert texts(alive, 801.0) == []


def test_a_degraded_service_says_why() -> None:
    ill = facts.heartbeat("fetcher", state=ServiceState.DEGRADED, detail="the venue cools us down")
    board = merge(told(), [ill], 101.0)

    (alert,) = alerts(board, CONNECTED, PATIENCE, at(102.0))

    assert alert.tone is Tone.WARN
    assert alert.text == "fetcher is degraded: the venue cools us down"


def test_a_broker_out_of_reach_is_the_only_thing_said() -> None:
    gone = Link(connected=False, since=40.0, detail="connection refused")

    (text,) = texts(Board(), 160.0, gone)

    assert text.startswith("NATS has been out of reach for 2m (connection refused).")


def test_a_scan_is_late_by_wall_time_whatever_the_venues_speed() -> None:
    board = told(facts.scan_completed())
    due = facts.AS_OF + timedelta(hours=4)
    fast = board.with_clock(facts.VENUE, clock(due, speed=600.0), 100.0)

    assert texts(fast, 105.0) == []
    late = merge(fast, [facts.heartbeat("fetcher"), facts.marks({}, at=due)], 225.0)
    assert texts(late, 225.0) == ["binance: the scan due at 12:00 UTC is 2m late"]


def test_a_scan_that_runs_is_not_late_until_its_deadline_has_passed() -> None:
    due = facts.AS_OF + timedelta(hours=4)
    board = told(facts.scan_completed(), facts.scan_started(as_of=due))
    running = board.with_clock(facts.VENUE, clock(due + timedelta(minutes=6)), 100.0)
    stuck = board.with_clock(facts.VENUE, clock(due + timedelta(minutes=8)), 100.0)

    assert texts(running, 100.0) == []
    assert texts(stuck, 100.0) == [
        "binance: scan binance.20260105T120000Z.scheduled.0 has not been completed"
    ]


def test_old_mark_prices_are_called_old_and_missing_ones_missing() -> None:
    board = merge(told(facts.scan_completed()), [facts.heartbeat("fetcher")], 130.0)
    without = merge(Board(), [facts.scan_completed(), facts.heartbeat("fetcher")], 100.0)

    assert texts(board, 131.0) == ["binance: mark prices are 31s old"]
    assert texts(without, 100.0) == ["binance: no mark prices have been told yet"]


def test_venue_time_is_the_clocks_answer_carried_on_at_its_speed() -> None:
    board = told().with_clock(facts.VENUE, clock(facts.AS_OF, speed=60.0), 100.0)

    time = venue_time(board, facts.VENUE, at(110.0))

    assert time.now == facts.AS_OF + timedelta(minutes=10)
    assert time.age(facts.AS_OF) == timedelta(minutes=10)
    assert time.age(facts.AS_OF + timedelta(days=1)) == timedelta(0)


def test_without_a_clock_a_simulated_venue_is_as_late_as_its_marks_and_a_live_one_is_now() -> None:
    simulated = told(facts.scan_completed())
    untimed = merge(Board(), [facts.scan_completed()], 1.0)

    assert venue_time(simulated, facts.VENUE, at(100.0)).now == facts.AS_OF
    assert venue_time(untimed, facts.VENUE, at(100.0)).now is None
    assert venue_time(untimed, facts.VENUE, at(100.0)).age(facts.AS_OF) is None
    assert venue_time(Board(), "kraken", at(100.0)).now == WALL


def test_an_open_plan_on_a_contract_that_is_about_to_end_is_told() -> None:
    plan = facts.plan("ETHUSDT")
    board = told(plan, facts.delisting("ETHUSDT"), facts.delisting("SOLUSDT"))

    (text,) = texts(board, 110.0)
    assert text == (
        "binance: the open plan on ETHUSDT must end: "
        "delisting announced: trading ends Mon 12 Jan 08:00 UTC"
    )
    assert texts(merge(board, [facts.outcome(plan, OutcomeStep.STOPPED)], 100.0), 110.0) == []


def test_an_end_that_is_past_is_told_no_more() -> None:
    board = told(facts.plan("ETHUSDT"), facts.delisting("ETHUSDT"))
    after = board.with_clock("binance", clock(facts.AS_OF + timedelta(days=8)), 100.0)

    assert not [text for text in texts(after, 100.0) if "delisting" in text]
