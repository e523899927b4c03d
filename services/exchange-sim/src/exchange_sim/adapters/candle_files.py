"""A folder of recorded one-hour candles, replayed as a market."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from common.errors import SettingsError
from exchange_sim.core.bars import Bars, complete
from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import key_of
from exchange_sim.core.timeframes import DAY, HOUR
from exchange_sim.ports import Settlement

_SUFFIX = "-1h.parquet"
_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")
_MOST_DECIMALS = 8
_RECENT = 1_000  # candles that tell today's tick: old ones may have been finer or coarser
_MONTH = 30 * DAY
_QUOTES = ("USDT", "USDC")


class CandleFiles:
    """Every `*-1h.parquet` of a folder is a perpetual, listed at its first candle.

    After its last candle a contract is settling. Funding comes from the sibling folder
    `../../funding/<folder name>` where that exists.
    """

    def __init__(self, folder: Path, *, seed: int) -> None:
        self._seed = seed
        self._bars: dict[str, Bars] = {}
        self._contracts: dict[str, Contract] = {}
        self._funding: dict[str, list[Settlement]] = {}
        funding = folder.parent.parent / "funding" / folder.name
        for file in sorted(folder.glob(f"*{_SUFFIX}")):
            symbol = file.name.removesuffix(_SUFFIX)
            recorded = funding / f"{symbol}.parquet"
            if recorded.exists():
                self._funding[symbol] = _read_funding(recorded)
            self._add(symbol, _read(file))
        if not self._bars:
            msg = f"the candle folder must hold *{_SUFFIX} files, was {folder}"
            raise SettingsError(msg)

    @property
    def key(self) -> int:
        """The key of all that is drawn inside the hours."""
        return key_of(self._seed, "inside")

    def every(self) -> Sequence[Contract]:
        """Return every contract that has a file."""
        return list(self._contracts.values())

    def contracts(self, now: int) -> Sequence[Contract]:
        """Return the contracts whose first candle has opened, ended ones included."""
        return [contract for contract in self._contracts.values() if contract.listed <= now]

    def contract(self, symbol: str) -> Contract | None:
        """Return the contract of that name, or None."""
        return self._contracts.get(symbol)

    def hours(self, symbol: str, start: int, end: int) -> Bars:
        """Return the recorded hours that open in [start, end)."""
        return self._bars[symbol].between(start, end)

    def settlements(self, symbol: str, start: int, end: int) -> Sequence[Settlement] | None:
        """Return the recorded payments in [start, end], or None where no file records them."""
        recorded = self._funding.get(symbol)
        if recorded is None:
            return None
        return [settlement for settlement in recorded if start <= settlement.time <= end]

    def busiest_end(self) -> int:
        """Return the last hour at which as many contracts trade as ever do together."""
        lives = [(contract.listed, contract.settles) for contract in self._contracts.values()]
        ends = sorted({settles for _, settles in lives})
        alive = [sum(listed < end <= settles for listed, settles in lives) for end in ends]
        return max(end for end, count in zip(ends, alive, strict=True) if count == max(alive))

    def _add(self, symbol: str, frame: pl.DataFrame) -> None:
        times = frame["open_time"].to_numpy().astype(np.int64)
        prices = [frame[name].to_numpy() for name in _COLUMNS[1:5]]
        decimals = max(_decimals(column) for column in prices)
        tick = max(_decimals(column[-_RECENT:]) for column in prices)
        volume = frame["volume"].to_numpy()
        quantity = _decimals(volume)
        opened, high, low, close = (_units(column, decimals) for column in prices)
        bars = complete(
            times,
            (opened, high, low, close),
            _units(volume, quantity),
            quote_decimals=decimals + quantity,
        )
        quote = next((quote for quote in _QUOTES if symbol.endswith(quote)), "USDT")
        recent = bars.between(int(times[-1]) - _MONTH, int(times[-1]) + HOUR)
        days = max(len(recent) / 24.0, 1.0)
        base_volume = float(recent.volume.sum()) / 10**quantity / days
        self._bars[symbol] = bars
        self._contracts[symbol] = Contract(
            symbol=symbol,
            pair=symbol,
            base=symbol.removesuffix(quote),
            quote=quote,
            price_decimals=decimals,
            tick_decimals=tick,
            quantity_decimals=quantity,
            announced=int(times[0]),
            listed=int(times[0]),
            settles=int(times[-1]) + HOUR,
            funding_hours=_interval(self._funding.get(symbol, [])),
            spread_ratio=max(0.00002, 10.0**-tick / float(prices[3][-1])),
            typical_open_interest=base_volume * 0.4,
        )


def _read(file: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(file, columns=list(_COLUMNS))
    except (OSError, PolarsError) as e:
        msg = f"a candle file must be parquet with the columns {', '.join(_COLUMNS)}, was {file}"
        raise SettingsError(msg) from e
    if not frame.height:
        msg = f"a candle file must hold at least one candle, was {file} with none"
        raise SettingsError(msg)
    return frame.unique("open_time", keep="first").sort("open_time")


def _read_funding(file: Path) -> list[Settlement]:
    frame = pl.read_parquet(file, columns=["funding_time", "funding_rate"]).sort("funding_time")
    return [Settlement(time, rate) for time, rate in frame.iter_rows()]


def _units(values: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    return np.rint(values * 10.0**decimals).astype(np.int64)


def _decimals(values: NDArray[np.float64]) -> int:
    for decimals in range(_MOST_DECIMALS):
        if np.array_equal(np.rint(values * 10.0**decimals) / 10.0**decimals, values):
            return decimals
    return _MOST_DECIMALS


def _interval(recorded: list[Settlement]) -> int:
    times = np.array([settlement.time for settlement in recorded[-30:]], dtype=np.int64)
    if len(times) < 2:  # noqa: PLR2004 (a spacing needs two)
        return 8
    hours = np.rint(np.diff(times) / HOUR)
    return int(np.median(hours))
