"""A venue that answers from memory, wrongly where a test wants it so."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from common.clock import Clock
from common.domain import Timeframe, Underlying
from fetcher.core.contracts import Contract, Listing
from fetcher.core.derivatives import AccountRatio, Premium
from fetcher.core.interest import InterestPoint
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from fetcher.ports import VenueReader
from tests.support.facts import instrument

_HOUR = Timeframe.H1.milliseconds
LISTED = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class FakeVenue(VenueReader):
    """Candles are a function of symbol and time; what is asked is written down."""

    clock: Clock
    symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    listed_since: dict[str, datetime] = field(default_factory=dict)
    ends_at: dict[str, datetime] = field(default_factory=dict)
    """Ends that are announced."""
    errors: defaultdict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    """Raised instead of answers, first come first: by symbol, `listing`, or `premiums`."""
    spoiled: dict[str, Sequence[object]] = field(default_factory=dict)
    """Rows that are answered in place of a symbol's candles."""
    absent: set[tuple[str, Timeframe, int]] = field(default_factory=set)
    """Candles the venue does not have, by open time."""
    lift: dict[str, float] = field(default_factory=dict)
    """What is added to a symbol's prices, past ones included."""
    asked: list[tuple[str, Timeframe, Span]] = field(default_factory=list)
    interest: bool = True

    @override
    async def time(self) -> datetime:
        return self.clock.now()

    @override
    async def listing(self) -> Listing:
        self._stumble("listing")
        return Listing(
            contracts=tuple(
                Contract(
                    instrument=instrument(
                        symbol, listed_since=self.listed_since.get(symbol, LISTED)
                    ),
                    perpetual=True,
                    underlying=Underlying.COIN,
                    trading=True,
                    status="TRADING",
                    ends_at=self.ends_at.get(symbol),
                )
                for symbol in self.symbols
            ),
            simulated=True,
        )

    @override
    async def turnovers(self) -> Mapping[str, float]:
        return {symbol: 1e9 - rank for rank, symbol in enumerate(self.symbols)}

    @override
    async def spreads(self) -> Mapping[str, float]:
        return dict.fromkeys(self.symbols, 1.0)

    @override
    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        self.asked.append((symbol, timeframe, span))
        self._stumble(symbol)
        if symbol in self.spoiled:
            return self.spoiled[symbol]
        listed = milliseconds(self.listed_since.get(symbol, LISTED))
        step = timeframe.milliseconds
        return [
            self._candle(symbol, time, step)
            for time in range(max(span.start, listed), span.end, step)
            if time <= milliseconds(self.clock.now())
            and (symbol, timeframe, time) not in self.absent
        ]

    @override
    async def premiums(self) -> Mapping[str, Premium]:
        self._stumble("premiums")
        return {
            symbol: Premium(
                symbol=symbol,
                observed_at=self.clock.now(),
                mark_price=100.0,
                index_price=100.1,
                funding_rate=0.0001,
                funding_interval_hours=8.0,
                next_funding_at=None,
            )
            for symbol in self.symbols
        }

    @override
    async def open_interest(self, symbol: str) -> InterestPoint | None:
        self._stumble("interest")
        return InterestPoint(self.clock.now(), 500.0)

    @override
    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint] | None:
        newest = Timeframe.H1.floor(self.clock.now())
        hours = range(25, -1, -1)
        return [InterestPoint(newest - timedelta(hours=back), 490.0, 99.0) for back in hours]

    @override
    async def account_ratio(self, symbol: str) -> AccountRatio | None:
        self._stumble("ratio")
        return AccountRatio(self.clock.now(), 0.6)

    @override
    async def close(self) -> None:
        return

    def asked_for(self, symbol: str) -> dict[Timeframe, int]:
        """How many candles of each timeframe have been asked for."""
        counts: defaultdict[Timeframe, int] = defaultdict(int)
        for name, timeframe, span in self.asked:
            if name == symbol:
                counts[timeframe] += span.bars(timeframe)
        return dict(counts)

    def _candle(self, symbol: str, time: int, step: int) -> list[object]:
        if step > _HOUR:
            hours = [self._candle(symbol, hour, _HOUR) for hour in range(time, time + step, _HOUR)]
            highs, lows = ([float(str(row[place])) for row in hours] for place in (2, 3))
            volume = str(12.5 * len(hours))
            high, low = f"{max(highs):.4f}", f"{min(lows):.4f}"
            return [time, hours[0][1], high, low, hours[-1][4], volume, time + step - 1]
        middle = 100 + 10 * math.sin(time / step / 9) + len(symbol) + self.lift.get(symbol, 0.0)
        prices = (middle, middle + 2, middle - 2, middle + 1)
        return [time, *(f"{price:.4f}" for price in prices), "12.5", time + step - 1]

    def _stumble(self, name: str) -> None:
        if self.errors[name]:
            raise self.errors[name].pop(0)
