"""Where candles are read: at the venue while it answers, else at the next best place."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

from common.clock import Clock
from common.errors import (
    ScannerError,
    VenueCoolingError,
    VenueRefusedError,
    VenueUnavailableError,
)
from fetcher.core.sources import Place
from fetcher.core.standing import Standing
from fetcher.ports import CandleSource

_log = logging.getLogger(__name__)

_REST_SECONDS: Final = 60.0

T = TypeVar("T")
Read = Callable[[CandleSource], Awaitable[T]]


@dataclass(frozen=True)
class Found(Generic[T]):
    """What was read, and from which source."""

    source: CandleSource
    read: T


@dataclass(eq=False)
class _Link:
    source: CandleSource
    standing: Standing
    trouble: str = ""


class Sourcing:
    """Asks one source after the other; the first is the venue itself.

    Another place is a loss: one failure is an accident that the venue gets a second chance for.
    A venue that says until when it wants to be left alone is waited for when that is soon.
    """

    def __init__(
        self,
        venue: CandleSource,
        others: Sequence[CandleSource],
        clock: Clock,
        *,
        patience: timedelta,
        rest_seconds: float = _REST_SECONDS,
    ) -> None:
        self._links = [_Link(one, Standing(rest=rest_seconds)) for one in (venue, *others)]
        self._venue = self._links[0]
        self._clock = clock
        self._patience = patience
        self._failed_once: set[str] = set()
        """The contracts that have used up the venue's second chance."""

    @property
    def home(self) -> Place:
        """The venue."""
        return self._venue.source.place

    def at(self, place: Place) -> CandleSource | None:
        """Return the source that stands for a place; None where none does any more."""
        return next((one.source for one in self._links if one.source.place == place), None)

    def trouble(self) -> str | None:
        """Say in one sentence that the venue's candles are read elsewhere, or None."""
        if not self._venue.trouble or len(self._links) == 1:
            return None
        return f"candles of {self.home.name} are read elsewhere: {self._venue.trouble}"

    def lose_venue(self, error: VenueUnavailableError) -> bool:
        """Turn away from a venue that does not answer what else it was asked.

        False where nothing stands in for it, or when it will be back soon by its own word.
        """
        if self.waits_for(error):
            return False
        self._venue.standing.lose(time.monotonic())
        self._venue.trouble = str(error)
        return True

    @property
    def resting(self) -> bool:
        """Whether the venue has failed time after time and is left alone for now."""
        return len(self._links) > 1 and self._venue.standing.resting(time.monotonic())

    def waits_for(self, error: VenueUnavailableError) -> bool:
        """Say whether nothing stands in for the venue, or it is back soon by its own word."""
        if len(self._links) == 1:
            return True
        return isinstance(error, VenueCoolingError) and self.soon(error)

    def soon(self, error: VenueCoolingError) -> bool:
        """Say whether a venue that wants to be left alone is back soon by its own word."""
        return error.until - self._clock.now() <= self._patience

    def regain_venue(self) -> None:
        """Turn to a venue again that has answered what else it was asked."""
        self._venue.standing.answered()
        self._venue.trouble = ""

    async def first(
        self,
        symbol: str,
        read: Read[T],
        *,
        before: Place | None = None,
        only: Place | None = None,
    ) -> Found[T] | None:
        """Read from the first source that can; raise what the venue said when none can.

        Sources from the place `before` on are not asked, nor any but those of the place `only`:
        None when there is nothing to be had then.
        """
        reasons: list[ScannerError] = []
        for link in self._links:
            place = link.source.place
            if place == before or only not in (None, place):
                return None
            if self._rests(link):
                continue
            answer = await self._ask(link, read)
            if isinstance(answer, Found):
                if link is self._venue:
                    self._failed_once.discard(symbol)
                return answer
            reasons.append(answer)
            if link is self._venue and not self._goes_on(answer, symbol):
                break
        if before is not None or only is not None:
            return None
        if not reasons:  # all of them rest: whoever needs candles asks the venue all the same
            answer = await self._ask(self._venue, read)
            if isinstance(answer, Found):
                return answer
            reasons.append(answer)
        self._failed_once.add(symbol)
        raise _of(reasons)

    async def _ask(self, link: _Link, read: Read[T]) -> "Found[T] | ScannerError":
        try:
            found = Found(link.source, await read(link.source))
        except VenueRefusedError as error:
            # It answers; only this contract is not to be had.
            return error
        except VenueUnavailableError as error:
            was_down = link.standing.down
            link.standing.failed(time.monotonic())
            link.trouble = str(error)
            if link.standing.down and not was_down:
                _log.warning("%s is left alone for now: %s", link.source.place.name, error)
            return error
        link.standing.answered()
        link.trouble = ""
        return found

    def _rests(self, link: _Link) -> bool:
        return len(self._links) > 1 and not link.standing.may_ask(time.monotonic())

    def _goes_on(self, error: ScannerError, symbol: str) -> bool:
        """Say whether another source is asked after the venue has failed."""
        if isinstance(error, VenueRefusedError):
            return False  # the venue knows of no such candles: another's would not be this contract
        if isinstance(error, VenueCoolingError):
            return not self.soon(error)
        return self._venue.standing.down or symbol in self._failed_once


def _of(reasons: Sequence[ScannerError]) -> ScannerError:
    first, *others = reasons
    if not others or isinstance(first, VenueRefusedError | VenueCoolingError):
        return first
    return VenueUnavailableError("; ".join(dict.fromkeys(str(one) for one in reasons)))
