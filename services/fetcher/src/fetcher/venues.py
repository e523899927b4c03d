"""The venues that can be read, by the name the settings give them."""

from datetime import timedelta
from typing import Final

from common.clock import Clock
from common.errors import SettingsError
from fetcher.adapters.binance import BinanceReader
from fetcher.adapters.binance_streams import BINANCE_STREAMS
from fetcher.adapters.bybit import BybitReader
from fetcher.adapters.bybit_streams import BYBIT_STREAMS
from fetcher.adapters.streams import CcxtStreams
from fetcher.ports import BarStreams, Budget, VenueReader
from fetcher.settings import FetcherSettings

_READERS: Final = {"binance": BinanceReader, "bybit": BybitReader}
_STREAMS: Final = {"binance": BINANCE_STREAMS, "bybit": BYBIT_STREAMS}


def reader_of(settings: FetcherSettings, clock: Clock, budget: Budget) -> VenueReader:
    """Build the reader of the venue that the settings name."""
    reader = _READERS.get(settings.venue)
    if reader is None:
        raise SettingsError(
            f"[fetcher] venue must be {' or '.join(_READERS)}, was {settings.venue!r}"
        )
    return reader(
        clock,
        budget,
        base_url=settings.base_url,
        timeout=timedelta(seconds=settings.timeout_seconds),
        attempts=settings.attempts,
        retry_wait=timedelta(seconds=settings.retry_wait_seconds),
    )


def streams_of(settings: FetcherSettings, clock: Clock) -> BarStreams | None:
    """Build the streams of the venue that the settings name, None where it is polled."""
    if settings.mode == "poll":
        return None
    return CcxtStreams(
        _STREAMS[settings.venue],
        clock,
        base_url=settings.base_url,
        silence=timedelta(seconds=settings.silence_seconds),
        life=timedelta(hours=settings.stream_hours),
    )
