"""Request parameters as Binance reads them, and the errors it answers when it cannot."""

import re
from collections.abc import Mapping

from common.errors import ScannerError
from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import TIMEFRAMES, Timeframe
from exchange_sim.handlers.view import MarketView

_LATEST_TIME = 253_402_300_799_999  # the end of the year 9999
_SYMBOL = re.compile(r"[A-Z0-9-_.]{1,20}")


class BinanceRefusalError(ScannerError):
    """Binance's answer to a request that it does not accept: HTTP status, code and sentence."""

    def __init__(self, code: int, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Query:
    """The parameters of one request, read and checked on demand."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Return a parameter as sent, None when absent or empty."""
        return self._values.get(name) or None

    def contract(self, view: MarketView, now: int) -> Contract:
        """Return the contract that `symbol` names; the parameter is mandatory."""
        symbol = self.text("symbol")
        if symbol is None:
            raise _missing("symbol")
        if not _SYMBOL.fullmatch(symbol):
            raise _illegal("symbol", f"^{_SYMBOL.pattern}$")
        contract = view.contract(symbol, now)
        if contract is None:
            raise BinanceRefusalError(-1121, "Invalid symbol.")
        return contract

    def contracts(self, view: MarketView, now: int) -> list[Contract]:
        """Return the named contract, or all that trade when none is named."""
        if self.text("symbol") is not None:
            return [self.contract(view, now)]
        return [contract for contract in view.contracts(now) if contract.status(now) == "TRADING"]

    def interval(self) -> Timeframe:
        """Return the timeframe that `interval` names; the parameter is mandatory."""
        name = self.text("interval")
        if name is None:
            raise _missing("interval")
        if name not in TIMEFRAMES:
            raise BinanceRefusalError(-1120, "Invalid interval.")
        return TIMEFRAMES[name]

    def period(self, allowed: tuple[str, ...]) -> Timeframe:
        """Return the timeframe that `period` names; the parameter is mandatory."""
        name = self.text("period")
        if name is None:
            raise _missing("period")
        if name not in allowed:
            raise BinanceRefusalError(-1130, "parameter 'period' is invalid.")
        return TIMEFRAMES[name]

    def limit(self, *, default: int, most: int) -> int:
        """Return how many rows are wanted."""
        value = self._integer("limit")
        if value is None:
            return default
        if not 1 <= value <= most:
            raise BinanceRefusalError(-1130, "Data sent for parameter 'limit' is not valid.")
        return value

    def times(self) -> tuple[int | None, int | None]:
        """Return `startTime` and `endTime`."""
        start, end = self._time("startTime"), self._time("endTime")
        if start is not None and end is not None and start > end:
            raise BinanceRefusalError(-1023, "Start time is greater than end time.")
        return start, end

    def _time(self, name: str) -> int | None:
        value = self._integer(name)
        if value is not None and not 0 <= value <= _LATEST_TIME:
            raise BinanceRefusalError(-1130, f"parameter '{name}' is invalid.")
        return value

    def _integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError as e:
            raise _illegal(name, "^[0-9]{1,20}$") from e


def _missing(name: str) -> BinanceRefusalError:
    message = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    return BinanceRefusalError(-1102, message)


def _illegal(name: str, legal: str) -> BinanceRefusalError:
    message = f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    return BinanceRefusalError(-1100, message)
