"""The contracts of a venue that has never answered, as far as another venue's list can tell them.

Names are the venue's own, or are the same everywhere. Steps are the other venue's, and say so;
what else belongs to the venue alone is not known.
"""

from fractions import Fraction

from common.domain import Instrument, ListedContract, UniverseSnapshot, Venue
from fetcher.core.contracts import asset_of
from fetcher.core.sources import bundled, counterpart
from fetcher.core.universe import Universe, remembered


def by_snapshot(last: UniverseSnapshot, other: Universe) -> Universe:
    """Return what the venue's last snapshot names and the other venue trades too."""
    listed = [one.instrument for one in other.contracts if one.trading and one.perpetual]
    pairs = ((one, counterpart(one, listed)) for one in last.contracts if one.excluded is None)
    return remembered(
        sorted(
            (_named(one, twin, last.venue) for one, twin in pairs if twin is not None),
            key=lambda one: (-(one.quote_volume_24h or 0.0), one.symbol),
        )
    )


def by_list(other: Universe, venue: Venue) -> Universe:
    """Return what would be scanned at the other venue, without what each venue names in its way."""
    return remembered(
        [
            _lent(one, {"venue": venue}, Fraction(1))
            for one in other.members
            if asset_of(one.base).multiplier == 1
        ]
    )


def _named(own: ListedContract, twin: Instrument, venue: Venue) -> Instrument:
    known = own.model_dump(include=_KNOWN)
    return _lent(twin, {"venue": venue, **known}, bundled(own, twin.base))


_KNOWN = {
    "symbol", "base", "quote", "settle", "listed_since", "quote_volume_24h", "spread_bps"
}  # fmt: skip


def _lent(twin: Instrument, own: dict[str, object], units: Fraction) -> Instrument:
    return twin.model_copy(
        update={
            "tick_size": twin.tick_size * units.numerator / units.denominator,
            "step_size": twin.step_size * units.denominator / units.numerator,
            "min_notional": None,
            "max_leverage": None,
            "listed_by": twin.venue,
            **own,
        }
    )
