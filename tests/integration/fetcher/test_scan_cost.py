"""What scans cost at the venue, by its own books; `make bench` measures 500 contracts."""

import pytest

from tests.support.scan_cost import Cost, measured

FEW = 10
_ONCE = 57  # time, listing, turnover, spreads, marks


@pytest.mark.parametrize("venue", ["binance", "bybit"])
async def test_a_close_costs_one_request_of_candles_a_contract_at_midnight_too(
    venue: str,
) -> None:
    first, *closes = [cost async for cost in measured(venue, contracts=FEW, speed=60)]

    assert first.refused == 0
    assert [cost.name for cost in closes] == [
        "4h close",
        "1h close",
        "00:00 UTC",
        "4h close with comparisons",
    ]
    for cost in closes:
        assert cost.contracts >= FEW - 2  # a venue does not list all of the other's contracts
        assert cost.failures == 0
        assert cost.candle_requests == cost.contracts + cost.compared, cost
        # Which of a few contracts are compared says little of 500: `make bench` measures it.
        assert cost.compared or _fits(cost, venue), cost


async def test_in_live_mode_a_close_asks_for_no_candle_that_streams_have_told() -> None:
    first, *closes = [
        cost async for cost in measured("binance", contracts=FEW, speed=60, mode="live")
    ]

    assert first.refused == 0
    for cost in closes:
        assert cost.contracts >= FEW - 2
        assert cost.failures == 0
        assert cost.candle_requests <= 2 * cost.compared, cost  # `make bench` weighs the rest


def _fits(cost: Cost, venue: str) -> bool:
    # What is asked once for all, and what is asked for each contract, as it is for 500.
    if venue == "bybit":
        return cost.peak <= cost.limit / 2
    return _ONCE + (cost.total - _ONCE) * 500 / cost.contracts <= cost.limit / 2
