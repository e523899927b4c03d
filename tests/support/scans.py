"""Scans of a running scanner, asked for and followed over its bus, wherever it runs."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from common.bus.nats import NatsBus
from common.domain import (
    Decision,
    Rejection,
    ScanCompleted,
    ScanReply,
    ScanRequest,
    ScanStarted,
    TradePlan,
)
from tests.support.eventually import eventually

VENUE = "binance"
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Scans:
    """The scans of one scanner."""

    bus: NatsBus

    async def scan(self, *, force: bool = True) -> ScanReply:
        """Ask for a scan now and return which one answers."""
        reply = await self.bus.ask(
            ScanRequest(venue=VENUE, force=force), target=VENUE, within=timedelta(seconds=30)
        )
        assert reply.error is None, reply.error
        return ScanReply.model_validate_json(reply.body)

    async def completed(self, scan_id: str | None = None, *, within: float = 90) -> ScanCompleted:
        """Wait until a scan (the first one, when none is named) has completed."""

        found: list[ScanCompleted] = []

        async def seen() -> bool:
            found.extend(
                [
                    fact
                    async for fact in self.bus.replay(ScanCompleted)
                    if isinstance(fact, ScanCompleted) and scan_id in {None, fact.scan_id}
                ]
            )
            return bool(found)

        await eventually(seen, within=within, saying=f"the end of scan {scan_id}")
        return found[0]

    async def decisions(self, scan_id: str) -> list[Decision]:
        """Return every decision the stream keeps of one scan, doubles included."""
        return [
            fact
            async for fact in self.bus.replay(TradePlan, Rejection)
            if isinstance(fact, Decision) and fact.scan_id == scan_id
        ]

    async def in_flight(self) -> str:
        """Ask until a scan begins, and return its name at once; another may have to end first."""
        following = self.bus.follow(ScanStarted)
        waiting = asyncio.ensure_future(anext(following))
        await asyncio.sleep(0)
        while not waiting.done():
            asking = asyncio.ensure_future(self._asked())
            await asyncio.wait({waiting, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done() and await asking:
                await waiting
        started = waiting.result()
        assert isinstance(started, ScanStarted)
        return started.scan_id

    async def _asked(self) -> bool:
        reply = await self.bus.ask(
            ScanRequest(venue=VENUE, force=True), target=VENUE, within=timedelta(seconds=30)
        )
        if reply.error is not None:
            await asyncio.sleep(_PAUSE_SECONDS)
        return reply.error is None
