"""The venues that can be read, by the name the settings give them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from common.clock import Clock
from common.errors import SettingsError
from fetcher.adapters.binance import BinanceReader
from fetcher.adapters.binance_spot import SPOT, BinanceSpot
from fetcher.adapters.binance_streams import BINANCE_STREAMS
from fetcher.adapters.bybit import BybitReader
from fetcher.adapters.bybit_streams import BYBIT_STREAMS
from fetcher.adapters.streams import CcxtStreams
from fetcher.handlers.places import OtherVenue
from fetcher.ports import BarStreams, Budget, CandleSource
from fetcher.settings import FallbackSettings, FetcherSettings

Reader = BinanceReader | BybitReader

_READERS: Final[Mapping[str, type[Reader]]] = {"binance": BinanceReader, "bybit": BybitReader}
_OTHER: Final = {"binance": "bybit", "bybit": "binance"}
_STREAMS: Final = {"binance": BINANCE_STREAMS, "bybit": BYBIT_STREAMS}


def reader_of(settings: FetcherSettings, clock: Clock, budget: Budget) -> Reader:
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


def streams_of(
    settings: FetcherSettings, clock: Clock, budget: Budget, reader: Reader
) -> BarStreams | None:
    """Build the streams of the venue that the settings name, None where it is polled."""
    if settings.mode == "poll":
        return None
    return CcxtStreams(
        _STREAMS[settings.venue],
        clock,
        budget,
        reader.heed,
        base_url=settings.base_url,
        silence=timedelta(seconds=settings.silence_seconds),
        life=timedelta(hours=settings.stream_hours),
    )


def stand_in_places(settings: FetcherSettings, fallback: FallbackSettings) -> Sequence[str]:
    """Name the places besides the venue that may be asked: each has a budget of its own."""
    other = (_OTHER[settings.venue],) if fallback.other_venue else ()
    return (*other, SPOT.name) if fallback.spot else other


def other_venue_of(
    settings: FetcherSettings,
    fallback: FallbackSettings,
    clock: Clock,
    budgets: Mapping[str, Budget],
) -> OtherVenue | None:
    """Build the venue that stands in for the one the settings name, None where none may."""
    if not fallback.other_venue:
        return None
    # A simulated market must never be mixed with a live one: it stands in for itself.
    changes = {
        "venue": _OTHER[settings.venue],
        "base_url": fallback.other_venue_url or settings.base_url,
    }
    other = settings.model_copy(update=changes)
    return OtherVenue(other.venue, lambda: reader_of(other, clock, budgets[other.venue]), clock)


def stand_ins_of(
    settings: FetcherSettings,
    fallback: FallbackSettings,
    clock: Clock,
    budgets: Mapping[str, Budget],
    *,
    other: OtherVenue | None,
) -> Sequence[CandleSource]:
    """Build what stands in for the venue's candles, in the order in which it is asked."""
    sources: list[CandleSource] = [] if other is None else [other]
    if fallback.spot:
        sources.append(
            BinanceSpot(
                clock,
                budgets[SPOT.name],
                address=fallback.spot_url or settings.base_url,
                timeout=timedelta(seconds=settings.timeout_seconds),
                retry_wait=timedelta(seconds=settings.retry_wait_seconds),
            )
        )
    return sources
