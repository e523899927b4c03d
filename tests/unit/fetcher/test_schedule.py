from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import Timeframe
from fetcher.core.schedule import Schedule, deadline

DEFAULT = "0 7,11,15,19,23,3 * * *"
STEP = timedelta(minutes=15)


def schedule(
    cron: str = DEFAULT,
    timezone: str = "Asia/Ho_Chi_Minh",
    trigger: Timeframe = Timeframe.H4,
    delay: float = 5.0,
) -> Schedule:
    return Schedule(cron=cron, timezone=timezone, trigger=trigger, delay=timedelta(seconds=delay))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_default_schedule_is_every_four_hour_close() -> None:
    one, closes = schedule(), []
    now = at("2026-03-09T23:59:59")
    for _ in range(7):
        tick = one.next_tick(now)
        assert tick is not None
        closes.append(tick)
        now = tick

    assert closes == [at("2026-03-10T00:00") + timedelta(hours=4 * step) for step in range(7)]


def test_a_scan_is_due_a_few_seconds_after_the_close() -> None:
    one = schedule()

    assert one.newest_due(at("2026-03-10T08:00:04.999")) == at("2026-03-10T04:00")
    assert one.newest_due(at("2026-03-10T08:00:05")) == at("2026-03-10T08:00")
    assert one.next_start(at("2026-03-10T08:00:01")) == at("2026-03-10T08:00:05")
    assert one.next_start(at("2026-03-10T08:00:05")) == at("2026-03-10T12:00:05")


def test_an_odd_hour_scans_the_last_close_before_it() -> None:
    one = schedule("30 9 * * *", "UTC", delay=0)

    assert one.newest_due(at("2026-03-10T09:30")) == at("2026-03-10T08:00")


@pytest.mark.parametrize(
    ("cron", "following"),
    [
        ("0 * * * *", "2026-03-10T12:00"),  # the ticks between are on the close scanned at 08:00
        ("30 * * * *", "2026-03-10T12:30"),
        ("5 0,4,8,12,16,20 * * *", "2026-03-10T12:05"),
    ],
)
def test_the_next_scan_is_the_first_tick_on_a_close_not_scanned_yet(
    cron: str, following: str
) -> None:
    one = schedule(cron, "UTC")

    assert one.next_scan(at("2026-03-10T08:40")) == at(following)
    assert one.next_scan(at(following) - timedelta(milliseconds=1)) == at(following)


def test_a_schedule_in_a_zone_with_summer_time_follows_the_local_clock() -> None:
    one = schedule("0 8 * * *", "Europe/Berlin", Timeframe.H1, 0)

    assert one.newest_due(at("2026-03-28T12:00")) == at("2026-03-28T07:00")
    assert one.newest_due(at("2026-03-29T12:00")) == at("2026-03-29T06:00")


@pytest.mark.parametrize(
    ("cron", "timezone", "named"),
    [("every 4h", "UTC", "every 4h"), (DEFAULT, "Mars/Olympus", "Mars/Olympus")],
)
def test_a_schedule_that_cannot_be_read_names_the_value(
    cron: str, timezone: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        schedule(cron, timezone)


zones = st.sampled_from(
    ["UTC", "Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
)
crons = st.sampled_from([DEFAULT, "0 * * * *", "0 */4 * * *", "0 2 * * *", "30 1,2,3 * * *"])
instants = st.integers(0, 730 * 86_400_000).map(
    lambda past: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=past)
)


@given(cron=crons, timezone=zones, now=instants)
def test_ticks_go_forward_and_each_is_due_when_it_comes(
    cron: str, timezone: str, now: datetime
) -> None:
    one = schedule(cron, timezone, Timeframe.H1)
    following = one.next_start(now)
    assert following is not None

    assert following > now
    due, before = one.newest_due(following), one.newest_due(following - timedelta(microseconds=1))
    assert due == Timeframe.H1.floor(following - one.delay)
    assert before is not None
    assert before <= due
    assert before <= now


@given(day=st.integers(0, 729), timezone=zones)
def test_a_daily_scan_comes_once_a_local_day_whatever_the_clocks_do(
    day: int, timezone: str
) -> None:
    zone = ZoneInfo(timezone)
    midnight = datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=day)
    one = schedule("0 2 * * *", timezone, Timeframe.H1, 0)
    tick = one.next_tick(midnight.astimezone(UTC) - timedelta(microseconds=1))
    assert tick is not None

    following = one.next_tick(tick)

    assert tick.astimezone(zone).date() == midnight.date()
    assert following is not None
    assert following.astimezone(zone).date() == midnight.date() + timedelta(days=1)


def test_the_deadline_is_the_same_however_late_within_its_step_a_scan_starts() -> None:
    close = at("2026-03-10T08:00")

    first = deadline(close, close + timedelta(seconds=5), step=STEP)
    again = deadline(close, close + timedelta(minutes=7), step=STEP)

    assert first == again == close + STEP


@given(late=st.timedeltas(timedelta(0), timedelta(hours=5)))
def test_a_scan_always_has_at_least_half_a_step(late: timedelta) -> None:
    close = at("2026-03-10T08:00")

    end = deadline(close, close + late, step=STEP)

    assert STEP / 2 <= end - (close + late) <= STEP * 1.5
    assert (end - close) % STEP == timedelta(0)
