"""The judge of the soaks and fault suites must see what it looks for."""

from collections import Counter
from dataclasses import replace

import pytest

from common.domain import Fact, ScanKind, ScanStarted
from tests.soak.evidence import Evidence, expected_rows
from tests.soak.invariants import breaches
from tests.soak.measuring import Sample, lags, leaks, slope
from tests.support import facts

PLAN = facts.plan("BTCUSDT")
REJECTION = facts.rejection("ETHUSDT")
ENDED = facts.scan_completed(planned=["BTCUSDT"], blocked=["ETHUSDT"])
STARTED = ScanStarted(
    venue=ENDED.venue,
    simulated=ENDED.simulated,
    scan_id=ENDED.scan_id,
    kind=ScanKind.SCHEDULED,
    as_of=ENDED.as_of,
    deadline=PLAN.expires_at,
    symbols=("BTCUSDT", "ETHUSDT"),
)
TOLD: list[Fact] = [STARTED, PLAN, REJECTION, ENDED]
OPEN = frozenset({(PLAN.symbol, PLAN.scan_id)})


def books(told: list[Fact], **changes: object) -> Evidence:
    fair = Evidence(
        facts=told,
        rows=expected_rows(told),
        open_in_postgres=OPEN,
        watched=frozenset({"BTCUSDT"}),
    )
    return replace(fair, **changes)  # type: ignore[arg-type]  # any field


def test_fair_books_have_no_breach() -> None:
    assert breaches(books(TOLD)) == []


def test_a_fact_told_twice_is_found() -> None:
    found = breaches(books([*TOLD, REJECTION]))

    assert any(one == f"{REJECTION.key} lies 2 times in its stream" for one in found)


@pytest.mark.parametrize("lost", [STARTED, PLAN, REJECTION, ENDED], ids=lambda fact: fact.key)
def test_a_fact_lost_by_the_stream_is_found(lost: Fact) -> None:
    assert breaches(books([fact for fact in TOLD if fact is not lost], rows=expected_rows(TOLD)))


def test_a_row_lost_doubled_or_changed_in_postgres_is_found() -> None:
    rows = expected_rows(TOLD)
    (first, second) = rows["decisions"]

    for decisions in ([first], [first, second, second], [first, "{}"]):
        wrong = books(TOLD, rows={**rows, "decisions": Counter(decisions)})
        assert any(one.startswith("decisions ") for one in breaches(wrong))


def test_a_dead_letter_nobody_planted_is_found_and_one_planted_is_expected() -> None:
    told, planted = [*TOLD, facts.dead_letter()], frozenset({("FRAMES", 7, "signals")})

    assert len(breaches(books(told))) == 1
    assert breaches(books(told, poison=planted)) == []
    assert len(breaches(books(TOLD, poison=planted))) == 1


def test_an_open_plan_that_postgres_or_the_planner_does_not_know_is_found() -> None:
    assert len(breaches(books(TOLD, open_in_postgres=frozenset()))) == 1
    assert len(breaches(books(TOLD, watched=frozenset()))) == 1


def test_a_slope_is_not_moved_by_one_outlier() -> None:
    assert slope([100.0 + 2 * place for place in range(20)]) == 2.0
    assert slope([100.0, 100.0, 900.0, 100.0, 100.0]) == 0.0


def test_memory_that_grows_scan_by_scan_is_told() -> None:
    steady, growing = (
        [_sample(number, rss_mb=100.0 + step * number) for number in range(100)]
        for step in (0.0, 0.1)
    )

    assert list(leaks(steady, 8.0)) == []
    assert list(leaks(growing, 8.0)) == ["planner grew by 9.9 MB, 8.0 is allowed"]


def test_lag_must_be_worked_off_in_time_and_must_not_grow() -> None:
    swaying = [_sample(number, waiting=3000 + 200 * (number % 2)) for number in range(100)]
    growing = [_sample(number, waiting=1000 + 5 * number) for number in range(100)]
    slow = [_sample(number, drained=40.0 if number == 7 else 2.0) for number in range(100)]

    assert list(lags(swaying, 30.0)) == []
    assert list(lags(growing, 30.0)) == [
        "495 more messages wait at the end than at first, 312 are allowed"
    ]
    assert list(lags(slow, 30.0)) == ["scan 7 left 0 messages that took 40 s, 30 are allowed"]


def _sample(
    number: int, *, rss_mb: float = 100.0, waiting: int = 0, drained: float = 1.0
) -> Sample:
    return Sample(
        scan=number,
        as_of="",
        wall_seconds=float(number),
        scan_seconds=1.0,
        waiting=waiting,
        drained_seconds=drained,
        rss_mb={"planner": rss_mb},
    )
