"""Bybit linear's candle streams: what a message means, and the venue's limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from common.domain import Timeframe
from fetcher.adapters.stream_client import StreamVenue
from fetcher.core.streamed import StreamedBar, Topic

_TOPICS: Final = 300  # their names stay far below the 21,000 characters of one connection
_TIMEFRAMES: Final = {
    "1": Timeframe.M1,
    "60": Timeframe.H1,
    "240": Timeframe.H4,
    "D": Timeframe.D1,
}
_PARTS: Final = 3


def read_message(message: Mapping[str, Any]) -> Sequence[StreamedBar] | None:
    """Return the candles a `kline` message confirms; the next one comes in the same message."""
    topic, rows = message.get("topic"), message.get("data")
    if not isinstance(topic, str) or not topic.startswith("kline."):
        return None
    parts = topic.split(".")
    timeframe = _TIMEFRAMES.get(parts[1])
    if len(parts) != _PARTS or timeframe is None or not isinstance(rows, list):
        return ()
    return tuple(
        StreamedBar(
            Topic(parts[2], timeframe),
            [row.get(name) for name in ("start", "open", "high", "low", "close", "volume")],
        )
        for row in rows
        if isinstance(row, dict) and row.get("confirm") is True
    )


def _redirect(urls: dict[str, Any], base_url: str) -> None:
    urls["ws"]["public"]["linear"] = f"{base_url}/v5/public/linear"


BYBIT_STREAMS: Final = StreamVenue(
    name="bybit",
    parents=(),
    topics=_TOPICS,
    read=read_message,
    redirect=_redirect,
)
