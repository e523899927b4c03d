"""Which contracts are scanned, and for each of the others the one reason why it is not."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from common.domain import Instrument
from fetcher.core.contracts import Contract, Listing, Underlying


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
    excluded: Mapping[str, str]
    listed: Mapping[str, Instrument]
    """Every contract that could be read, in the universe or not."""
    simulated: bool


def select(
    listing: Listing,
    *,
    turnovers: Mapping[str, float],
    spreads: Mapping[str, float],
    rules: UniverseRules,
    now: datetime,
) -> Universe:
    """Choose the universe; a spread that is not known excludes nobody, the planner assumes one."""
    excluded = dict(listing.unreadable or {})
    eligible: list[Instrument] = []
    listed: dict[str, Instrument] = {}
    for contract in listing.contracts:
        priced = _with_quotes(contract, turnovers, spreads)
        listed[priced.instrument.symbol] = priced.instrument
        reason = _reason_against(priced, rules, now)
        if reason is None:
            eligible.append(priced.instrument)
        else:
            excluded[priced.instrument.symbol] = reason
    eligible.sort(key=lambda one: (-(one.quote_volume_24h or 0.0), one.symbol))
    for rank, instrument in enumerate(eligible[rules.top :], start=rules.top + 1):
        excluded[instrument.symbol] = f"rank by turnover must be within {rules.top}, was {rank}"
    return Universe(
        members=tuple(eligible[: rules.top]),
        excluded=excluded,
        listed=listed,
        simulated=listing.simulated,
    )


def _with_quotes(
    contract: Contract, turnovers: Mapping[str, float], spreads: Mapping[str, float]
) -> Contract:
    symbol = contract.instrument.symbol
    quotes = {"quote_volume_24h": turnovers.get(symbol), "spread_bps": spreads.get(symbol)}
    return replace(contract, instrument=contract.instrument.model_copy(update=quotes))


def _reason_against(contract: Contract, rules: UniverseRules, now: datetime) -> str | None:
    return next(filter(None, (test(contract, rules, now) for test in _TESTS)), None)


def _named(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    symbol = contract.instrument.symbol
    if symbol in rules.deny:
        return "it is on the deny list"
    if rules.allow and symbol not in rules.allow:
        return "it is not on the allow list"
    return None


def _kind(contract: Contract, rules: UniverseRules, _: datetime) -> str | None:
    instrument = contract.instrument
    if not contract.perpetual:
        return "it must be a crypto perpetual, was dated or another kind"
    if contract.underlying is not Underlying.COIN:
        return f"its underlying must be a coin, was {contract.underlying}"
    if (instrument.quote, instrument.settle) != (rules.settle, rules.settle):
        return (
            f"it must be quoted and settled in {rules.settle}, "
            f"was {instrument.quote} and {instrument.settle}"
        )
    if instrument.base in rules.stablecoins:
        return f"its base must not be a stablecoin, was {instrument.base}"
    return None


def _status(contract: Contract, _: UniverseRules, __: datetime) -> str | None:
    return None if contract.trading else f"it must be trading, was {contract.status}"


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


_TESTS: tuple[Callable[[Contract, UniverseRules, datetime], str | None], ...] = (
    _named,
    _kind,
    _status,
    _age,
    _turnover,
    _spread,
)
