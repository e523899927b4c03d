"""The market as a faulty answer shows its candles."""

from typing_extensions import override

from exchange_sim.core.bars import Bars
from exchange_sim.core.damage import damage
from exchange_sim.core.fault import Fault
from exchange_sim.core.timeframes import Timeframe
from exchange_sim.handlers.view import MarketView


class DamagedView(MarketView):
    """Another view's market, its candles spoiled by one fault."""

    def __init__(self, view: MarketView, fault: Fault) -> None:
        super().__init__(view.market, venue=view.venue)
        self._fault = fault

    @override
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
        """Return the candles that the view would return, spoiled."""
        bars = super().candles(symbol, timeframe, now=now, limit=limit, start=start, end=end)
        return damage(bars, self._fault, timeframe, now=now)
