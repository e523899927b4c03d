"""The market as it is known at one instant: what every protocol of the venue renders."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exchange_sim.core import derivatives
from exchange_sim.core.bars import Bars, aggregate, join, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.minutes import expand, so_far
from exchange_sim.core.noise import key_of
from exchange_sim.core.timeframes import DAY, HOUR, MINUTE, TIMEFRAMES, Timeframe
from exchange_sim.ports import Market, Settlement

_LOOK_BACK = 40 * DAY  # where the last price is sought once a contract trades no more


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
    """Cuts the market at the time it is asked about: nothing later ever shows."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._key = market.key
        self._hour_of: dict[str, tuple[int, Bars]] = {}

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what is listed, settling contracts included."""
        return self._market.contracts(now)

    def contract(self, symbol: str, now: int) -> Contract | None:
        """Return a contract that is known at `now`, or None."""
        contract = self._market.contract(symbol)
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
        last = min(now, now if end is None else end)
        span = limit * timeframe.milliseconds
        if start is None:
            first = timeframe.open_time(last) - (span - timeframe.milliseconds)
            if timeframe.calendar:
                first = timeframe.open_time(first)
        else:
            first = timeframe.open_time(start + timeframe.milliseconds - 1)
            if timeframe.calendar:
                first = timeframe.open_time(start)
            last = min(last, first + span)
        known = self._known(symbol, timeframe, first, last, now)
        bars = aggregate(known, timeframe).between(first if start is None else start, last + 1)
        return bars.take(slice(0, limit) if start is not None else slice(-limit, None))

    def last_price(self, contract: Contract, now: int) -> int | None:
        """Return the last traded price, None before the first trade."""
        forming = self._so_far(contract.symbol, now)
        if not len(forming):
            forming = self._market.hours(contract.symbol, now - _LOOK_BACK, now - HOUR + 1)
        if not len(forming):
            forming = self._market.hours(contract.symbol, contract.listed, now - HOUR + 1)
        return int(forming.close[-1]) if len(forming) else None

    def day(self, contract: Contract, now: int) -> Bars:
        """Return the last 24 hours, to the minute, as one candle; empty without trades."""
        symbol, since = contract.symbol, now - DAY
        hour = since // HOUR * HOUR
        oldest = expand(self._market.hours(symbol, hour, hour + 1), self._inside(symbol))
        whole = self._market.hours(symbol, hour + HOUR, now // HOUR * HOUR)
        parts = [oldest.between(since, hour + HOUR), whole, self._so_far(symbol, now)]
        return aggregate(join(parts), Timeframe("day", 1 << 60))

    def mark(self, contract: Contract, now: int) -> Mark | None:
        """Return mark, index and funding at `now`; None before the first trade."""
        last = self.last_price(contract, now)
        if last is None:
            return None
        times = np.array([now], dtype=np.int64)
        mark = last * (1.0 + derivatives.mark_offset(self._key, contract, now))
        index = mark / (1.0 + float(derivatives.premium(self._key, contract, times)[0]))
        interval = contract.funding_hours * HOUR
        return Mark(
            mark, index, self._funding_rate(contract, now), (now // interval + 1) * interval
        )

    def settlements(self, contract: Contract, *, start: int, end: int) -> list[Settlement]:
        """Return the funding payments in [start, end], recorded or drawn."""
        recorded = self._market.settlements(contract.symbol, start, end)
        if recorded is not None:
            return list(recorded)
        interval = contract.funding_hours * HOUR
        first = max(start - interval, contract.listed)
        last = min(end, contract.settles)
        times = np.arange(-(-first // interval) * interval, last + 1, interval, dtype=np.int64)
        rates = derivatives.funding_rates(self._key, contract, times)
        late = times + derivatives.lateness(self._key, contract, times)
        pairs = zip(late.tolist(), rates.tolist(), strict=True)
        return [Settlement(time, rate) for time, rate in pairs if start <= time <= end]

    def price_at(self, contract: Contract, times: Sequence[int]) -> list[float]:
        """Return the price in units at the open of the hours that hold the given times."""
        if not times:
            return []
        hours = self._market.hours(contract.symbol, min(times) // HOUR * HOUR, max(times) + 1)
        if not len(hours):
            return [0.0] * len(times)
        rows = np.searchsorted(hours.open_time, np.array(times), side="right") - 1
        return [float(price) for price in hours.open[np.maximum(rows, 0)]]

    def open_interest(self, contract: Contract, times: Sequence[int]) -> list[OpenInterest]:
        """Return the open interest at the given times, valued at the price of their hour."""
        amounts = derivatives.open_interest(self._key, contract, np.array(times, dtype=np.int64))
        scale = 10.0 ** (contract.price_decimals + contract.quantity_decimals)
        prices = self.price_at(contract, times)
        return [
            OpenInterest(time, amount, amount * price / scale)
            for time, amount, price in zip(times, amounts.tolist(), prices, strict=True)
        ]

    def quote(self, contract: Contract, now: int) -> derivatives.Quote | None:
        """Return the best bid and ask; None before the first trade."""
        last = self.last_price(contract, now)
        return None if last is None else derivatives.quote(self._key, contract, last, now)

    def _funding_rate(self, contract: Contract, now: int) -> float:
        recorded = self._market.settlements(contract.symbol, now - 2 * DAY, now)
        if recorded:
            return recorded[-1].rate  # the next one would be looking ahead
        times = np.array([now], dtype=np.int64)
        return float(derivatives.funding_rates(self._key, contract, times)[0])

    def _inside(self, symbol: str) -> int:
        return key_of(self._key, symbol)

    def _known(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> Bars:
        until = min(int(timeframe.close_times(np.array([timeframe.open_time(last)]))[0]), now + 1)
        closed = self._market.hours(symbol, first // HOUR * HOUR, min(until, now // HOUR * HOUR))
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
        hour = now // HOUR * HOUR
        kept = self._hour_of.get(symbol)
        if kept is None or kept[0] != hour:
            kept = (hour, expand(self._market.hours(symbol, hour, hour + 1), self._inside(symbol)))
            self._hour_of[symbol] = kept
        minutes = kept[1]
        if not len(minutes):
            return no_bars()
        done = (now - hour) // MINUTE
        current = so_far(minutes.take(slice(done, done + 1)), self._inside(symbol), now)
        return join([minutes.take(slice(0, done)), current])
