"""Whatever a fetcher asks: its venue, by the name the settings give it, and what stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from common.bus import Bus
from common.clock import Clock
from common.domain import KnownVenue
from common.errors import SettingsError
from common.streams import BUDGETS
from fetcher.adapters.binance import BinanceReader
from fetcher.adapters.binance_spot import SPOT, BinanceSpot
from fetcher.adapters.binance_streams import BINANCE_STREAMS
from fetcher.adapters.bybit import BybitReader
from fetcher.adapters.bybit_streams import BYBIT_STREAMS
from fetcher.adapters.streams import CcxtStreams
from fetcher.handlers.account import SharedAccount
from fetcher.handlers.budget import SharedBudget
from fetcher.handlers.places import OtherVenue
from fetcher.ports import BarStreams, Budget, CandleSource, VenueReader
from fetcher.settings import FallbackSettings, FetcherSettings

Reader = BinanceReader | BybitReader

_READERS: Final[Mapping[str, type[Reader]]] = {
    KnownVenue.BINANCE: BinanceReader,
    KnownVenue.BYBIT: BybitReader,
}
_OTHER: Final = {"binance": "bybit", "bybit": "binance"}
_STREAMS: Final = {"binance": BINANCE_STREAMS, "bybit": BYBIT_STREAMS}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A venue, its streams, what stands in for it, and what may be asked of each place."""

    reader: VenueReader
    streams: BarStreams | None = None
    """None where the venue is polled."""
    other: OtherVenue | None = None
    """The other venue, where it may be asked: it is one of the stand-ins too."""
    stand_ins: Sequence[CandleSource] = ()
    budgets: Sequence[SharedBudget] = ()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.reader.close()
        for one in self.stand_ins:
            await one.close()


def asked_of(
    settings: FetcherSettings, fallback: FallbackSettings, bus: Bus, clock: Clock
) -> Asked:
    """Build all that the settings name; nothing is asked yet."""
    budgets = {
        place: budget_of(place, bus, clock, settings)
        for place in (settings.venue, *_stand_in_places(settings, fallback))
    }
    reader = reader_of(settings, clock, budgets[settings.venue])
    other = _other_venue_of(settings, fallback, clock, budgets)
    return Asked(
        reader=reader,
        streams=_streams_of(settings, clock, budgets[settings.venue], reader),
        other=other,
        stand_ins=_stand_ins_of(settings, fallback, clock, budgets, other=other),
        budgets=tuple(budgets.values()),
    )


def budget_of(venue: str, bus: Bus, clock: Clock, settings: FetcherSettings) -> SharedBudget:
    """Build the budget of one venue, shared by all who ask from the same address."""
    account = SharedAccount(
        bus.values(BUDGETS),
        clock,
        key=f"{settings.egress}.{venue}",
        share_alone=settings.share_alone,
    )
    return SharedBudget(
        account,
        clock,
        venue=venue,
        share=settings.weight_share,
        cooling=timedelta(seconds=settings.cooling_seconds),
        forbidden_for=timedelta(minutes=settings.forbidden_retry_minutes),
    )


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


def _streams_of(
    settings: FetcherSettings, clock: Clock, budget: Budget, reader: Reader
) -> BarStreams | None:
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


def _stand_in_places(settings: FetcherSettings, fallback: FallbackSettings) -> Sequence[str]:
    # each has a budget of its own
    other = (_OTHER[settings.venue],) if fallback.other_venue else ()
    return (*other, SPOT.name) if fallback.spot else other


def _other_venue_of(
    settings: FetcherSettings,
    fallback: FallbackSettings,
    clock: Clock,
    budgets: Mapping[str, Budget],
) -> OtherVenue | None:
    if not fallback.other_venue:
        return None
    # A simulated market must never be mixed with a live one: it stands in for itself.
    changes = {
        "venue": _OTHER[settings.venue],
        "base_url": fallback.other_venue_url or settings.base_url,
    }
    other = settings.model_copy(update=changes)
    return OtherVenue(other.venue, lambda: reader_of(other, clock, budgets[other.venue]), clock)


def _stand_ins_of(
    settings: FetcherSettings,
    fallback: FallbackSettings,
    clock: Clock,
    budgets: Mapping[str, Budget],
    *,
    other: OtherVenue | None,
) -> Sequence[CandleSource]:
    # in the order in which they are asked
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
