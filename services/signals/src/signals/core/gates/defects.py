"""Defects of candles in words: `12 gaps in 4h`."""

from collections.abc import Sequence
from typing import Final

from common.domain import Defect

_WORDS: Final = {
    "gap": ("gap", "gaps"),
    "stale_tail": ("newest candle missing", "newest candles missing"),
    "zero_volume_run": ("candle without a trade", "candles without a trade"),
    "outlier_wick": ("outlier wick", "outlier wicks"),
    "changed_past": ("candle changed afterwards", "candles changed afterwards"),
    "clock_offset": ("second between the clocks", "seconds between the clocks"),
    "malformed": ("malformed row", "malformed rows"),
    "not_finite": ("row that is not finite", "rows that are not finite"),
    "inconsistent": ("inconsistent row", "inconsistent rows"),
    "misaligned": ("misaligned row", "misaligned rows"),
    "duplicate": ("duplicate row", "duplicate rows"),
    "out_of_order": ("row out of order", "rows out of order"),
    "short_history": ("candle short of a whole window", "candles short of a whole window"),
    "forming": ("candle not closed yet", "candles not closed yet"),
}
_COSTLESS: Final = ("short_history", "forming")


def told(defects: Sequence[Defect]) -> str:
    """Name every defect with its count; those that cost nothing come last."""
    ordered = sorted(defects, key=lambda defect: defect.name in _COSTLESS)
    return ", ".join(_one(defect) for defect in ordered)


def _one(defect: Defect) -> str:
    single, several = _WORDS.get(defect.name, (defect.name.replace("_", " "),) * 2)
    where = f" in {defect.timeframe}" if defect.timeframe else ""
    return f"{defect.count} {single if defect.count == 1 else several}{where}"
