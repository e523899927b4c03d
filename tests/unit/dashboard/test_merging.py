"""Facts onto the board: out of order, doubled, too many."""

from datetime import timedelta
from itertools import permutations

from common.domain import ClockReply, Direction, Fact, OutcomeStep
from dashboard.core.board import Board, ContractId, Limits
from dashboard.core.merging import merge
from tests.support import facts

BTC = ContractId(facts.VENUE, "BTCUSDT")
LATER = facts.AS_OF + timedelta(hours=4)


def board_of(*told: Fact, limits: Limits | None = None, at: float = 1.0) -> Board:
    return merge(Board(limits=limits or Limits()), told, at)


def test_the_newest_decision_counts_in_whatever_order_they_come() -> None:
    old = facts.plan()
    new = facts.rejection("BTCUSDT", as_of=LATER)
    forced = facts.rejection("BTCUSDT", as_of=LATER, number=1)

    for order in permutations((old, new, forced)):
        contract = board_of(*order).contracts[BTC]
        assert contract.decision is forced
        assert contract.plan is old


def test_a_note_counts_for_the_decision_it_was_written_on_only() -> None:
    old, new = facts.plan(), facts.plan(as_of=LATER)
    contract = board_of(old, facts.note(old)).contracts[BTC]
    later = board_of(new, old, facts.note(new), facts.note(old)).contracts[BTC]

    assert contract.note_on(old) == facts.note(old)
    assert contract.note_on(new) is None
    assert later.note_on(new) == facts.note(new)


def test_one_batch_or_many_lead_to_the_same_board() -> None:
    told = (
        facts.plan(),
        facts.signal(),
        facts.marks({"BTCUSDT": 100.0}),
        facts.scan_started(),
        facts.scan_completed(),
        facts.heartbeat(),
        facts.dead_letter(),
    )
    one_by_one = Board()
    for fact in told:
        one_by_one = merge(one_by_one, [fact], 1.0)

    together = board_of(*told)
    assert together.contracts == one_by_one.contracts
    assert together.scans == one_by_one.scans
    assert together.marks == one_by_one.marks
    assert together.dead_letters == one_by_one.dead_letters


def test_a_board_that_was_read_never_changes() -> None:
    before = board_of(facts.plan())

    merge(before, [facts.plan("ETHUSDT"), facts.scan_completed(), facts.dead_letter()], 2.0)

    assert set(before.contracts) == {BTC}
    assert before.scans == ()
    assert before.dead_letters == ()


def test_older_marks_do_not_replace_newer_ones() -> None:
    newer = facts.marks({"BTCUSDT": 101.0}, at=LATER)
    older = facts.marks({"BTCUSDT": 99.0})

    assert board_of(newer, older).mark(BTC) == 101.0
    assert board_of(older, newer).mark(BTC) == 101.0


def test_older_derivatives_do_not_replace_newer_ones() -> None:
    newer = facts.derivatives(observed_at=LATER)

    assert board_of(newer, facts.derivatives()).contracts[BTC].derivatives is newer


def test_an_outcome_before_its_plan_still_belongs_to_it() -> None:
    plan = facts.plan()
    stopped = facts.outcome(plan, OutcomeStep.STOPPED)

    contract = board_of(stopped, plan).contracts[BTC]

    assert contract.plan_outcomes == (stopped,)


def test_outcomes_of_an_earlier_plan_do_not_touch_the_new_one() -> None:
    old, new = facts.plan(), facts.plan(direction=Direction.SHORT, as_of=LATER)

    contract = board_of(old, facts.outcome(old, OutcomeStep.INVALIDATED), new).contracts[BTC]

    assert contract.plan is new
    assert contract.plan_outcomes == ()


def test_a_redelivered_outcome_is_kept_once_and_outcomes_are_bounded() -> None:
    plan = facts.plan()
    steps = [facts.outcome(plan, step) for step in OutcomeStep]

    contract = board_of(plan, *steps, *steps).contracts[BTC]

    assert len(contract.outcomes) == 8
    assert len({step.key for step in contract.outcomes}) == 8


def test_a_scan_is_one_whether_start_or_completion_comes_first() -> None:
    started, completed = facts.scan_started(), facts.scan_completed()

    for order in permutations((started, completed)):
        (scan,) = board_of(*order).scans
        assert (scan.started, scan.completed) == (started, completed)


def test_memory_is_bounded_and_what_is_oldest_leaves() -> None:
    told = [
        facts.plan(f"C{place}USDT", as_of=facts.AS_OF + timedelta(hours=place))
        for place in range(30)
    ]
    scans = [facts.scan_completed(as_of=facts.AS_OF + timedelta(hours=n)) for n in range(30)]
    letters = [facts.dead_letter(sequence=number) for number in range(30)]

    board = board_of(*told, *scans, *letters, limits=Limits(contracts=10, scans=5, dead_letters=7))

    assert {key.symbol for key in board.contracts} == {f"C{place}USDT" for place in range(20, 30)}
    assert [scan.as_of for scan in board.scans] == sorted(
        (scan.as_of for scan in scans[-5:]), reverse=True
    )
    assert [letter.stream_sequence for letter in board.dead_letters] == list(range(29, 22, -1))


def test_instances_that_come_and_go_do_not_pile_up() -> None:
    board = Board()
    for number in range(300):
        beat = facts.heartbeat(instance=str(number))
        board = merge(board, [beat], float(number))

    assert len(board.heartbeats) == 200
    assert ("fetcher", "299") in board.heartbeats


def test_a_simulated_venue_is_known_from_any_fact_or_from_its_clock() -> None:
    clock = ClockReply(now=facts.AS_OF, speed=60.0, next_close=LATER, simulated=True)

    assert board_of(facts.marks({})).simulated_venues == {facts.VENUE}
    assert Board().with_clock("bybit", clock, 1.0).simulated_venues == {"bybit"}
    assert board_of(facts.plan(simulated=False)).simulated_venues == frozenset()


def test_the_version_rises_with_every_change() -> None:
    first = board_of(facts.plan())

    assert merge(first, [facts.marks({})], 2.0).version > first.version


def test_the_end_that_was_seen_last_and_the_newest_universe_count() -> None:
    first = facts.delisting("BTCUSDT")
    put_off = first.model_copy(
        update={"ends_at": first.ends_at + timedelta(days=7), "observed_at": LATER}
    )
    today = facts.universe_snapshot()
    tomorrow = facts.universe_snapshot(as_of=facts.AS_OF + timedelta(days=1))

    for order in permutations((first, put_off, today, tomorrow)):
        board = board_of(*order)
        assert board.contracts[BTC].delisting is put_off
        assert board.universes == {facts.VENUE: tomorrow}
