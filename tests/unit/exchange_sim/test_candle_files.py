from pathlib import Path

import polars as pl
import pytest

from common.errors import SettingsError
from exchange_sim.adapters.candle_files import CandleFiles
from exchange_sim.core.bars import Bars
from exchange_sim.core.timeframes import DAY, HOUR, TIMEFRAMES
from exchange_sim.handlers.view import MarketView
from exchange_sim.ports import Settlement
from tests.unit.exchange_sim.market import at

START = at("2026-01-05T00:00:00")


def hours_of(bars: Bars) -> list[int]:
    return [(time - START) // HOUR for time in bars.open_time.tolist()]


def write(folder: Path, symbol: str, *, first: int = 0, count: int = 100) -> None:
    close = 0.5
    hours = [first + number for number in range(count)]
    pl.DataFrame(
        {
            "open_time": [START + number * HOUR for number in hours],
            "open": [close + 0.0001 * number for number in hours],
            "high": [close + 0.0001 * number + 0.0007 for number in hours],
            "low": [close + 0.0001 * number - 0.0003 for number in hours],
            "close": [close + 0.0001 * number + 0.0002 for number in hours],
            "volume": [1000.25 + number for number in hours],
        }
    ).with_columns(pl.col("open", "high", "low", "close").round(4)).write_parquet(
        folder / f"{symbol}-1h.parquet"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "candles" / "binance"
    made.mkdir(parents=True)
    return made


def test_the_grid_of_prices_and_volumes_is_read_from_the_data(folder: Path) -> None:
    write(folder, "ABCUSDT")

    contract = CandleFiles(folder, seed=1).contract("ABCUSDT")
    assert contract is not None
    assert (contract.price_decimals, contract.tick_decimals) == (4, 4)
    assert contract.quantity_decimals == 2
    assert (contract.base, contract.quote) == ("ABC", "USDT")


def test_a_contract_is_listed_at_its_first_candle_and_settles_after_its_last(folder: Path) -> None:
    write(folder, "OLDUSDT")
    write(folder, "NEWUSDT", first=50)
    market = CandleFiles(folder, seed=1)

    def known(hour: int) -> dict[str, str]:
        now = START + hour * HOUR
        return {contract.symbol: contract.status(now) for contract in market.contracts(now)}

    assert known(49) == {"OLDUSDT": "TRADING"}
    assert known(50) == {"OLDUSDT": "TRADING", "NEWUSDT": "TRADING"}
    assert known(100) == {"OLDUSDT": "SETTLING", "NEWUSDT": "TRADING"}


def test_the_busiest_end_is_the_last_time_when_most_contracts_trade(folder: Path) -> None:
    write(folder, "AUSDT", count=40)
    write(folder, "BUSDT", first=50, count=30)
    write(folder, "CUSDT", first=60, count=40)
    write(folder, "DUSDT", first=0, count=100)

    assert CandleFiles(folder, seed=1).busiest_end() == START + 80 * HOUR


def test_missing_hours_stay_missing_and_an_answer_reaches_across_them(folder: Path) -> None:
    write(folder, "GAPUSDT")
    file = folder / "GAPUSDT-1h.parquet"
    frame = pl.read_parquet(file)
    frame.filter(~pl.col("open_time").is_in([START + 10 * HOUR, START + 11 * HOUR])).write_parquet(
        file
    )
    view = MarketView(CandleFiles(folder, seed=1))

    bars = view.candles(
        "GAPUSDT", TIMEFRAMES["1h"], now=START + DAY, limit=6, start=START + 8 * HOUR
    )
    back = view.candles("GAPUSDT", TIMEFRAMES["1h"], now=START + 15 * HOUR, limit=6)
    assert hours_of(bars) == [8, 9, 12, 13, 14, 15]
    assert hours_of(back) == [8, 9, 12, 13, 14, 15]


def test_recorded_funding_is_taken_from_the_sibling_folder(folder: Path) -> None:
    write(folder, "ABCUSDT")
    funding = folder.parent.parent / "funding" / "binance"
    funding.mkdir(parents=True)
    times = [START + 4 * HOUR * number for number in range(6)]
    rates = [0.0001 * number for number in range(6)]
    pl.DataFrame({"funding_time": times, "funding_rate": rates}).write_parquet(
        funding / "ABCUSDT.parquet"
    )
    market = CandleFiles(folder, seed=1)
    contract = market.contract("ABCUSDT")
    assert contract is not None

    now = START + 9 * HOUR
    mark = MarketView(market).marks([contract], now)[0]
    assert contract.funding_hours == 4
    assert market.settlements("ABCUSDT", START + 1, START + 8 * HOUR) == [
        Settlement(START + 4 * HOUR, 0.0001),
        Settlement(START + 8 * HOUR, 0.0002),
    ]
    assert mark is not None
    assert mark.funding_rate == 0.0002
    assert mark.next_funding == START + 12 * HOUR


def test_without_recorded_funding_it_is_drawn(folder: Path) -> None:
    write(folder, "ABCUSDT")
    market = CandleFiles(folder, seed=1)
    contract = market.contract("ABCUSDT")
    assert contract is not None

    paid = MarketView(market).settlements(contract, start=START, end=START + 2 * DAY + 10)
    assert len(paid) == 7


def test_a_folder_without_candles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"must hold \*-1h.parquet files, was "):
        CandleFiles(tmp_path, seed=1)


def test_a_file_that_is_no_parquet_is_refused_by_name(folder: Path) -> None:
    (folder / "BADUSDT-1h.parquet").write_text("open,high\n")

    with pytest.raises(SettingsError, match="BADUSDT"):
        CandleFiles(folder, seed=1)
