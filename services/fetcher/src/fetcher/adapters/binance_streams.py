"""Binance USD-M's candle streams: what a message means, and the venue's limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from common.domain import Timeframe
from fetcher.adapters.stream_client import StreamVenue
from fetcher.core.streamed import StreamedBar, Topic

_TOPICS: Final = 300  # of 1,024 that one connection may have: a lost one costs fewer contracts
_TIMEFRAMES: Final = {str(timeframe): timeframe for timeframe in Timeframe}


def read_message(message: Mapping[str, Any]) -> Sequence[StreamedBar] | None:
    """Return the candle a `kline` message closes, nothing for one that is still forming."""
    told = message.get("data", message)
    if not isinstance(told, dict) or told.get("e") != "kline":
        return None
    candle = told.get("k")
    if not isinstance(candle, dict) or candle.get("x") is not True:
        return ()
    timeframe, symbol = _TIMEFRAMES.get(str(candle.get("i"))), candle.get("s")
    if timeframe is None or not isinstance(symbol, str):
        return ()
    row = [candle.get(name) for name in ("t", "o", "h", "l", "c", "v")]
    return (StreamedBar(Topic(symbol, timeframe), row),)


def _redirect(urls: dict[str, Any], base_url: str) -> None:
    urls["ws"]["linear"] = f"{base_url}/ws"  # ccxt makes it /market/ws/<n>


BINANCE_STREAMS: Final = StreamVenue(
    name="binanceusdm",
    parents=("binance",),
    topics=_TOPICS,
    read=read_message,
    redirect=_redirect,
)
