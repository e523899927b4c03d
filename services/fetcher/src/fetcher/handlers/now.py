"""Funding and open interest of one contract, read when someone asks."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from common.asked import read_question
from common.bus import Reply
from common.codec import encode
from common.domain import DerivativesRequest
from common.errors import InvalidDataError
from fetcher.core.derivatives import Premium
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.market import MarketDesk

_SHARED_SECONDS: Final = 5.0
"""Questions so close together share one bulk reading: it costs the venue's weight."""


class DerivativesNow:
    """Answers DerivativesRequest with a Derivatives observed just now."""

    def __init__(self, desk: DerivativesDesk, market: MarketDesk) -> None:
        self._desk = desk
        self._market = market
        self._reading = asyncio.Lock()
        self._premiums: Mapping[str, Premium] = {}
        self._read_at = -_SHARED_SECONDS

    async def answer(self, body: bytes) -> Reply:
        """Read one contract's derivatives; refuse one the venue tells nothing of."""
        request = read_question(DerivativesRequest, body)
        premium = (await self._all()).get(request.symbol)
        universe = await self._market.known()
        derivatives = await self._desk.read(premium, simulated=universe.simulated)
        if derivatives is None:
            raise InvalidDataError(
                f"symbol must be one {request.venue} tells marks of, was {request.symbol!r}"
            )
        return Reply(body=encode(derivatives))

    async def _all(self) -> Mapping[str, Premium]:
        async with self._reading:
            if time.monotonic() - self._read_at >= _SHARED_SECONDS:
                self._premiums = await self._desk.premiums()
                self._read_at = time.monotonic()
            return self._premiums
