"""The simulated venue's own books, read as `GET /sim/accounting` shows them."""

from typing import Any

import aiohttp

from fetcher.core.parsing import milliseconds
from tests.support.venue import RunningVenue

KLINES = "/fapi/v1/klines"


def books(venue: RunningVenue) -> dict[str, Any]:
    """Everything the venue has counted."""
    return dict(venue.accounting.summary(milliseconds(venue.now())))


def requests(venue: RunningVenue, path: str = KLINES) -> int:
    """How often a route was asked since the books were opened."""
    return int(books(venue)["routes"].get(path, {"requests": 0})["requests"])


def weight(venue: RunningVenue, path: str = KLINES) -> int:
    """What the requests of a route have cost."""
    return int(books(venue)["routes"].get(path, {"weight": 0})["weight"])


async def after_a_while(venue: RunningVenue) -> None:
    """Return when the venue has answered somebody else many times: time enough to ask too much."""
    async with aiohttp.ClientSession() as somebody:
        for _ in range(30):
            async with somebody.get(f"{venue.base_url}/sim/clock") as answer:
                assert answer.ok
