"""A client of ccxt.pro for one connection, and what a venue answers that refuses to make it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.ccxt_parts import stream_class
from fetcher.core.streamed import StreamedBar, Topic

Read = Callable[[Mapping[str, Any]], Sequence[StreamedBar] | None]


@dataclass(frozen=True, kw_only=True)
class StreamVenue:
    """What differs between the venues' streams."""

    name: str
    """ccxt's class."""
    parents: tuple[str, ...]
    """The classes it derives from."""
    topics: int
    """The most topics of one connection."""
    read: Read
    """Turn a message into the candles that closed with it; None when it is about no candles."""
    redirect: Callable[[dict[str, Any], str], None]
    """Point a client's addresses at another server's."""


def open_client(venue: StreamVenue, topics: Collection[Topic], base_url: str) -> Any:  # noqa: ANN401 - ccxt ships no types
    """Return a client that knows the contracts of one connection, and asks for no others."""
    client = stream_class(venue.name, *venue.parents)(
        {"enableRateLimit": False, "newUpdates": True}
    )
    client.set_markets([_market(symbol) for symbol in {one.symbol for one in topics}])
    if base_url:
        venue.redirect(client.urls["api"], base_url)
    return client


def refused(error: Exception) -> Answered | None:
    """Return the answer with which a handshake was refused, None when it failed otherwise."""
    cause = error.args[0] if error.args else None
    handshake = error if isinstance(error, aiohttp.WSServerHandshakeError) else cause
    if not isinstance(handshake, aiohttp.WSServerHandshakeError):
        return None
    return Answered(
        status=handshake.status,
        headers={name.lower(): value for name, value in (handshake.headers or {}).items()},
        url=str(handshake.request_info.url),
        body="",
        told=None,
    )


def _market(symbol: str) -> dict[str, Any]:
    """Describe a contract as far as ccxt needs it to subscribe; its unified name is the venue's."""
    return {
        "id": symbol, "lowercaseId": symbol.lower(), "symbol": symbol,
        "base": symbol, "quote": "USDT", "settle": "USDT", "type": "swap", "subType": "linear",
        "spot": False, "margin": False, "swap": True, "future": False, "option": False,
        "contract": True, "linear": True, "inverse": False, "active": True,
    }  # fmt: skip
