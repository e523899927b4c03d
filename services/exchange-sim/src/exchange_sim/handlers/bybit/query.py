"""Request parameters as Bybit reads them, and the codes it answers when it cannot."""

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from common.errors import ScannerError
from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import TIMEFRAMES, Timeframe
from exchange_sim.handlers.view import MarketView

INTERVALS = {
    "1": "1m", "3": "3m", "5": "5m", "15": "15m", "30": "30m", "60": "1h", "120": "2h",
    "240": "4h", "360": "6h", "720": "12h", "D": "1d", "W": "1w", "M": "1M",
}  # fmt: skip
PERIODS = {"5min": "5m", "15min": "15m", "30min": "30m", "1h": "1h", "4h": "4h", "1d": "1d"}
CATEGORIES = ("linear", "inverse", "spot", "option")


class BybitRefusalError(ScannerError):
    """Bybit's answer to a request that it does not accept: its code, under HTTP status 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Query:
    """The parameters of one request, read and checked on demand."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Return a parameter as sent, None when absent or empty."""
        return self._values.get(name) or None

    def category(self) -> str:
        """Return the market that is asked about; only linear ones are traded here."""
        category = self.text("category") or "linear"
        if category not in CATEGORIES:
            raise _illegal("Category")
        return category

    def contract(self, view: MarketView, now: int) -> Contract:
        """Return the contract that `symbol` names; the parameter is mandatory."""
        symbol = self.text("symbol")
        if symbol is None:
            raise BybitRefusalError(10001, "params error: Missing some parameters, symbol")
        contract = view.contract(symbol, now) if self.category() == "linear" else None
        if contract is None:
            raise BybitRefusalError(10001, "Not supported symbols")
        return contract

    def interval(self) -> tuple[str, Timeframe]:
        """Return Bybit's word for the timeframe that `interval` names, and the timeframe."""
        name = self.text("interval") or ""
        if name not in INTERVALS:
            raise _illegal("Interval")
        return name, TIMEFRAMES[INTERVALS[name]]

    def period(self, name: str) -> Timeframe:
        """Return the timeframe that a statistics parameter names."""
        value = self.text(name) or ""
        if value not in PERIODS:
            raise _illegal(name)
        return TIMEFRAMES[PERIODS[value]]

    def limit(self, *, default: int, most: int) -> int:
        """Return how many rows are wanted."""
        value = self.integer("limit")
        if value is None:
            return default
        if not 1 <= value <= most:
            raise _illegal("limit")
        return value

    def cursor(self) -> dict[str, str]:
        """Return what an earlier answer's `nextPageCursor` says; it may come encoded twice."""
        text = unquote(self.text("cursor") or "")
        return {name: values[0] for name, values in parse_qs(text).items()}

    def integer(self, name: str) -> int | None:
        """Return a parameter as a whole number, None when absent."""
        value = self.text(name)
        if value is None:
            return None
        if not value.isdigit():
            raise _illegal(name)
        return int(value)


def _illegal(name: str) -> BybitRefusalError:
    return BybitRefusalError(10001, f"params error: {name} is invalid")
