"""Bybit v5 linear answers to the fetcher's own words: pure, strict, one function an endpoint."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from common.domain import Instrument, Underlying
from common.errors import VenueRefusedError, VenueUnavailableError
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

VENUE: Final = "bybit"

_UNDERLYINGS: Final = {
    "": Underlying.COIN,
    "innovation": Underlying.COIN,  # young coins, and riskier ones
    "adventure": Underlying.COIN,
    "stock": Underlying.STOCK,
    "xstocks": Underlying.STOCK,
    "commodity": Underlying.COMMODITY,
    "forex": Underlying.FOREX,
}
_PERPETUAL: Final = "LinearPerpetual"
_TRADING: Final = "Trading"
_NOT_TRADING_YET: Final = "PreLaunch"


@dataclass(frozen=True, kw_only=True)
class InstrumentsPage:
    """One page of the listing, and where the next one begins; empty when there is none."""

    contracts: tuple[Contract, ...]
    unreadable: Mapping[str, str]
    simulated: bool
    next_cursor: str


@dataclass(frozen=True, kw_only=True)
class Tickers:
    """What one answer tells of all contracts at once."""

    observed_at: datetime
    turnovers: Mapping[str, float]
    spreads: Mapping[str, float]
    premiums: Mapping[str, Premium]
    interest: Mapping[str, InterestPoint]


def read_time(answer: object) -> datetime:
    """Read `/v5/market/time`; every answer tells the time, this one tells nothing else."""
    time = whole(table(answer, "time").get("time"))
    if time is None:
        raise VenueUnavailableError(f"time must be milliseconds, was {shown(answer)}")
    return instant(time)


def read_instruments(answer: object) -> InstrumentsPage:
    """Read a page of `/v5/market/instruments-info`; what cannot be read is named and left out."""
    result = _result(answer, "instruments-info")
    simulated = result.get("simulated") is True
    contracts: list[Contract] = []
    unreadable: dict[str, str] = {}
    for entry in rows(result.get("list"), "instruments-info list"):
        try:
            contracts.append(_contract(entry, simulated=simulated))
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
            unreadable[str(entry.get("symbol"))] = (
                f"its listing cannot be read: {first_line(error)}"
            )
    cursor = result.get("nextPageCursor")
    return InstrumentsPage(
        contracts=tuple(contracts),
        unreadable=unreadable,
        simulated=simulated,
        next_cursor=cursor if isinstance(cursor, str) else "",
    )


def join_pages(pages: Sequence[InstrumentsPage]) -> Listing:
    """Make one listing of all pages; a contract told twice is as it was told last."""
    contracts = {one.instrument.symbol: one for page in pages for one in page.contracts}
    unreadable = {name: why for page in pages for name, why in page.unreadable.items()}
    if not contracts:
        raise VenueUnavailableError("instruments-info must list contracts, was without any")
    return Listing(
        contracts=tuple(contracts.values()),
        simulated=any(page.simulated for page in pages),
        unreadable=unreadable,
    )


def read_tickers(answer: object) -> Tickers:
    """Read `/v5/market/tickers` of all contracts."""
    observed = read_time(answer)
    entries = {
        symbol: entry
        for entry in rows(_result(answer, "tickers").get("list"), "tickers list")
        if is_symbol(symbol := str(entry.get("symbol")))
    }
    if not entries:
        raise VenueUnavailableError(f"tickers must name contracts, was {shown(answer)}")
    amounts = _numbers(entries, "openInterest")
    return Tickers(
        observed_at=observed,
        turnovers=_numbers(entries, "turnover24h"),
        spreads=_spreads(entries),
        premiums={symbol: _premium(symbol, entry, observed) for symbol, entry in entries.items()},
        interest={symbol: InterestPoint(observed, amount) for symbol, amount in amounts.items()},
    )


def read_open_interest_history(answer: object) -> Sequence[InterestPoint]:
    """Read `/v5/market/open-interest`, told newest first; rows that cannot be read are left out."""
    # `openInterest` counts both sides, here as in the tickers; only changes of it are compared.
    told = (
        (whole(entry.get("timestamp")), number(entry.get("openInterest")))
        for entry in rows(_result(answer, "open-interest").get("list"), "open-interest list")
    )
    points = [
        InterestPoint(instant(time), amount)
        for time, amount in told
        if time is not None and amount is not None and amount >= 0
    ]
    return points[::-1]


def read_account_ratio(answer: object) -> AccountRatio | None:
    """Read `/v5/market/account-ratio`, told newest first; empty for a young contract."""
    told = rows(_result(answer, "account-ratio").get("list"), "account-ratio list")
    if not told:
        return None
    long_share, time = share(told[0].get("buyRatio")), whole(told[0].get("timestamp"))
    if long_share is None or time is None:
        raise VenueUnavailableError(f"buyRatio must be a share, was {shown(told[0])}")
    return AccountRatio(instant(time), long_share)


def read_candle_rows(answer: object, what: str) -> Sequence[object]:
    """Read `/v5/market/kline`, told newest first: rows oldest first, whatever the rows may be."""
    told = _result(answer, what).get("list")
    if not isinstance(told, list):
        raise VenueUnavailableError(f"{what} must be a list of rows, was {shown(answer)}")
    return told[::-1]


def _result(answer: object, what: str) -> Json:
    told = table(answer, what)
    if told.get("retCode"):  # ccxt would have named it
        raise VenueRefusedError(f"code {told['retCode']} for {what}: {shown(told.get('retMsg'))}")
    return table(told.get("result"), f"the result of {what}")


def _contract(entry: Json, *, simulated: bool) -> Contract:
    launched = whole(entry.get("launchTime"))
    least = entry["lotSizeFilter"].get("minNotionalValue")
    leverage = number(entry.get("leverageFilter", {}).get("maxLeverage"))
    instrument = Instrument(
        venue=VENUE,
        symbol=entry["symbol"],
        base=entry["baseCoin"],
        quote=entry["quoteCoin"],
        settle=entry["settleCoin"],
        tick_size=Decimal(entry["priceFilter"]["tickSize"]).normalize(),
        step_size=Decimal(entry["lotSizeFilter"]["qtyStep"]).normalize(),
        min_notional=Decimal(least) if least else None,
        max_leverage=int(leverage) if leverage is not None and leverage >= 1 else None,
        listed_since=instant(launched) if launched else None,
        simulated=simulated,
    )
    status, ends = str(entry.get("status")), whole(entry.get("deliveryTime"))  # 0: none
    waiting = entry.get("isPreListing") is True
    return Contract(
        instrument=instrument,
        perpetual=entry.get("contractType") == _PERPETUAL,
        # A contract without the field cannot be told from a stock's: it is left out by name.
        underlying=_UNDERLYINGS.get(str(entry.get("symbolType")), Underlying.OTHER),
        trading=status == _TRADING and not waiting,
        status=status,
        pre_listing=waiting or status == _NOT_TRADING_YET,
        ends_at=instant(ends) if ends else None,
    )


def _premium(symbol: str, entry: Json, observed: datetime) -> Premium:
    settles = whole(entry.get("nextFundingTime"))  # 0 on dated contracts
    return Premium(
        symbol=symbol,
        observed_at=observed,
        mark_price=positive(entry.get("markPrice")),
        index_price=positive(entry.get("indexPrice")),
        funding_rate=number(entry.get("fundingRate")) if settles else None,
        funding_interval_hours=positive(entry.get("fundingIntervalHour")) if settles else None,
        next_funding_at=instant(settles) if settles else None,
    )


def _numbers(entries: Mapping[str, Json], name: str) -> Mapping[str, float]:
    known: Iterable[tuple[str, float | None]] = (
        (symbol, number(entry.get(name))) for symbol, entry in entries.items()
    )
    return {symbol: value for symbol, value in known if value is not None and value >= 0}


def _spreads(entries: Mapping[str, Json]) -> Mapping[str, float]:
    spreads: dict[str, float] = {}
    for symbol, entry in entries.items():
        bid, ask = number(entry.get("bid1Price")), number(entry.get("ask1Price"))
        if bid and ask and 0 < bid <= ask:
            spreads[symbol] = (ask - bid) / ((ask + bid) / 2) * 10_000
    return spreads
