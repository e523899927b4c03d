"""A venue that leaves one question unanswered loses what that question feeds, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from common.domain import CandleSet, Source, Timeframe
from exchange_sim.core.fault import Fault
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.venue import A_CLOSE, running_venue

SMALL = {
    "bars": {Timeframe.D1: 20, Timeframe.H4: 40, Timeframe.H1: 40},
    "timeout_seconds": 0.5,
    "marks_every_seconds": 3_600.0,
}
NEXT = A_CLOSE + timedelta(hours=4, minutes=1)


@asynccontextmanager
async def second_scan(
    name: str, fault: Fault
) -> AsyncIterator[tuple[Surroundings, dict[str, CandleSet], str]]:
    """A scan after a good one, what it sent, and the limits told with it."""
    async with running_venue(symbols=6) as venue:
        around = Surroundings(venue, name=name)
        async with around.planner(), around.fetcher(fetcher=SMALL) as running:
            before = await around.completed()
            venue.faults.order(fault)
            venue.accounting.reset()
            venue.move_to(NEXT)
            completed = await around.completed(2)
            sets = await around.sent(completed.scan_id)
            assert len(sets) == completed.universe == before.universe
            yield around, sets, await running.limits() or ""


@pytest.mark.parametrize(
    ("name", "route", "kind", "lost", "told"),
    [
        ("binance", "/fapi/v1/ticker/bookTicker", "status", {"spread_bps"}, "spreads are unknown"),
        ("binance", "/fapi/v1/ticker/24hr", "html", {"quote_volume_24h"}, "turnovers are unknown"),
        ("binance", "/fapi/v1/time", "timeout", set(), "the venue's time is unknown"),
        ("bybit", "/v5/market/tickers", "timeout", {"spread_bps", "quote_volume_24h"}, "turnovers"),
        ("bybit", "/v5/market/time", "status", set(), "the venue's time is unknown"),
    ],
)
async def test_one_question_that_is_not_answered_is_no_loss_of_the_venue(
    name: str, route: str, kind: str, lost: set[str], told: str
) -> None:
    fault = Fault.model_validate({"kind": kind, "route": route})
    async with second_scan(name, fault) as (_, sets, limits):
        assert told in limits
        assert "read elsewhere" not in limits

    for one in sets.values():
        assert one.quality.source is Source.VENUE
        quotes = ("spread_bps", "quote_volume_24h")
        assert {quote for quote in quotes if getattr(one.instrument, quote) is None} == lost
        assert (one.derivatives is None) == (route == "/v5/market/tickers")


async def test_a_silent_venue_is_waited_for_once_a_scan() -> None:
    silent = Fault(kind="timeout", route="/fapi/*")
    async with second_scan("binance", silent) as (around, sets, limits):
        assert "read elsewhere" in limits
        assert around.venue.accounting.faults == 2  # one question, twice

    assert {one.quality.source for one in sets.values()} == {Source.OTHER_VENUE}
