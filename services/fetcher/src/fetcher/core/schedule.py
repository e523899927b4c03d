"""When scans are due: a cron expression in a time zone, snapped to the closes it triggers on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from common.domain import Timeframe

_LEAST_SHARE: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The closes to be scanned; a scan begins `delay` after its tick."""

    cron: str
    timezone: str
    trigger: Timeframe
    delay: timedelta

    def __post_init__(self) -> None:
        try:
            CronSim(self.cron, datetime(2000, 1, 1, tzinfo=ZoneInfo(self.timezone)))
        except CronSimError as error:
            raise ValueError(f"cron must be a cron expression, was {self.cron!r}") from error
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"timezone must be a known zone, was {self.timezone!r}") from error

    def newest_due(self, now: datetime) -> datetime | None:
        """Return the close whose scan is due, or was due last; None when there never was one."""
        # The cron is read backwards from just after the instant, so that the instant itself counts.
        asked = now - self.delay + timedelta(microseconds=1)
        local = asked.astimezone(ZoneInfo(self.timezone))
        tick = next(CronSim(self.cron, local, reverse=True), None)
        return None if tick is None else self.trigger.floor(tick.astimezone(UTC))

    def next_tick(self, now: datetime) -> datetime | None:
        """Return the first tick after `now`, None when there is no other."""
        local = now.astimezone(ZoneInfo(self.timezone))
        tick = next(CronSim(self.cron, local), None)
        return None if tick is None else tick.astimezone(UTC)

    def next_start(self, now: datetime) -> datetime | None:
        """Return when the first scan after `now` may begin."""
        tick = self.next_tick(now - self.delay)
        return None if tick is None else tick + self.delay

    def next_scan(self, now: datetime) -> datetime | None:
        """Return the first tick after `now` on a close that no tick until now was on."""
        seen, tick = self.newest_due(now + self.delay), self.next_tick(now)
        while tick is not None and self.trigger.floor(tick) == seen:
            tick = self.next_tick(tick)
        return tick


def deadline(close: datetime, now: datetime, *, step: timedelta) -> datetime:
    """Return the venue time after which a scan of `close` is over.

    It lies a whole number of steps after the close, so that the same scan started again gets the
    same deadline; a scan that starts late (on demand, after a stop) gets at least half a step.
    """
    return close + step * max(1, ceil((now - close) / step + _LEAST_SHARE))
