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
        self._clock = clock
        self._patience = patience
        self._failed_once: set[str] = set()

    @property
    def home(self) -> Place:
        """The venue."""
        return self._links[0].source.place

    def at(self, place: Place) -> CandleSource | None:
        """Return the source that stands for a place; None where none does any more."""
        return next((one.source for one in self._links if one.source.place == place), None)

    def trouble(self) -> str | None:
        """Say in one sentence that the venue's candles are read elsewhere, or None."""
        here = [one for one in self._links if self._is_home(one)]
        if not all(one.trouble for one in here) or len(here) == len(self._links):
            return None
        return f"candles of {self.home.name} are read elsewhere: {here[0].trouble}"

    def lose_venue(self, error: VenueUnavailableError) -> bool:
        """Turn away from a venue that does not answer what else it was asked.

        False where nothing stands in for it, or when it will be back soon by its own word.
        """
        if self.waits_for(error):
            return False
        for link in self._links:
            if self._is_home(link):
                link.standing.lose(time.monotonic())
                link.trouble = str(error)
        return True

    def waits_for(self, error: VenueUnavailableError) -> bool:
        """Say whether nothing stands in for the venue, or it is back soon by its own word."""
        if all(self._is_home(one) for one in self._links):
            return True
        return isinstance(error, VenueCoolingError) and self.soon(error)

    def soon(self, error: VenueCoolingError) -> bool:
        """Say whether a venue that wants to be left alone is back soon by its own word."""
        return error.until - self._clock.now() <= self._patience

    def regain_venue(self) -> None:
        """Turn to a venue again that has answered what else it was asked."""
        for link in self._links:
            if self._is_home(link):
                link.standing.answered()
                link.trouble = ""

    async def first(
        self,
        what: str,
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
        failed: _Link | None = None
        for link in self._links:
            place = link.source.place
            if place == before or only not in (None, place):
                return None
            if failed is not None and not self._goes_on(failed, link, reasons[-1], what):
                break
            if self._rests(link):
                continue
            answer = await self._ask(link, read)
            if isinstance(answer, Found):
                self._failed_once.discard(what)
                return answer
            failed = link
            reasons.append(answer)
        if before is not None or only is not None:
            return None
        if not reasons:  # all of them rest: whoever needs candles asks the venue all the same
            answer = await self._ask(self._links[0], read)
            if isinstance(answer, Found):
                return answer
            reasons.append(answer)
        self._failed_once.add(what)
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

    def _goes_on(self, failed: _Link, link: _Link, error: ScannerError, what: str) -> bool:
        """Say whether a source is asked after another one has failed."""
        if not self._is_home(failed):
            return True
        if isinstance(error, VenueRefusedError):
            return False  # the venue knows of no such candles: another's would not be this contract
        if isinstance(error, VenueCoolingError):
            return not self.soon(error)
        if self._is_home(link):
            return True
        down = any(one.standing.down for one in self._links if self._is_home(one))
        return down or what in self._failed_once

    def _is_home(self, link: _Link) -> bool:
        return link.source.place == self.home


def _of(reasons: Sequence[ScannerError]) -> ScannerError:
    first, *others = reasons
    if not others or isinstance(first, VenueRefusedError | VenueCoolingError):
        return first
    return VenueUnavailableError("; ".join(dict.fromkeys(str(one) for one in reasons)))
