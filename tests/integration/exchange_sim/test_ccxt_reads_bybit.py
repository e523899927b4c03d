"""ccxt's own client for Bybit, changed in nothing but its base address."""

from datetime import timedelta
from itertools import pairwise

import ccxt
import pytest

from tests.support.venue import A_CLOSE, bybit_client, running_venue

HOUR = 3_600_000
NOW = int((A_CLOSE + timedelta(minutes=1)).timestamp() * 1000)
SOL = "SOL/USDT:USDT"
LINEAR = {"options": {"fetchMarkets": {"types": ["linear"]}}}


async def test_markets_load_with_ccxts_defaults_and_with_linear_ones_alone() -> None:
    async with running_venue() as venue, bybit_client(venue.base_url) as client:
        everything = await client.load_markets()
        venue.accounting.reset()
        async with bybit_client(venue.base_url, **LINEAR) as restricted:
            linear = await restricted.load_markets()
        requests = venue.accounting.summary(NOW)["requests"]

    assert set(everything) == set(linear)
    assert requests == 2  # trading contracts, and those before their launch
    assert linear[SOL]["swap"]
    assert linear[SOL]["active"]
    assert linear[SOL]["precision"]["price"] == 0.01


async def test_what_a_crypto_scanner_must_refuse_is_told_apart() -> None:
    async with running_venue(symbols=40) as venue, bybit_client(venue.base_url, **LINEAR) as client:
        markets = await client.load_markets()
        info = {market["id"]: market["info"] for market in markets.values()}
        universe = {
            name
            for name, row in info.items()
            if row["contractType"] == "LinearPerpetual"
            and row["settleCoin"] == "USDT"
            and row["symbolType"] in ("", "innovation")
            and row["status"] == "Trading"
            and not row["isPreListing"]
        }

    assert {"BTCUSDT", "ETHUSDT", "SHIB1000USDT", "1000PEPEUSDT"} <= universe
    assert 30 <= len(universe) < 40
    assert info["AAPLUSDT"]["symbolType"] == "stock"
    assert info["XAUUSDT"]["symbolType"] == "commodity"
    assert info["FUTURECOINUSDT"]["status"] == "PreLaunch"
    assert info["BTCUSDT-27MAR26"]["contractType"] == "LinearFutures"
    assert markets["BTC/USDC:USDC"]["id"] == "BTCPERP"
    assert not {"SRMUSDT", "BTCDOMUSDT"} & set(info)
    assert {row["symbolType"] for row in info.values()} >= {"", "innovation"}


async def test_instruments_are_paged_by_a_cursor() -> None:
    async with running_venue() as venue, bybit_client(venue.base_url) as client:
        asked = {"category": "linear", "limit": 10}
        pages = [await client.publicGetV5MarketInstrumentsInfo(asked)]
        while cursor := pages[-1]["result"]["nextPageCursor"]:
            pages.append(await client.publicGetV5MarketInstrumentsInfo({**asked, "cursor": cursor}))

    names = [row["symbol"] for page in pages for row in page["result"]["list"]]
    assert len(pages) == -(-len(names) // 10) > 2
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("timeframe", "length"), [("1m", HOUR // 60), ("1h", HOUR), ("4h", 4 * HOUR), ("1d", 24 * HOUR)]
)
async def test_candles_end_with_the_forming_one(timeframe: str, length: int) -> None:
    async with running_venue() as venue, bybit_client(venue.base_url, **LINEAR) as client:
        rows = await client.fetch_ohlcv(SOL, timeframe, limit=60)
        raw = await client.publicGetV5MarketKline(
            {"category": "linear", "symbol": "SOLUSDT", "interval": "60", "limit": 5}
        )

    times = [row[0] for row in rows]
    assert times == list(range(NOW // length * length - 59 * length, NOW + 1, length))
    newest_first = [int(row[0]) for row in raw["result"]["list"]]
    assert newest_first == sorted(newest_first, reverse=True)


async def test_paging_by_since_and_until_meets_every_candle_once() -> None:
    since = NOW // HOUR * HOUR - 700 * HOUR
    async with running_venue() as venue, bybit_client(venue.base_url, **LINEAR) as client:
        whole = await client.fetch_ohlcv(SOL, "1h", since=since, limit=1_000)
        paged: list[list[float]] = []
        while not paged or paged[-1][0] < whole[-1][0]:
            start = since if not paged else int(paged[-1][0]) + HOUR
            paged += await client.fetch_ohlcv(SOL, "1h", since=start, limit=200)
        before = await client.fetch_ohlcv(
            SOL, "1h", limit=3, params={"until": NOW // HOUR * HOUR - 1}
        )

    assert paged == whole
    assert len(whole) == 701
    assert before == whole[-4:-1]


async def test_one_call_gives_every_symbols_price_funding_and_open_interest() -> None:
    async with running_venue() as venue, bybit_client(venue.base_url, **LINEAR) as client:
        tickers = await client.fetch_tickers()
        rates = await client.fetch_funding_rates()
        history = await client.fetch_funding_rate_history(SOL, limit=5)
        interest = await client.fetch_open_interest_history(SOL, "1h", limit=5)
        instruments = await client.load_markets()
        time = await client.fetch_time()

    info = tickers[SOL]["info"]
    assert float(info["openInterest"]) == pytest.approx(2 * float(info["singleOpenInterest"]))
    assert rates[SOL]["fundingRate"] == pytest.approx(float(info["fundingRate"]))
    minutes = instruments[SOL]["info"]["fundingInterval"]
    spacing = {b["timestamp"] - a["timestamp"] for a, b in pairwise(history)}
    assert spacing == {int(minutes) * 60_000}
    assert [row["timestamp"] for row in interest] == [
        NOW // HOUR * HOUR - back * HOUR for back in (4, 3, 2, 1, 0)
    ]
    assert time == NOW


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"symbol": "NOUSDT", "interval": "60"}, ccxt.BadSymbol),
        ({"symbol": "BTCUSDT", "interval": "7"}, ccxt.BadRequest),
        ({"symbol": "BTCUSDT", "interval": "60", "limit": 1001}, ccxt.BadRequest),
        ({"interval": "60"}, ccxt.BadRequest),
    ],
)
async def test_wrong_requests_are_refused_with_bybits_codes(
    parameters: dict[str, object], error: type[Exception]
) -> None:
    async with running_venue() as venue, bybit_client(venue.base_url) as client:
        with pytest.raises(error):
            await client.publicGetV5MarketKline({"category": "linear", **parameters})


async def test_a_start_without_an_end_is_refused_for_funding() -> None:
    async with running_venue() as venue, bybit_client(venue.base_url) as client:
        with pytest.raises(ccxt.BadRequest):
            await client.publicGetV5MarketFundingHistory(
                {"category": "linear", "symbol": "BTCUSDT", "startTime": NOW - HOUR}
            )


async def test_more_than_600_requests_in_five_seconds_are_answered_403_for_ten_minutes() -> None:
    async with running_venue(symbols=1) as venue, bybit_client(venue.base_url) as client:
        for _ in range(600):
            await client.publicGetV5MarketTime()
        with pytest.raises(ccxt.RateLimitExceeded):
            await client.publicGetV5MarketTime()
        venue.advance(timedelta(minutes=9, seconds=59))
        with pytest.raises(ccxt.RateLimitExceeded):
            await client.publicGetV5MarketTime()
        venue.advance(timedelta(seconds=1))
        await client.publicGetV5MarketTime()
        books = venue.accounting.summary(0)

    assert books["venues"]["bybit"]["while_banned"] == 1  # type: ignore[index]  # a table
    assert books["statuses"] == {"200": 601, "403": 2}
    assert books["venues"]["bybit"]["pool_peaks"] == {"visits": 601}  # type: ignore[index]  # a table
