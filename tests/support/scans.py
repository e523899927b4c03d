"""Scans of a running scanner, asked for and followed over its bus, wherever it runs."""

from dataclasses import dataclass
from datetime import timedelta

from common.bus import Reply
from common.bus.nats import NatsBus
from common.domain import (
    Decision,
    Rejection,
    ScanCompleted,
    ScanReply,
    ScanRequest,
    TradePlan,
)
from tests.support.eventually import eventually

VENUE = "binance"
_PATIENCE = timedelta(seconds=30)
_IN_THE_WAY = ("one scan runs at a time", "the venue is slow to answer")


@dataclass(frozen=True, kw_only=True)
class Scans:
    """The scans of one scanner."""

    bus: NatsBus

    async def scan(self, *, force: bool = True, within: float = 90) -> ScanReply:
        """Ask for a scan until none is in the way, and return which one answers."""
        replies: list[Reply] = []

        async def accepted() -> bool:
            question = ScanRequest(venue=VENUE, force=force)
            replies.append(await self.bus.ask(question, target=VENUE, within=_PATIENCE))
            return not (replies[-1].error or "").startswith(_IN_THE_WAY)

        await eventually(accepted, within=within, saying="no scan in the way")
        assert replies[-1].error is None, replies[-1].error
        return ScanReply.model_validate_json(replies[-1].body)

    async def completed(self, scan_id: str | None = None, *, within: float = 90) -> ScanCompleted:
        """Wait until a scan (the first one, when none is named) has completed."""

        found: list[ScanCompleted] = []

        async def seen() -> bool:
            found.extend(one for one in await self.ended() if scan_id in {None, one.scan_id})
            return bool(found)

        await eventually(seen, within=within, saying=f"the end of scan {scan_id}")
        return found[0]

    async def ended(self) -> list[ScanCompleted]:
        """Return every end of a scan that the stream keeps."""
        return [
            fact async for fact in self.bus.replay(ScanCompleted) if isinstance(fact, ScanCompleted)
        ]

    async def decisions(self, scan_id: str) -> list[Decision]:
        """Return every decision the stream keeps of one scan, doubles included."""
        return [
            fact
            async for fact in self.bus.replay(TradePlan, Rejection)
            if isinstance(fact, Decision) and fact.scan_id == scan_id
        ]

    async def in_flight(self) -> str:
        """Ask for a scan of its own and return its name as soon as it has begun."""
        return (await self.scan()).scan_id
