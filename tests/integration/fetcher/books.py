"""The simulated venue's own books, read as `GET /sim/accounting` shows them."""

from typing import Any

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
