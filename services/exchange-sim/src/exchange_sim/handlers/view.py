"""The market as it is known at one instant: what every protocol of the venue renders."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from exchange_sim.core import derivatives
from exchange_sim.core.bars import Bars, Column, aggregate, join, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.minutes import expand, price_inside, so_far
from exchange_sim.core.noise import key_of
from exchange_sim.core.timeframes import DAY, HOUR, MINUTE, TIMEFRAMES, Timeframe
from exchange_sim.ports import Market, Settlement

_LOOK_BACK = 40 * DAY  # where the last price is sought once a contract trades no more
_HOURS_KEPT = 4_096  # expanded to minutes, 5 kB each: the current hour and yesterday's of all
_OWN_PREMIUM = 0.25


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark and index price in price units, with the funding that comes next."""

    mark: float
    index: float
    funding_rate: float
    next_funding: int


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """Open interest at a time: volume units, and its worth in quote currency."""

    time: int
    amount: int
    value: float


class MarketView:
    """Cuts the market at the time it is asked about: nothing later ever shows.

    What a venue has of its own (open interest, book, a part of the premium) is drawn under its
    name; what moves inside the hours is the same wherever a contract trades.
    """

    def __init__(self, market: Market, *, venue: str = "") -> None:
        self.market = market
        self.venue = venue
        self._key = market.key
        self._own = key_of(market.key, venue) if venue else market.key
        self._minutes: OrderedDict[tuple[str, int], Bars] = OrderedDict()

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what is listed, settling contracts included."""
        return self.market.contracts(now)

    def contract(self, symbol: str, now: int) -> Contract | None:
        """Return a contract that is known at `now`, or None."""
        contract = self.market.contract(symbol)
        return contract if contract is not None and contract.announced <= now else None

    def candles(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        now: int,
        limit: int,
        start: int | None = None,
        end: int | None = None,
    ) -> Bars:
        """Return candles oldest first, the forming one last: from `start`, or the latest ones."""
        contract = self.market.contract(symbol)
        if contract is None:
            return no_bars()
        latest = min(now, now if end is None else end, contract.settles - 1)
        rows = limit
        while True:  # a recorded market may have holes, and a full answer reaches across them
            span = rows * timeframe.milliseconds
            if start is None:
                first, last = latest - span + timeframe.milliseconds, latest
                first = timeframe.open_time(first)
                complete = first <= contract.listed
            else:
                first = max(start, timeframe.open_time(contract.listed))
                last = min(latest, first + span)
                complete = last >= latest
            known = self._known(symbol, timeframe, timeframe.open_time(first), last, now)
            bars = aggregate(known, timeframe).between(first, last + 1)
            if complete or len(bars) >= limit:
                return bars.take(slice(0, limit) if start is not None else slice(-limit, None))
            rows *= 4

    def mark_candles(
        self,
        contract: Contract,
        timeframe: Timeframe,
        *,
        now: int,
        limit: int,
        start: int | None = None,
        end: int | None = None,
    ) -> Bars:
        """Return candles of the mark price: those of the last price, a little off."""
        bars = self.candles(contract.symbol, timeframe, now=now, limit=limit, start=start, end=end)
        closes = np.minimum(timeframe.close_times(bars.open_time), now)
        opened = self._marked(contract, bars.open, bars.open_time)
        close = self._marked(contract, bars.close, closes)
        return replace(
            bars,
            open=opened,
            high=np.maximum(bars.high, np.maximum(opened, close)),
            low=np.minimum(bars.low, np.minimum(opened, close)),
            close=close,
        )

    def last_price(self, contract: Contract, now: int) -> int | None:
        """Return the last traded price, None before the first trade."""
        minutes, done = self._hour(contract.symbol, now)
        if len(minutes):
            minute = minutes.take(slice(done, done + 1))
            return price_inside(minute, self._inside(contract.symbol), now)
        for start in (now - _LOOK_BACK, contract.listed):
            hours = self.market.hours(contract.symbol, start, now - HOUR + 1)
            if len(hours):
                return int(hours.close[-1])
        return None

    def day(self, contract: Contract, now: int) -> Bars:
        """Return the last 24 hours, to the minute, as one candle; empty without trades."""
        symbol, since = contract.symbol, now - DAY
        hour = since // HOUR * HOUR
        oldest = self._expanded(symbol, hour)
        whole = self.market.hours(symbol, hour + HOUR, now // HOUR * HOUR)
        parts = [oldest.between(since, hour + HOUR), whole, self._so_far(symbol, now)]
        return aggregate(join(parts), Timeframe("day", 1 << 60))

    def marks(self, contracts: Sequence[Contract], now: int) -> list[Mark | None]:
        """Return mark, index and funding of each contract; None before its first trade."""
        offsets = derivatives.mark_offsets(self._own, contracts, now)
        premiums = derivatives.premiums(self._key, contracts, now)
        if self._own != self._key:
            premiums = premiums + _OWN_PREMIUM * derivatives.premiums(self._own, contracts, now)
        return [
            self._mark(contract, now, offset, premium)
            for contract, offset, premium in zip(contracts, offsets, premiums, strict=True)
        ]

    def settlements(self, contract: Contract, *, start: int, end: int) -> list[Settlement]:
        """Return the funding payments in [start, end], recorded or drawn."""
        recorded = self.market.settlements(contract.symbol, start, end)
        if recorded is not None:
            return list(recorded)
        interval = contract.funding_hours * HOUR
        first = max(start - interval, contract.listed)
        last = min(end, contract.settles)
        times = np.arange(-(-first // interval) * interval, last + 1, interval, dtype=np.int64)
        premiums = derivatives.premium(self._key, contract, times)
        if self._own != self._key:
            premiums = premiums + _OWN_PREMIUM * derivatives.premium(self._own, contract, times)
        rates = derivatives.funding_rates(contract, premiums)
        late = times + derivatives.lateness(self._own, contract, times)
        pairs = zip(late.tolist(), rates.tolist(), strict=True)
        return [Settlement(time, rate) for time, rate in pairs if start <= time <= end]

    def price_at(self, contract: Contract, times: Sequence[int]) -> list[float]:
        """Return the price in units at the open of the hours that hold the given times."""
        if not times:
            return []
        hours = self.market.hours(contract.symbol, min(times) // HOUR * HOUR, max(times) + 1)
        if not len(hours):
            return [0.0] * len(times)
        rows = np.searchsorted(hours.open_time, np.array(times), side="right") - 1
        return [float(price) for price in hours.open[np.maximum(rows, 0)]]

    def open_interest(self, contract: Contract, times: Sequence[int]) -> list[OpenInterest]:
        """Return the open interest at the given times, valued at the price of their hour."""
        amounts = derivatives.open_interest(self._own, contract, np.array(times, dtype=np.int64))
        scale = 10.0 ** (contract.price_decimals + contract.quantity_decimals)
        prices = self.price_at(contract, times)
        return [
            OpenInterest(time, amount, amount * price / scale)
            for time, amount, price in zip(times, amounts.tolist(), prices, strict=True)
        ]

    def long_shares(self, contract: Contract, times: Sequence[int]) -> list[float]:
        """Return the share of accounts that are long at the given times."""
        wanted = np.array(times, dtype=np.int64)
        shares: list[float] = derivatives.long_shares(self._own, contract, wanted).tolist()
        return shares

    def quote(self, contract: Contract, now: int) -> derivatives.Quote | None:
        """Return the best bid and ask; None before the first trade."""
        last = self.last_price(contract, now)
        return None if last is None else derivatives.quote(self._own, contract, last, now)

    def _mark(self, contract: Contract, now: int, offset: float, premium: float) -> Mark | None:
        last = self.last_price(contract, now)
        if last is None:
            return None
        mark = last * (1.0 + offset)
        interval = contract.funding_hours * HOUR
        recorded = self.market.settlements(contract.symbol, now - 2 * DAY, now)
        if recorded:
            rate = recorded[-1].rate  # the next one would be looking ahead
        else:
            rate = float(derivatives.funding_rates(contract, np.array([premium]))[0])
        return Mark(mark, mark / (1.0 + premium), rate, (now // interval + 1) * interval)

    def _marked(self, contract: Contract, prices: Column, times: Column) -> Column:
        offsets = derivatives.mark_path(self._own, contract, times)
        return np.rint(prices * (1.0 + offsets)).astype(np.int64)

    def _inside(self, symbol: str) -> int:
        contract = self.market.contract(symbol)
        return key_of(self._key, contract.root if contract is not None else symbol)

    def _known(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> Bars:
        until = min(timeframe.close_time(timeframe.open_time(last)), now + 1)
        closed = self.market.hours(symbol, first // HOUR * HOUR, min(until, now // HOUR * HOUR))
        if timeframe.milliseconds < HOUR:
            closed = expand(closed, self._inside(symbol))
        if until <= now // HOUR * HOUR:
            return closed
        forming = self._forming_minutes(symbol, now)
        return join([closed, forming.between(first // HOUR * HOUR, until)])

    def _so_far(self, symbol: str, now: int) -> Bars:
        minutes = self._forming_minutes(symbol, now)
        return aggregate(minutes, TIMEFRAMES["1h"])

    def _forming_minutes(self, symbol: str, now: int) -> Bars:
        minutes, done = self._hour(symbol, now)
        if not len(minutes):
            return no_bars()
        current = so_far(minutes.take(slice(done, done + 1)), self._inside(symbol), now)
        return join([minutes.take(slice(0, done)), current])

    def _hour(self, symbol: str, now: int) -> tuple[Bars, int]:
        hour = now // HOUR * HOUR
        return self._expanded(symbol, hour), (now - hour) // MINUTE

    def _expanded(self, symbol: str, hour: int) -> Bars:
        hours = self.market.hours(symbol, hour, hour + 1)
        if not len(hours):
            return hours
        kept = self._minutes.get((symbol, hour))
        if kept is None:
            kept = self._minutes[symbol, hour] = expand(hours, self._inside(symbol))
            if len(self._minutes) > _HOURS_KEPT:
                self._minutes.popitem(last=False)
        return kept
