"""Funding, marks and open interest: one bulk answer for all, open interest contract by contract."""

import logging
from collections.abc import Mapping
from datetime import datetime

from common.domain import Derivatives
from common.errors import ScannerError, VenueCoolingError
from fetcher.core.derivatives import InterestPoint, Premium, describe
from fetcher.ports import VenueReader

_log = logging.getLogger(__name__)


class DerivativesDesk:
    """Reads derivatives for one scan; what the venue does not tell stays null."""

    def __init__(self, reader: VenueReader, *, venue: str) -> None:
        self._reader = reader
        self._venue = venue
        self._latest: dict[str, Derivatives] = {}

    async def premiums(self) -> Mapping[str, Premium]:
        """Return all contracts' premiums; empty when the venue does not tell them."""
        try:
            return await self._reader.premiums()
        except VenueCoolingError:
            raise
        except ScannerError as error:
            _log.warning("funding and marks are unknown in this scan: %s", error)
            return {}

    async def read(self, premium: Premium | None, *, simulated: bool) -> Derivatives | None:
        """Return one contract's derivatives, None when not even its mark is known."""
        if premium is None:
            return None
        current, history = await self._interest(premium.symbol)
        told = describe(
            premium,
            venue=self._venue,
            simulated=simulated,
            current=current,
            history=history,
        )
        self._latest[told.symbol] = told
        return told

    def recent(self, symbol: str, *, since: datetime) -> Derivatives | None:
        """Return what was read last of a contract, None when that is older than `since`."""
        known = self._latest.get(symbol)
        return known if known is not None and known.observed_at >= since else None

    async def _interest(
        self, symbol: str
    ) -> tuple[InterestPoint | None, tuple[InterestPoint, ...]]:
        try:
            current = await self._reader.open_interest(symbol)
            return current, tuple(await self._reader.open_interest_history(symbol))
        except VenueCoolingError:
            raise
        except ScannerError as error:
            _log.warning("open interest of %s is unknown in this scan: %s", symbol, error)
            return None, ()
