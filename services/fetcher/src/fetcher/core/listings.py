"""What is told of a venue's list: the whole of it once a day, and every announced end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from common.domain import Delisting, ExclusionRule, ListedContract, UniverseSnapshot
from fetcher.core.contracts import Contract, asset_of
from fetcher.core.universe import Universe

_LATELY: Final = timedelta(days=1)


def snapshot_of(universe: Universe, *, venue: str, now: datetime) -> UniverseSnapshot:
    """Write down everything listed now, with what excludes each contract that is not scanned."""
    return UniverseSnapshot(
        venue=venue,
        simulated=universe.simulated,
        day=now.date(),
        as_of=now,
        contracts=tuple(
            _listed(contract, universe)
            for contract in sorted(universe.contracts, key=lambda one: one.instrument.symbol)
        ),
        unreadable={
            symbol: exclusion.reason
            for symbol, exclusion in universe.excluded.items()
            if exclusion.rule is ExclusionRule.UNREADABLE
        },
    )


def announced_ends(universe: Universe, *, now: datetime) -> Iterator[Delisting]:
    """Yield every perpetual whose end is known, unless it is long over.

    Of one that was announced and reached between two readings the end is told afterwards.
    """
    for contract in universe.contracts:
        ends_at, instrument = contract.ends_at, contract.instrument
        if contract.perpetual and ends_at is not None and ends_at > now - _LATELY:
            yield Delisting(
                venue=instrument.venue,
                symbol=instrument.symbol,
                simulated=instrument.simulated,
                ends_at=ends_at,
                observed_at=now,
            )


def _listed(contract: Contract, universe: Universe) -> ListedContract:
    instrument = contract.instrument
    asset = asset_of(instrument.base)
    return ListedContract(
        symbol=instrument.symbol,
        base=instrument.base,
        quote=instrument.quote,
        settle=instrument.settle,
        asset=asset.name,
        units=asset.multiplier,
        underlying=contract.underlying,
        perpetual=contract.perpetual,
        status=contract.status,
        listed_since=instrument.listed_since,
        ends_at=contract.ends_at,
        quote_volume_24h=instrument.quote_volume_24h,
        spread_bps=instrument.spread_bps,
        excluded=universe.excluded.get(instrument.symbol),
    )
