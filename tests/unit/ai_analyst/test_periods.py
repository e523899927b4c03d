"""Which time a question speaks of."""

from datetime import UTC, datetime, timedelta

import pytest

from ai_analyst.core.periods import EVER, Period, period_of

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    [
        "What did you say about SOL yesterday?",
        "apa katamu tentang SOL kemarin?",
    ],
)
def test_yesterday_is_the_utc_day_before(question: str) -> None:
    assert period_of(question, NOW) == Period(MIDNIGHT - timedelta(days=1), MIDNIGHT)


@pytest.mark.parametrize("question", ["what was blocked today?", "apa yang diblokir hari ini?"])
def test_today_begins_at_midnight_utc(question: str) -> None:
    assert period_of(question, NOW).since == MIDNIGHT


@pytest.mark.parametrize(
    ("question", "span"),
    [
        ("what did you think 3 hours ago?", timedelta(hours=3)),
        ("pendapatmu 3 jam lalu?", timedelta(hours=3)),
        ("pendapatmu 3 jam yang lalu?", timedelta(hours=3)),
        ("verdicts in the last 2 days", timedelta(days=2)),
        ("dalam 2 hari", timedelta(days=2)),
        ("how did last week go?", timedelta(days=7)),
        ("minggu lalu bagaimana?", timedelta(days=7)),
        ("this week", timedelta(days=7)),
    ],
)
def test_a_span_is_counted_back_from_now(question: str, span: timedelta) -> None:
    assert period_of(question, NOW).since == NOW - span


@pytest.mark.parametrize(
    "question", ["Why is SOL long?", "the 4h ADX", "Is today's best long BTC? 24 hours"]
)
def test_a_question_that_names_no_time_means_all_of_it(question: str) -> None:
    expected = MIDNIGHT if "today" in question else EVER.since

    assert period_of(question, NOW).since == expected


def test_a_period_holds_its_first_moment_and_not_its_last() -> None:
    day = Period(MIDNIGHT, MIDNIGHT + timedelta(days=1))

    assert MIDNIGHT in day
    assert day.until not in day
