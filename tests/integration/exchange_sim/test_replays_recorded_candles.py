"""A folder of real candles, served to ccxt, equals its files row for row."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from common.errors import SettingsError
from tests.support.real_data import real_data_folder
from tests.support.venue import binance_client, bybit_client, running_venue

pytestmark = pytest.mark.real

HOUR = 3_600_000
NOW = int(datetime(2026, 5, 10, 8, 0, 30, tzinfo=UTC).timestamp() * 1000)
START = datetime.fromtimestamp(NOW / 1000, UTC)


def folder() -> Path:
    return real_data_folder() / "candles" / "binance"


def closed(symbol: str, *, since: int = 0, until: int = NOW) -> pl.DataFrame:
    frame = pl.read_parquet(folder() / f"{symbol}-1h.parquet")
    return frame.filter(pl.col("open_time").is_between(since, until - HOUR))


async def test_every_listed_contracts_latest_hours_equal_its_file() -> None:
    async with (
        running_venue(market="files", folder=folder(), start=START) as venue,
        binance_client(venue.base_url) as client,
    ):
        markets = await client.load_markets()
        for market in markets.values():
            rows = await client.fetch_ohlcv(
                market["symbol"], "1h", limit=1_000, params={"until": NOW // HOUR * HOUR - 1}
            )
            known = closed(market["id"], since=NOW // HOUR * HOUR - 1_000 * HOUR)
            if market["active"]:
                assert [tuple(row) for row in rows] == known.rows(), market["id"]

    assert sum(bool(market["active"]) for market in markets.values()) == 27
    assert not markets["BNB/USDT:USDT"]["active"]


@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000PEPEUSDT", "ENAUSDT", "HYPEUSDT"])
async def test_a_whole_history_read_page_by_page_equals_the_file(symbol: str) -> None:
    async with (
        running_venue(market="files", folder=folder(), start=START) as venue,
        binance_client(venue.base_url) as client,
    ):
        whole = closed(symbol).tail(9_000)
        since, rows = whole["open_time"][0], []
        while since <= whole["open_time"][-1]:
            page = await client.fapiPublicGetKlines(
                {"symbol": symbol, "interval": "1h", "startTime": since, "limit": 1_500}
            )
            rows += page
            since = page[-1][0] + 1 if int(page[-1][0]) else since
            since = int(page[-1][0]) + HOUR

    served = [(int(row[0]), *(float(value) for value in row[1:6])) for row in rows]
    assert served[: whole.height] == whole.rows()


async def test_four_hour_and_daily_candles_are_the_files_resampled() -> None:
    hours = closed("SOLUSDT")
    async with (
        running_venue(market="files", folder=folder(), start=START) as venue,
        binance_client(venue.base_url) as client,
    ):
        for timeframe, length in (("4h", 4 * HOUR), ("1d", 24 * HOUR)):
            boundary = NOW // length * length
            rows = await client.fetch_ohlcv(
                "SOL/USDT:USDT", timeframe, limit=400, params={"until": boundary - 1}
            )
            expected = (
                hours.filter(pl.col("open_time") < boundary)
                .group_by(
                    (pl.col("open_time") // length * length).alias("opened"), maintain_order=True
                )
                .agg(
                    pl.col("open").first(),
                    pl.col("high").max(),
                    pl.col("low").min(),
                    pl.col("close").last(),
                    pl.col("volume").sum(),
                )
                .tail(400)
            )
            assert [row[:5] for row in rows] == [list(row[:5]) for row in expected.rows()]
            assert [row[5] for row in rows] == pytest.approx(expected["volume"].to_list())


async def test_recorded_funding_is_served_with_its_real_interval() -> None:
    recorded = pl.read_parquet(folder().parents[1] / "funding" / "binance" / "BIOUSDT.parquet")
    async with (
        running_venue(market="files", folder=folder(), start=START) as venue,
        binance_client(venue.base_url) as client,
    ):
        history = await client.fetch_funding_rate_history("BIO/USDT:USDT", limit=50)
        rate = (await client.fetch_funding_rates())["BIO/USDT:USDT"]
        intervals = await client.fetch_funding_intervals()

    known = recorded.filter(pl.col("funding_time") <= NOW).tail(50)
    assert [(row["timestamp"], row["fundingRate"]) for row in history] == [
        (time, pytest.approx(rate, abs=1e-8)) for time, rate in known.rows()
    ]
    assert rate["fundingRate"] == pytest.approx(known["funding_rate"][-1], abs=1e-8)
    assert intervals["BIO/USDT:USDT"]["interval"] == "4h"


async def test_bybits_own_recorded_hours_are_served_beside_binances() -> None:
    start = datetime(2026, 2, 5, 8, 0, 30, tzinfo=UTC)
    now = int(start.timestamp() * 1000)
    files = pl.read_parquet(folder().parent / "bybit" / "SOLUSDT-1h.parquet")
    async with (
        running_venue(market="files", folder=folder(), start=start) as venue,
        bybit_client(venue.base_url) as client,
    ):
        rows = await client.fetch_ohlcv(
            "SOL/USDT:USDT", "1h", limit=1_000, params={"until": now // HOUR * HOUR - 1}
        )
        markets = await client.load_markets()

    known = files.filter(pl.col("open_time") < now // HOUR * HOUR).tail(1_000)
    assert [tuple(row) for row in rows] == known.rows()
    assert set(markets) == {"BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT"}


async def test_by_default_it_starts_where_most_contracts_trade_and_closes_remain() -> None:
    async with running_venue(market="files", folder=folder(), closes=42) as venue:
        assert venue.now() == datetime(2026, 5, 8, 19, 59, tzinfo=UTC)


async def test_a_time_after_the_candles_is_refused_with_their_end() -> None:
    late = datetime(2026, 6, 1, tzinfo=UTC)

    with pytest.raises(SettingsError, match="before 2026-05-15 21:00:00"):
        async with running_venue(market="files", folder=folder(), start=late):
            pass
