"""What 500 contracts × 3 timeframes cost at each venue, by the simulated venue's own books."""

import asyncio
from itertools import product
from typing import Final

from tests.support.scan_cost import measured

_CONTRACTS: Final = 500
_SPEED: Final = 1.0  # as it is: a swift market would spread a scan over several of its minutes


def main() -> None:
    """Measure and print."""
    asyncio.run(_measure())


async def _measure() -> None:
    for venue, mode in product(("binance", "bybit"), ("poll", "live")):
        async for cost in measured(venue, contracts=_CONTRACTS, speed=_SPEED, mode=mode):
            print(
                f"{venue} ({mode}), {cost.name}: "
                f"{cost.contracts} contracts, {cost.failures} failures, "
                f"{cost.candle_requests} requests of candles ({cost.compared} to compare); "
                f"the fullest window held {cost.peak} of {cost.limit} "
                f"({100 * cost.peak / cost.limit:.0f} %), {cost.total} in all, "
                f"{cost.refused} refused"
            )


if __name__ == "__main__":
    main()
