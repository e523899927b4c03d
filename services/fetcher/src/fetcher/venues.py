"""The venues that can be read, by the name the settings give them."""

from datetime import timedelta
from typing import Final

from common.clock import Clock
from common.errors import SettingsError
from fetcher.adapters.binance import BinanceReader
from fetcher.adapters.bybit import BybitReader
from fetcher.ports import VenueReader
from fetcher.settings import FetcherSettings

_READERS: Final = {"binance": BinanceReader, "bybit": BybitReader}


def reader_of(settings: FetcherSettings, clock: Clock) -> VenueReader:
    """Build the reader of the venue that the settings name."""
    reader = _READERS.get(settings.venue)
    if reader is None:
        raise SettingsError(
            f"[fetcher] venue must be {' or '.join(_READERS)}, was {settings.venue!r}"
        )
    return reader(
        clock,
        base_url=settings.base_url,
        timeout=timedelta(seconds=settings.timeout_seconds),
        attempts=settings.attempts,
        retry_wait=timedelta(seconds=settings.retry_wait_seconds),
        weight_share=settings.weight_share,
        cooling=timedelta(seconds=settings.cooling_seconds),
    )
