"""How any venue is asked: within its budget, again where it may help, never when told to wait."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import stamina

from common import telemetry
from common.clock import Clock
from common.errors import VenueCoolingError, VenueUnavailableError
from fetcher.adapters.ccxt_parts import errors
from fetcher.core.budget import Pool, Retries
from fetcher.ports import Budget

_LONGEST_WAIT: Final = 8  # times the first
_MOST_SECONDS: Final = 10**7  # more than any venue means

Answer = TypeVar("Answer")
Send = Callable[[Mapping[str, object]], Awaitable[object]]

_sent_at: ContextVar[datetime] = ContextVar("_sent_at")


class Visits:
    """Sends one venue's requests one way, as its budget allows."""

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        *,
        venue: str,
        attempts: int,
        retry_wait: timedelta,
    ) -> None:
        self._clock = clock
        self._budget = budget
        self._venue = venue
        self._attempts = attempts
        self._retry_wait = retry_wait
        self._retries = Retries()
        self._probe = asyncio.Lock()

    async def ask(
        self,
        send: Send,
        parse: Callable[[object], Answer],
        params: Mapping[str, object],
        *,
        pool: Pool,
        cost: int = 1,
    ) -> Answer:
        """Send a request and read the answer; what may pass is sent again, and paid for again."""
        async for attempt in stamina.retry_context(
            on=self._may_pass,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * _LONGEST_WAIT,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                await self._budget.spend(pool, cost)
                answer = parse(await self._send(send, params))
                self._retries.succeeded()
                return answer
        raise AssertionError("a retry context ends with an answer or an error")

    def sent_at(self) -> datetime:
        """Return when the request was sent whose answer is being looked at."""
        return _sent_at.get(self._clock.now())

    def retry_after(self, headers: Mapping[str, str]) -> timedelta | None:
        """Return for how long the venue wants to be left alone, None when it does not say."""
        told = headers.get("retry-after", "").strip()
        if told.isascii() and told.isdigit():
            return timedelta(seconds=min(int(told), _MOST_SECONDS))
        try:
            pause = parsedate_to_datetime(told) - self._clock.now()
        except (ValueError, TypeError):
            return None  # no date, or one without a zone
        return max(pause, timedelta(0))

    def _may_pass(self, error: Exception) -> bool:
        passing = isinstance(error, VenueUnavailableError)
        return passing and not isinstance(error, VenueCoolingError) and self._retries.allow()

    async def _send(self, send: Send, params: Mapping[str, object]) -> object:
        if self._budget.probing:
            # After a ban one request goes ahead: were it refused, others would lengthen the ban.
            async with self._probe:
                if self._budget.probing:
                    return await self._send_once(send, params)
        return await self._send_once(send, params)

    async def _send_once(self, send: Send, params: Mapping[str, object]) -> object:
        self._budget.check()
        _sent_at.set(self._clock.now())
        try:
            with telemetry.venue_request(self._venue):
                answer = await send(params)
        except (errors.DDoSProtection, errors.RateLimitExceeded) as error:
            stopped = self._budget.stop("the venue's limit is reached")
            await self._budget.tell()
            raise stopped from error
        except VenueCoolingError:
            await self._budget.tell()
            raise
        self._budget.answered()
        return answer
