from datetime import timedelta

import pytest

from tests.support.venue import A_CLOSE, binance_client, running_venue

HOUR = 3_600_000
NOW = int((A_CLOSE + timedelta(minutes=1)).timestamp() * 1000)
SOL = "SOL/USDT:USDT"


async def test_markets_load_in_one_request_and_are_marked_as_simulated() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        markets = await client.load_markets()

        assert venue.accounting.summary(NOW)["requests"] == 1
        assert (await client.fapiPublicGetExchangeInfo())["simulated"] is True

    sol = markets[SOL]
    assert sol["swap"]
    assert sol["linear"]
    assert sol["active"]
    assert sol["settle"] == "USDT"
    assert sol["precision"]["price"] == 0.01
    assert markets["1000PEPE/USDT:USDT"]["precision"]["price"] == 0.000001


async def test_the_usual_filter_keeps_the_scannable_contracts_alone() -> None:
    async with running_venue(symbols=25) as venue, binance_client(venue.base_url) as client:
        markets = await client.load_markets()

    def taken(market: dict[str, object]) -> bool:
        info = market["info"]
        assert isinstance(info, dict)
        return bool(
            market["swap"]
            and market["linear"]
            and market["active"]
            and market["settle"] == "USDT"
            and info["contractType"] == "PERPETUAL"
            and info["underlyingType"] == "COIN"
        )

    assert sum(taken(market) for market in markets.values()) == 25
    assert {
        "AAPL/USDT:USDT",
        "BTCDOM/USDT:USDT",
        "SRM/USDT:USDT",
        "BTC/USDC:USDC",
        "BTC/USDT:USDT-260327",
    } <= {name for name, market in markets.items() if not taken(market)}


@pytest.mark.parametrize(
    ("timeframe", "length"), [("1m", HOUR // 60), ("1h", HOUR), ("4h", 4 * HOUR), ("1d", 24 * HOUR)]
)
async def test_candles_come_oldest_first_with_the_forming_one_last(
    timeframe: str, length: int
) -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        rows = await client.fetch_ohlcv(SOL, timeframe, limit=60)

    times = [row[0] for row in rows]
    assert times == list(range(NOW // length * length - 59 * length, NOW + 1, length))
    assert times[-1] + length > NOW
    assert all(low <= min(o, c) <= max(o, c) <= high for _, o, high, low, c, _ in rows)


async def test_until_the_boundary_gives_closed_candles_only() -> None:
    boundary = int(A_CLOSE.timestamp() * 1000)
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        rows = await client.fetch_ohlcv(SOL, "4h", limit=3, params={"until": boundary - 1})

    assert [row[0] for row in rows] == [boundary - back * HOUR for back in (12, 8, 4)]


async def test_paging_by_since_meets_every_candle_once() -> None:
    since = NOW - 700 * HOUR
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        whole = await client.fetch_ohlcv(SOL, "1h", since=since, limit=1_000)
        paged: list[list[float]] = []
        while len(page := await client.fetch_ohlcv(SOL, "1h", since=since, limit=99)) == 99:
            paged += page
            since = page[-1][0] + 1
        paged += page

    assert len(whole) == 700
    assert paged == whole


async def test_the_forming_candle_moves_with_the_venues_time() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        before = (await client.fetch_ohlcv(SOL, "4h", limit=2))[-1]
        venue.advance(timedelta(minutes=30))
        after = (await client.fetch_ohlcv(SOL, "4h", limit=2))[-1]
        venue.move_to(A_CLOSE + timedelta(hours=4, seconds=1))
        closed, fresh = await client.fetch_ohlcv(SOL, "4h", limit=2)

    assert before[:2] == after[:2] == closed[:2]
    assert before[5] < after[5] < closed[5]
    assert fresh[0] == before[0] + 4 * HOUR


async def test_funding_of_all_contracts_comes_in_one_request_with_the_next_settlement() -> None:
    async with running_venue(symbols=300) as venue, binance_client(venue.base_url) as client:
        rates = await client.fetch_funding_rates()
        intervals = await client.fetch_funding_intervals()

    perpetuals = {name: rate for name, rate in rates.items() if name.endswith(":USDT")}
    assert len(perpetuals) >= 300
    for name, rate in perpetuals.items():
        hours = int(intervals[name]["interval"].rstrip("h")) if name in intervals else 8
        assert rate["fundingTimestamp"] == (NOW // (hours * HOUR) + 1) * hours * HOUR
        assert abs(rate["fundingRate"]) <= 0.02
        assert rate["markPrice"] == pytest.approx(rate["indexPrice"], rel=0.003)
    assert {entry["interval"] for entry in intervals.values()} >= {"1h", "4h"}


async def test_funding_history_is_ascending_and_pages() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        latest = await client.fetch_funding_rate_history(SOL, limit=20)
        since = latest[0]["timestamp"]
        again = await client.fetch_funding_rate_history(SOL, since=since, limit=5)
        then = await client.fetch_funding_rate_history(SOL, since=again[-1]["timestamp"] + 1)

    assert [round(row["timestamp"] / 60_000) for row in latest] == [
        (NOW // (8 * HOUR) - back) * 8 * 60 for back in range(19, -1, -1)
    ]
    assert again + then == latest


async def test_open_interest_and_its_history_agree() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        venue.move_to(A_CLOSE)
        now = await client.fetch_open_interest(SOL)
        history = await client.fetch_open_interest_history(SOL, "1h", limit=25)
        full = await client.fetch_open_interest_history(SOL, "5m", limit=500)
        price = (await client.fetch_ohlcv(SOL, "1h", limit=1))[0][1]

    assert [row["timestamp"] for row in history] == [
        int(A_CLOSE.timestamp() * 1000) - back * HOUR for back in range(24, -1, -1)
    ]
    assert len(full) == 500
    last = history[-1]
    assert last["openInterestAmount"] == now["openInterestAmount"]
    assert last["openInterestValue"] == pytest.approx(now["openInterestAmount"] * price)


async def test_tickers_of_all_contracts_tell_volume_and_spread() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        tickers = await client.fetch_tickers()
        books = await client.fetch_bids_asks()
        hours = await client.fetch_ohlcv(SOL, "1m", limit=1_000)

    assert tickers["BTC/USDT:USDT"]["quoteVolume"] > tickers["LINK/USDT:USDT"]["quoteVolume"]
    assert tickers[SOL]["last"] == hours[-1][4]
    for name, book in books.items():
        assert 0 < book["bid"] < book["ask"]
        assert book["bid"] <= tickers[name]["last"] <= book["ask"]


async def test_the_venues_time_is_its_own() -> None:
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        assert await client.fetch_time() == NOW


async def test_two_venues_of_one_seed_serve_the_same_candles() -> None:
    async with (
        running_venue(symbols=30) as one,
        running_venue(symbols=60) as other,
        binance_client(one.base_url) as left,
        binance_client(other.base_url) as right,
    ):
        await left.load_markets()
        await right.load_markets()
        for timeframe in ("5m", "1h", "1d"):
            expected = await left.fetch_ohlcv(SOL, timeframe, limit=300)
            assert await right.fetch_ohlcv(SOL, timeframe, limit=300) == expected
