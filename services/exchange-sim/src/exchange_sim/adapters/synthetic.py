"""A seeded market of hundreds of contracts, drawn on demand and the same at every reading."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from exchange_sim.core.bars import Bars, join, no_bars
from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import key_of
from exchange_sim.core.synthetic.days import DailyPath
from exchange_sim.core.synthetic.hours import (
    MONTH_DAYS,
    MONTH_HOURS,
    month_of_bars,
    relative_hours,
)
from exchange_sim.core.synthetic.listing import (
    GENESIS,
    Listing,
    quarterlies,
    refused,
    scannable,
)
from exchange_sim.core.timeframes import DAY, HOUR
from exchange_sim.ports import Settlement

_MARKET_VOLATILITY = 0.021
_MONTHS_KEPT = 640  # 115 kB each
_QUARTERLY_PAST = 10 * DAY  # delivered futures stay listed for a while, as settling
_QUARTERLY_AHEAD = 190 * DAY
_LAST_DELIVERY = GENESIS + 20 * 365 * DAY


class SyntheticMarket:
    """Correlated prices with regimes, clustering volatility, fat tails and wicks."""

    def __init__(self, *, seed: int, symbols: int) -> None:
        self._seed = seed
        listings = [*scannable(seed, symbols), *refused()]
        dated = list(quarterlies(GENESIS, _LAST_DELIVERY))
        self._steady = [listing.contract for listing in listings]
        self._dated = [listing.contract for listing in dated]
        self._listings: dict[str, Listing] = {
            listing.contract.symbol: listing for listing in (*listings, *dated)
        }
        self._market = DailyPath(key_of(seed, "market", "days"), _MARKET_VOLATILITY)
        self._market_months: dict[int, NDArray[np.float64]] = {}
        self._paths: dict[str, DailyPath] = {}
        self._months: OrderedDict[tuple[str, int], Bars] = OrderedDict()

    @property
    def key(self) -> int:
        """The key of all that is drawn inside the hours."""
        return key_of(self._seed, "inside")

    def every(self) -> Sequence[Contract]:
        """Return what is ever listed, the dated futures of twenty years included."""
        return [listing.contract for listing in self._listings.values()]

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return what is announced by now, and the dated futures around now."""
        steady = [contract for contract in self._steady if contract.announced <= now]
        dated = [
            contract
            for contract in self._dated
            if contract.listed <= now
            and now - _QUARTERLY_PAST <= contract.settles <= now + _QUARTERLY_AHEAD
        ]
        return [*steady, *dated]

    def contract(self, symbol: str) -> Contract | None:
        """Return the contract of that name, or None."""
        listing = self._listings.get(symbol)
        return listing.contract if listing else None

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return the hours that open in [start, end), cut to the contract's life."""
        contract = self._listings[symbol].contract
        start, end = max(start, contract.listed), min(end, contract.settles)
        if start >= end:
            return no_bars()
        first = (start - GENESIS) // HOUR // MONTH_HOURS
        last = (end - 1 - GENESIS) // HOUR // MONTH_HOURS
        months = [self._month(symbol, month) for month in range(first, last + 1)]
        return (months[0] if len(months) == 1 else join(months)).between(start, end)

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return None: nothing is recorded here, every rate is drawn."""
        del symbol, start, end
        return None

    def _month(self, symbol: str, month: int) -> Bars:
        kept = self._months.get((symbol, month))
        if kept is not None:
            self._months.move_to_end((symbol, month))
            return kept
        listing = self._listings[symbol]
        contract, character = listing.contract, listing.character
        path = self._paths.get(symbol)
        if path is None:
            path = DailyPath(key_of(self._seed, symbol, "days"), character.volatility)
            self._paths[symbol] = path
        own = relative_hours(path, key_of(self._seed, symbol, "hours"), month)
        shared = self._market_month(month)
        days = slice(month * MONTH_DAYS, (month + 1) * MONTH_DAYS)
        together = np.hypot(
            path.volatilities[days], character.beta * self._market.volatilities[days]
        )
        bars = month_of_bars(
            contract,
            character,
            np.log(character.start_price) + character.beta * shared + own,
            together,
            key=key_of(self._seed, symbol, "candles"),
            month=month,
        )
        self._months[symbol, month] = bars
        if len(self._months) > _MONTHS_KEPT:
            self._months.popitem(last=False)
        return bars

    def _market_month(self, month: int) -> NDArray[np.float64]:
        if month not in self._market_months:
            key = key_of(self._seed, "market", "hours")
            self._market_months[month] = relative_hours(self._market, key, month)
        self._market.reach((month + 1) * MONTH_DAYS)
        return self._market_months[month]
