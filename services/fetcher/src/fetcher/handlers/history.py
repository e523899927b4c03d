"""What the streams remember of earlier scans: the state a restarted fetcher goes on from."""

from dataclasses import replace
from datetime import datetime

from common.bus import Bus
from common.domain import Barometer, CandleSet, ScanCompleted, ScanKind, ScanStarted, scan_id
from fetcher.core.sending import Sent


class ScanHistory:
    """The last scan, the last that ended, and what each contract was sent last."""

    def __init__(self, *, venue: str) -> None:
        self._venue = venue
        self._next: dict[tuple[datetime, ScanKind], int] = {}
        self.started: ScanStarted | None = None
        self.completed: ScanCompleted | None = None
        self.sent: dict[str, Sent] = {}

    @property
    def interrupted(self) -> ScanStarted | None:
        """The last scan, if it has not been completed."""
        started, completed = self.started, self.completed
        if started is None or (completed is not None and completed.scan_id == started.scan_id):
            return None
        return started

    async def rebuild(self, bus: Bus, now: datetime) -> list[CandleSet]:
        """Read the scans from the streams; return each contract's last CandleSet.

        What looked at a close later than `now` belongs to another run of a simulated market: its
        candles would be candles from the future, so it is left alone. Its names stay taken.
        """
        async for fact in bus.replay(ScanStarted, venue=self._venue):
            if isinstance(fact, ScanStarted):
                self.begin(fact)
        if self.started is not None and self.started.as_of > now:
            self.started = None
        async for fact in bus.latest(ScanCompleted, venue=self._venue):
            if isinstance(fact, ScanCompleted):
                self.completed = fact
        sets: list[CandleSet] = []
        async for fact in bus.latest(CandleSet, venue=self._venue):
            if isinstance(fact, CandleSet) and fact.as_of <= now:
                self.remember(fact)
                sets.append(fact)
        return sets

    def begin(self, scan: ScanStarted) -> None:
        """Note the scan that was told last; its name is not given again."""
        self.started = scan
        following = int(scan.scan_id.rpartition(".")[2]) + 1
        self._next[scan.as_of, scan.kind] = max(following, self._number(scan.as_of, scan.kind))

    def remember(self, candle_set: CandleSet) -> None:
        """Note what a contract was sent.

        Of two closes the later one's rows count, whichever was told last: a simulated clock may be
        set back, and history keeps what was told of the later close until that is told again.
        """
        before, sent = self.sent.get(candle_set.symbol), Sent.of(candle_set)
        if before is not None and before.as_of > sent.as_of:
            sent = replace(before, scan_id=sent.scan_id)
        self.sent[candle_set.symbol] = sent

    def scan_of(self, close: datetime) -> ScanStarted | None:
        """Return the last scan if it looked at this close."""
        return self.started if self.started is not None and self.started.as_of == close else None

    def sent_in(self, scan: ScanStarted) -> set[str]:
        """Return the contracts whose candles were sent in this scan."""
        return {symbol for symbol, sent in self.sent.items() if sent.scan_id == scan.scan_id}

    def next_id(self, close: datetime, kind: ScanKind) -> str:
        """Name the next scan of a close: 0 is its first of a kind, the others count on."""
        return scan_id(self._venue, close, kind, self._number(close, kind))

    def barometer_before(self, close: datetime) -> Barometer | None:
        """Return the newest barometer that was read before this close."""
        newest = self.completed.barometer if self.completed else None
        if newest is not None and newest.as_of < close:
            return newest
        # The last scan was of this close too: what it was told of the one before is told again.
        told = (sent.barometer for sent in self.sent.values() if sent.as_of == close)
        return max((one for one in told if one), key=lambda one: one.as_of, default=None)

    def _number(self, close: datetime, kind: ScanKind) -> int:
        return self._next.get((close, kind), 0)
