"""The strip above the table, the scans page and the system page."""

from datetime import UTC, datetime, timedelta

from common.domain import ClockReply, Fact, Failure, OutcomeStep, ServiceState
from dashboard.core import operations
from dashboard.core.board import Board
from dashboard.core.merging import merge
from dashboard.core.overview import Tile, failures_sentence, tiles, universe_sentence
from dashboard.core.venue_time import Instant, venue_time
from tests.support import facts

FAILED = Failure(symbol="TIAUSDT", stage="fetcher", reason="the venue answered 500")


def at(monotonic: float) -> Instant:
    return Instant(wall=datetime(2026, 1, 5, 9, tzinfo=UTC), monotonic=monotonic)


def board_of(*told: Fact, minutes: float = 21.0, speed: float = 1.0) -> Board:
    clock = ClockReply(
        now=facts.AS_OF + timedelta(minutes=minutes),
        speed=speed,
        next_close=facts.AS_OF + timedelta(hours=4),
        simulated=True,
    )
    return merge(Board(), told, 0.0).with_clock(facts.VENUE, clock, 0.0)


def strip(board: Board, now: float = 0.0) -> dict[str, Tile]:
    time = venue_time(board, facts.VENUE, at(now))
    return {tile.label: tile for tile in tiles(board, facts.VENUE, time, UTC)}


def test_the_countdown_runs_in_venue_time() -> None:
    tile = strip(board_of(facts.scan_completed(), speed=60.0), now=60.0)["Next scan"]

    assert tile.value == "2h 39m"
    assert tile.countdown == {"milliseconds": 159 * 60 * 1000, "speed": 60.0}
    assert tile.note == "at Mon 05 Jan 12:00"


def test_a_scan_that_is_due_is_not_counted_below_zero() -> None:
    tile = strip(board_of(facts.scan_completed(), minutes=241.0))["Next scan"]

    assert (tile.value, tile.countdown) == ("due now", None)


def test_nothing_told_yet_is_dashes() -> None:
    time = venue_time(Board(), facts.VENUE, at(0.0))

    assert {tile.value for tile in tiles(Board(), facts.VENUE, time, UTC)} == {"—"}


def test_the_last_scan_accounts_for_its_universe() -> None:
    completed = facts.scan_completed(no_setup=("A", "B"), failures=[FAILED])
    shown = strip(board_of(completed))

    assert universe_sentence(completed) == "5 = 1 plan + 3 rejections + 1 failure"
    assert shown["Universe"].value == "5 contracts"
    assert shown["Universe"].title == "failed: TIAUSDT"
    assert shown["Last scan"].note == "scheduled · took 6.4 s · 21m ago"
    assert shown["Breadth"].value == "62% long"
    assert shown["BTC trend"].value == "+34"


def test_open_plans_of_any_scan_are_counted_and_ended_ones_are_not() -> None:
    older = facts.plan("ETHUSDT", as_of=facts.AS_OF - timedelta(hours=4))
    ended = facts.plan("XRPUSDT")
    told = board_of(
        facts.scan_completed(),
        facts.plan(),
        older,
        ended,
        facts.outcome(ended, OutcomeStep.STOPPED),
    )

    tile = strip(told)["Open plans"]

    assert (tile.value, tile.note) == ("2", "1 of the last close")


def test_a_running_scan_is_shown_as_running() -> None:
    later = facts.AS_OF + timedelta(hours=4)
    shown = strip(board_of(facts.scan_completed(), facts.scan_started(as_of=later)))

    assert shown["Scan running"].value == "2 contracts"


def test_failures_are_named_and_many_are_cut() -> None:
    many = [Failure(symbol=f"C{n}", stage="signals", reason="deadline") for n in range(5)]

    assert failures_sentence(facts.scan_completed(failures=[FAILED])) == (
        "No decision for TIAUSDT (fetcher: the venue answered 500)"
    )
    assert failures_sentence(facts.scan_completed(failures=many)).endswith("deadline) and 2 more")
    assert failures_sentence(facts.scan_completed()) == ""
    assert failures_sentence(None) == ""


def test_several_venues_are_told_apart() -> None:
    board = board_of(facts.scan_completed(), facts.scan_completed(venue="bybit"))

    assert "Next scan · binance" in strip(board)


def test_the_history_lists_scans_newest_first_with_their_counts() -> None:
    later = facts.AS_OF + timedelta(hours=4)
    board = board_of(facts.scan_completed(failures=[FAILED]), facts.scan_started(as_of=later))

    running, completed = operations.scan_rows(board, UTC)

    assert [cell.text for cell in running.cells][:5] == [
        "Mon 05 Jan 12:00",
        "binance",
        "scheduled",
        "◔ running",
        "—",
    ]
    assert [cell.text for cell in completed.cells][3:11] == [
        "✓ completed",
        "1",
        "1",
        "0",
        "0",
        "1",
        "3",
        "6.4 s",
    ]
    assert len(running.cells) == len(completed.cells) == len(operations.SCAN_COLUMNS)


def test_failures_of_every_scan_are_listed_with_their_stage_and_reason() -> None:
    (row,) = operations.failure_rows(board_of(facts.scan_completed(failures=[FAILED])))

    assert [cell.text for cell in row.cells][:3] == ["TIAUSDT", "fetcher", "the venue answered 500"]


def test_services_are_running_silent_degraded_or_never_heard() -> None:
    ill = facts.heartbeat("planner", state=ServiceState.DEGRADED, detail="no Postgres")
    board = merge(
        board_of(facts.heartbeat("fetcher")), [ill, facts.resource_usage("planner")], 20.0
    )

    rows = operations.service_rows(board, ("fetcher", "recorder"), 15.0, at(21.0))

    shown = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in rows}
    assert shown["fetcher"][:2] == ["✕ silent", "21s ago"]
    assert shown["planner"] == [
        "▲ degraded",
        "1s ago",
        "9.0 s",
        "0.15",
        "172 MB",
        "4 ms",
        "0",
        "41",
    ]
    assert shown["recorder"][0] == "✕ never heard"
    assert set(shown["fetcher"][2:]) == {"—"}


def test_an_instance_that_another_has_replaced_is_gone_and_then_forgotten() -> None:
    board = merge(board_of(facts.heartbeat("fetcher", instance="old")), [], 0.0)
    board = merge(board, [facts.heartbeat("fetcher", instance="new")], 20.0)
    later = merge(board, [facts.heartbeat("fetcher", instance="new")], 620.0)

    now = operations.service_rows(board, ("fetcher",), 15.0, at(21.0))
    then = operations.service_rows(later, ("fetcher",), 15.0, at(621.0))

    assert [(row.cells[0].sub, row.cells[1].text) for row in now] == [
        ("new", "● running"),
        ("old", "◌ gone"),
    ]
    assert [row.cells[0].sub for row in then] == ["new"]


def test_dead_letters_say_what_could_not_be_handled() -> None:
    (row,) = operations.letter_rows(board_of(facts.dead_letter()))

    assert [cell.text for cell in row.cells] == [
        "signals",
        "indicators.frame.binance.BTCUSDT",
        "IndicatorFrame/1",
        "close must be positive, was -1",
        "5",
        "7",
    ]
