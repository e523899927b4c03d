"""The exchange's time: our clock, corrected by what the exchange says it is."""

import logging
from datetime import datetime, timedelta
from typing import Final

from common.clock import Clock
from common.errors import ScannerError, VenueCoolingError
from fetcher.ports import VenueReader

_log = logging.getLogger(__name__)

_NOTEWORTHY: Final = timedelta(seconds=1)
_SET_BACK: Final = timedelta(minutes=1)
"""More than two clocks that are kept right differ by."""


class ExchangeTime:
    """Tells the exchange's time between two questions.

    Our clock is corrected by no more than the answer proves: what lies within the round trip is
    no difference.
    """

    def __init__(self, clock: Clock, reader: VenueReader) -> None:
        self._clock = clock
        self._reader = reader
        self._offset = timedelta(0)
        self._latest: datetime | None = None
        self._set_backs = 0
        self.trouble: str | None = None
        """Why the venue's time is not known, when it did not answer the last question."""

    @property
    def offset(self) -> timedelta:
        """How far the exchange's clock is ahead of ours."""
        return self._offset

    def now(self) -> datetime:
        """Return the exchange's time as far as it is known."""
        now = self._clock.now() + self._offset
        if self._latest is not None and now < self._latest - _SET_BACK:
            self._set_backs += 1
            self._latest = now
            _log.warning("the exchange's time was set back to %s", now)
        self._latest = max(self._latest or now, now)
        return now

    @property
    def set_backs(self) -> int:
        """How often the time was seen to be set back, as a simulated venue's may be."""
        self.now()
        return self._set_backs

    async def refresh(self) -> None:
        """Ask the exchange; the last answer stands when this question alone is not answered."""
        asked = self._clock.now()
        try:
            told = await self._reader.time()
        except VenueCoolingError:
            raise
        except ScannerError as error:
            self.trouble = f"the venue's time is unknown: {error}"
            _log.warning("%s", self.trouble)
            return
        self.trouble = None
        answered = self._clock.now()
        self._offset = told - min(max(told, asked), answered)
        if abs(self._offset) >= _NOTEWORTHY:
            _log.warning("the exchange's clock is %.1f s ahead", self._offset.total_seconds())
