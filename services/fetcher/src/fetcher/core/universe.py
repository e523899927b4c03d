"""Which contracts are scanned, and for each of the others the one reason why it is not."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from common.domain import Exclusion, ExclusionRule, Instrument, Underlying
from fetcher.core.contracts import Contract, Listing


@dataclass(frozen=True, kw_only=True)
class UniverseRules:
    """What a contract must be to be scanned."""

    settle: str
    top: int
    min_quote_volume: float
    min_age: timedelta
    max_spread_bps: float
    stablecoins: Collection[str]
    allow: Collection[str]
    """When not empty: only these symbols."""
    deny: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Universe:
    """The contracts to be scanned, largest turnover first, and the reasons of all others."""

    members: tuple[Instrument, ...]
    excluded: Mapping[str, Exclusion]
    contracts: tuple[Contract, ...]
    """Every contract that could be read, in the universe or not, with turnover and spread."""
    simulated: bool
    unknown: tuple[str, ...] = ()
    """What the venue did not tell of its contracts, and what is amiss with our own lists."""

    @cached_property
    def listed(self) -> Mapping[str, Instrument]:
        """The instruments of all contracts, by symbol."""
        return {one.instrument.symbol: one.instrument for one in self.contracts}


def select(
    listing: Listing,
    *,
    turnovers: Mapping[str, float],
    spreads: Mapping[str, float],
    rules: UniverseRules,
    now: datetime,
) -> Universe:
    """Choose the universe; a spread that is not known excludes nobody, the planner assumes one.

    A contract listed twice is as it was told last.
    """
    told = {one.instrument.symbol: one for one in listing.contracts}
    excluded = {
        symbol: Exclusion(rule=ExclusionRule.UNREADABLE, reason=reason)
        for symbol, reason in (listing.unreadable or {}).items()
        if symbol not in told
    }
    contracts = tuple(_with_quotes(one, turnovers, spreads) for one in told.values())
    eligible: list[Instrument] = []
    for contract in contracts:
        exclusion = _exclusion(contract, rules, now)
        if exclusion is None:
            eligible.append(contract.instrument)
        else:
            excluded[contract.instrument.symbol] = exclusion
    eligible.sort(key=lambda one: (-(one.quote_volume_24h or 0.0), one.symbol))
    for rank, instrument in enumerate(eligible[rules.top :], start=rules.top + 1):
        reason = f"rank by turnover must be within {rules.top}, was {rank}"
        excluded[instrument.symbol] = Exclusion(rule=ExclusionRule.RANK, reason=reason)
    return Universe(
        members=tuple(eligible[: rules.top]),
        excluded=excluded,
        contracts=contracts,
        simulated=listing.simulated,
    )


def without_turnovers(universe: Universe) -> Universe:
    """Return a universe that was chosen by turnovers of another time: those of now are unknown."""
    gone = {"quote_volume_24h": None}
    return replace(
        universe,
        members=tuple(one.model_copy(update=gone) for one in universe.members),
        contracts=tuple(
            replace(one, instrument=one.instrument.model_copy(update=gone))
            for one in universe.contracts
        ),
    )


def unlisted(universe: Universe, rules: UniverseRules) -> str | None:
    """Name what the allow list names in vain, None when all of it is listed."""
    missing = sorted(set(rules.allow) - universe.listed.keys() - universe.excluded.keys())
    return f"[universe] allow names what is not listed: {', '.join(missing)}" if missing else None


def remembered(instruments: Sequence[Instrument]) -> Universe:
    """Return the universe that a scan's contracts were, for a venue that does not answer now."""
    return Universe(
        members=tuple(instruments),
        excluded={},
        contracts=tuple(
            Contract(
                instrument=one,
                perpetual=True,
                underlying=Underlying.COIN,
                trading=True,
                status="remembered",
            )
            for one in instruments
        ),
        simulated=any(one.simulated for one in instruments),
    )


def _with_quotes(
    contract: Contract, turnovers: Mapping[str, float], spreads: Mapping[str, float]
) -> Contract:
    symbol = contract.instrument.symbol
    quotes = {"quote_volume_24h": turnovers.get(symbol), "spread_bps": spreads.get(symbol)}
    return replace(contract, instrument=contract.instrument.model_copy(update=quotes))


def _exclusion(contract: Contract, rules: UniverseRules, now: datetime) -> Exclusion | None:
    for rule, judge in _RULES:
        reason = judge(contract, rules, now)
        if reason is not None:
            return Exclusion(rule=rule, reason=reason)
    return None


def _denied(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    return "it is on the deny list" if contract.instrument.symbol in rules.deny else None


def _not_allowed(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    if not rules.allow or contract.instrument.symbol in rules.allow:
        return None
    return "it is not on the allow list"


def _underlying(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    if contract.underlying is Underlying.COIN:
        return None
    return f"its underlying must be a coin, was {contract.underlying}"


def _dated(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    return None if contract.perpetual else "it must be a perpetual, was dated or another kind"


def _quote(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    instrument = contract.instrument
    if (instrument.quote, instrument.settle) == (rules.settle, rules.settle):
        return None
    return (
        f"it must be quoted and settled in {rules.settle}, "
        f"was {instrument.quote} and {instrument.settle}"
    )


def _stablecoin(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    base = contract.instrument.base
    return f"its base must not be a stablecoin, was {base}" if base in rules.stablecoins else None


def _pre_listing(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    if not contract.pre_listing:
        return None
    return f"it must trade freely, was {contract.status} before its listing"


def _status(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    return None if contract.trading else f"it must be trading, was {contract.status}"


def _delisting(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    if contract.ends_at is None:
        return None
    return f"its end must not be announced, was {contract.ends_at:%Y-%m-%d %H:%M} UTC"


def _age(contract: Contract, rules: UniverseRules, now: datetime) -> str | None:
    listed = contract.instrument.listed_since
    if listed is None or now - listed >= rules.min_age:
        return None
    return f"it must be listed for {rules.min_age.days} days, was {max(0, (now - listed).days)}"


def _turnover(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    volume = contract.instrument.quote_volume_24h
    if volume is None:
        return "its turnover of 24 hours must be known, was missing"
    if volume < rules.min_quote_volume:
        return f"its turnover must be at least {rules.min_quote_volume:,.0f}, was {volume:,.0f}"
    return None


def _spread(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    spread = contract.instrument.spread_bps
    if spread is None or spread <= rules.max_spread_bps:
        return None
    return f"its spread must be at most {rules.max_spread_bps:g} bps, was {spread:.1f}"


_RULES: Final[
    tuple[tuple[ExclusionRule, Callable[[Contract, UniverseRules, datetime], str | None]], ...]
] = (
    (ExclusionRule.DENIED, _denied),
    (ExclusionRule.NOT_ALLOWED, _not_allowed),
    (ExclusionRule.UNDERLYING, _underlying),
    (ExclusionRule.DATED, _dated),
    (ExclusionRule.QUOTE, _quote),
    (ExclusionRule.STABLECOIN, _stablecoin),
    (ExclusionRule.PRE_LISTING, _pre_listing),
    (ExclusionRule.STATUS, _status),
    (ExclusionRule.DELISTING, _delisting),
    (ExclusionRule.AGE, _age),
    (ExclusionRule.TURNOVER, _turnover),
    (ExclusionRule.SPREAD, _spread),
)
"""What is asked of a contract, in this order: the first that it does not meet names the reason."""
