"""How any venue is asked: within an allowance, again where it may help, never when told to wait."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final, TypeVar

import stamina

from common import telemetry
from common.clock import Clock
from common.errors import VenueCoolingError, VenueUnavailableError
from fetcher.adapters.ccxt_errors import translate
from fetcher.adapters.ccxt_parts import errors
from fetcher.core.budget import Allowance

_log = logging.getLogger(__name__)

_LONGEST_WAIT: Final = 8  # times the first

Answer = TypeVar("Answer")
Send = Callable[[Mapping[str, object]], Awaitable[object]]

_sent_at: ContextVar[datetime] = ContextVar("_sent_at")


class Visits:
    """Sends one venue's requests one way, and keeps the time until which it may not be asked."""

    def __init__(
        self,
        clock: Clock,
        *,
        venue: str,
        attempts: int,
        retry_wait: timedelta,
        cooling: timedelta,
    ) -> None:
        self._clock = clock
        self._venue = venue
        self._attempts = attempts
        self._retry_wait = retry_wait
        self._cooling = cooling
        self._cool_until: datetime | None = None

    async def ask(
        self,
        send: Send,
        parse: Callable[[object], Answer],
        params: Mapping[str, object],
        *,
        allowance: Allowance,
        cost: int = 1,
    ) -> Answer:
        """Send a request and read the answer; what may pass is sent again, and paid for again."""
        async for attempt in stamina.retry_context(
            on=_may_pass,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * _LONGEST_WAIT,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                await self.afford(allowance, cost)
                return parse(await self._send(send, params))
        raise AssertionError("a retry context ends with an answer or an error")

    async def afford(self, allowance: Allowance, amount: int) -> None:
        """Return once the amount is spent."""
        while (at := allowance.spend(amount, self._clock.now())) is not None:
            await self._clock.sleep_until(at)

    def sent_at(self) -> datetime:
        """Return when the request was sent whose answer is being looked at."""
        return _sent_at.get(self._clock.now())

    def cool(self, reason: str, pause: timedelta | None = None) -> VenueCoolingError:
        """Let no request leave for a while; the caller raises what is returned."""
        until = self._clock.now() + (self._cooling if pause is None else pause)
        if self._cool_until is None or until > self._cool_until:
            self._cool_until = until
            _log.warning("%s: no request until %s", reason, until.isoformat())
        return VenueCoolingError(
            f"{reason}: the venue told us to stay away until {self._cool_until:%H:%M:%S} UTC",
            until=self._cool_until,
        )

    async def _send(self, send: Send, params: Mapping[str, object]) -> object:
        if self._cool_until is not None and self._clock.now() < self._cool_until:
            raise VenueCoolingError(
                f"the venue told us to stay away until {self._cool_until:%H:%M:%S} UTC",
                until=self._cool_until,
            )
        _sent_at.set(self._clock.now())
        try:
            with telemetry.venue_request(self._venue):
                return await send(params)
        except (errors.DDoSProtection, errors.RateLimitExceeded) as error:
            raise self.cool("the venue's limit is reached") from error
        except errors.BaseError as error:
            raise translate(error, venue=self._venue) from error


def _may_pass(error: Exception) -> bool:
    return isinstance(error, VenueUnavailableError) and not isinstance(error, VenueCoolingError)
