"""Binance USD-M answers to the fetcher's own words: pure, strict, one function an endpoint."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from common.domain import Instrument, Underlying
from common.errors import VenueUnavailableError
from fetcher.adapters.json_values import (
    Json,
    first_line,
    is_symbol,
    number,
    positive,
    rows,
    share,
    shown,
    table,
    whole,
)
from fetcher.core.contracts import Contract, Listing
from fetcher.core.derivatives import AccountRatio, Premium
from fetcher.core.interest import InterestPoint
from fetcher.core.parsing import instant

VENUE: Final = "binance"

_USUAL_FUNDING_HOURS: Final = 8.0  # fundingInfo lists only contracts whose terms were adjusted
_PRE_MARKET: Final = "PREMARKET"  # a coin that nobody trades elsewhere yet
_UNDERLYINGS: Final = {
    "COIN": Underlying.COIN,
    _PRE_MARKET: Underlying.COIN,
    "INDEX": Underlying.INDEX,
    "COMMODITY": Underlying.COMMODITY,
    "FOREX": Underlying.FOREX,
}
_NOT_TRADING_YET: Final = "PENDING_TRADING"
_NO_END: Final = 4_102_444_800_000  # a perpetual without one is delivered in December 2100


def read_time(answer: object) -> datetime:
    """Read `/fapi/v1/time`."""
    time = whole(table(answer, "time").get("serverTime"))
    if time is None:
        raise VenueUnavailableError(f"time must be milliseconds, was {shown(answer)}")
    return instant(time)


def read_listing(answer: object) -> Listing:
    """Read `/fapi/v1/exchangeInfo`; what cannot be read is named and left out."""
    told = table(answer, "exchangeInfo")
    simulated = told.get("simulated") is True
    contracts: list[Contract] = []
    unreadable: dict[str, str] = {}
    for entry in rows(told.get("symbols"), "exchangeInfo symbols"):
        symbol = str(entry.get("symbol"))
        try:
            contracts.append(_contract(entry, simulated=simulated))
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            unreadable[symbol] = f"its listing cannot be read: {first_line(error)}"
    if not contracts:
        raise VenueUnavailableError(f"exchangeInfo must list contracts, was {shown(answer)}")
    return Listing(
        contracts=tuple(contracts),
        simulated=simulated,
        weight_per_minute=_weight_limit(told.get("rateLimits")),
        unreadable=unreadable,
    )


def read_turnovers(answer: object) -> Mapping[str, float]:
    """Read `/fapi/v1/ticker/24hr`."""
    known = (
        (str(entry.get("symbol")), number(entry.get("quoteVolume")))
        for entry in rows(answer, "ticker/24hr")
    )
    return {symbol: volume for symbol, volume in known if volume is not None and volume >= 0}


def read_spreads(answer: object) -> Mapping[str, float]:
    """Read `/fapi/v1/ticker/bookTicker`."""
    spreads: dict[str, float] = {}
    for entry in rows(answer, "bookTicker"):
        bid, ask = number(entry.get("bidPrice")), number(entry.get("askPrice"))
        if bid and ask and 0 < bid <= ask:
            spreads[str(entry.get("symbol"))] = (ask - bid) / ((ask + bid) / 2) * 10_000
    return spreads


def read_funding_hours(answer: object) -> Mapping[str, float]:
    """Read `/fapi/v1/fundingInfo`: hours between settlements where they are not eight."""
    known = (
        (str(entry.get("symbol")), positive(entry.get("fundingIntervalHours")))
        for entry in rows(answer, "fundingInfo")
    )
    return {symbol: hours for symbol, hours in known if hours}


def read_premiums(answer: object, hours: Mapping[str, float] | None) -> Mapping[str, Premium]:
    """Read `/fapi/v1/premiumIndex`; `hours` None: the intervals are not known."""
    premiums: dict[str, Premium] = {}
    for entry in rows(answer, "premiumIndex"):
        symbol, observed = str(entry.get("symbol")), whole(entry.get("time"))
        if observed is None or not is_symbol(symbol):
            continue
        settles = whole(entry.get("nextFundingTime"))  # 0 on dated and settled contracts
        premiums[symbol] = Premium(
            symbol=symbol,
            observed_at=instant(observed),
            mark_price=positive(entry.get("markPrice")),
            index_price=positive(entry.get("indexPrice")),
            funding_rate=number(entry.get("lastFundingRate")) if settles else None,
            funding_interval_hours=(
                None if hours is None or not settles else hours.get(symbol, _USUAL_FUNDING_HOURS)
            ),
            next_funding_at=instant(settles) if settles else None,
        )
    if not premiums:
        raise VenueUnavailableError(f"premiumIndex must name contracts, was {shown(answer)}")
    return premiums


def read_open_interest(answer: object) -> InterestPoint:
    """Read `/fapi/v1/openInterest`."""
    told = table(answer, "openInterest")
    amount, time = number(told.get("openInterest")), whole(told.get("time"))
    if amount is None or amount < 0 or time is None:
        raise VenueUnavailableError(f"openInterest must be a number, was {shown(answer)}")
    return InterestPoint(instant(time), amount)


def read_open_interest_history(answer: object) -> Sequence[InterestPoint]:
    """Read `/futures/data/openInterestHist`; rows that cannot be read are left out."""
    told = (
        (
            whole(entry.get("timestamp")),
            number(entry.get("sumOpenInterest")),
            positive(entry.get("sumOpenInterestValue")),
        )
        for entry in rows(answer, "openInterestHist")
    )
    return [
        InterestPoint(instant(time), amount, value / amount if value and amount else None)
        for time, amount, value in told
        if time is not None and amount is not None and amount >= 0
    ]


def read_account_ratio(answer: object) -> AccountRatio | None:
    """Read `/futures/data/globalLongShortAccountRatio`, oldest first; empty for a young contract.

    The shares are read and not their ratio: the documentation's own example contradicts itself.
    """
    told = rows(answer, "globalLongShortAccountRatio")
    if not told:
        return None
    long_share, time = share(told[-1].get("longAccount")), whole(told[-1].get("timestamp"))
    if long_share is None or time is None:
        raise VenueUnavailableError(f"longAccount must be a share, was {shown(told[-1])}")
    return AccountRatio(instant(time), long_share)


def read_candle_rows(answer: object, what: str) -> Sequence[object]:
    """Read `/fapi/v1/klines`: a list of rows, whatever the rows may be."""
    if not isinstance(answer, list):
        raise VenueUnavailableError(f"{what} must be a list of rows, was {shown(answer)}")
    return answer


def _contract(entry: Json, *, simulated: bool) -> Contract:
    filters = {one["filterType"]: one for one in entry["filters"]}
    onboard = whole(entry.get("onboardDate"))
    notional = filters.get("MIN_NOTIONAL", {}).get("notional")
    instrument = Instrument(
        venue=VENUE,
        symbol=entry["symbol"],
        base=entry["baseAsset"],
        quote=entry["quoteAsset"],
        settle=entry.get("marginAsset", entry["quoteAsset"]),
        tick_size=Decimal(filters["PRICE_FILTER"]["tickSize"]).normalize(),
        step_size=Decimal(filters["LOT_SIZE"]["stepSize"]).normalize(),
        min_notional=None if notional is None else Decimal(notional),
        listed_since=None if onboard is None else instant(onboard),
        simulated=simulated,
    )
    status, delivery = str(entry.get("status")), whole(entry.get("deliveryDate"))
    return Contract(
        instrument=instrument,
        perpetual="PERPETUAL" in str(entry.get("contractType")),
        underlying=_underlying(entry),
        trading=status == "TRADING",
        status=status,
        pre_listing=status == _NOT_TRADING_YET or entry.get("underlyingType") == _PRE_MARKET,
        ends_at=instant(delivery) if delivery and delivery < _NO_END else None,
    )


def _underlying(entry: Json) -> Underlying:
    told = str(entry.get("underlyingType"))
    known = Underlying.STOCK if "EQUITY" in told else _UNDERLYINGS.get(told, Underlying.OTHER)
    traditional = str(entry.get("contractType")).startswith("TRADIFI")
    return Underlying.OTHER if traditional and known is Underlying.COIN else known


def _weight_limit(limits: object) -> int | None:
    for limit in limits if isinstance(limits, list) else ():
        if isinstance(limit, dict) and limit.get("rateLimitType") == "REQUEST_WEIGHT":
            return whole(limit.get("limit"))
    return None
