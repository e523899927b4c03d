"""Where candles can be read besides the venue: their units, their likeness, their label."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

import numpy as np
import polars as pl

from common.domain import Instrument, ListedContract, Origin, Quality, Source, Timeframe
from fetcher.core.contracts import asset_of
from fetcher.core.parsing import instant

_TRUST: Final = (Source.VENUE, Source.OTHER_VENUE, Source.SPOT)
_PRICES: Final = slice(1, 5)
_VOLUME: Final = 5
_MOST_APART: Final = 0.03
"""Markets of one asset differ by tenths of a per cent; a namesake differs by anything."""


@dataclass(frozen=True)
class Place:
    """Where a window of candles is read."""

    name: str
    """`binance`, `bybit`, `binance-spot`."""
    source: Source


def bundled(own: Instrument | ListedContract, base: str) -> Fraction:
    """Return how many units of another market's base one unit of ours stands for."""
    return Fraction(asset_of(own.base).multiplier, asset_of(base).multiplier)


def counterpart(
    own: Instrument | ListedContract, listed: Iterable[Instrument]
) -> Instrument | None:
    """Return another market's listing of the same coin, in the same units where there is one."""
    alike = [
        one
        for one in listed
        if asset_of(one.base).name == asset_of(own.base).name
        and (one.quote, one.settle) == (own.quote, own.settle)
    ]
    return min(alike, key=lambda one: bundled(own, one.base) != 1, default=None)


def rescaled(rows: Sequence[object], units: Fraction) -> Sequence[object]:
    """Return rows of another market in our units: 1000PEPE costs a thousand PEPE.

    A row that cannot be read loses its numbers, so that the parser refuses it.
    """
    return rows if units == 1 else [_rescaled(row, units) for row in rows]


def _rescaled(row: object, units: Fraction) -> object:
    if not isinstance(row, list) or len(row) <= _VOLUME:
        return None
    up, down = Decimal(units.numerator), Decimal(units.denominator)
    try:
        prices = [float(Decimal(str(field)) * up / down) for field in row[_PRICES]]
        volume = float(Decimal(str(row[_VOLUME])) * down / up)
    except InvalidOperation:
        return None
    return [row[0], *prices, volume]


def apart(held: pl.DataFrame, told: pl.DataFrame) -> float | None:
    """Return how far two windows' closes lie apart at the median; None without a common candle."""
    pair = held.join(told, on="open_time", how="inner", suffix="_told")
    if pair.is_empty():
        return None
    ratios = pair["close_told"].to_numpy() / pair["close"].to_numpy()
    return float(np.median(np.abs(ratios - 1.0)))


def unlike(held: pl.DataFrame, told: pl.DataFrame) -> str | None:
    """Say why another market cannot stand for ours, None when its prices are alike."""
    distance = apart(held, told)
    if distance is None or distance <= _MOST_APART:
        return None
    return f"its closes must lie within {_MOST_APART:.0%} of the venue's, was {distance:.1%}"


def labelled(
    quality: Quality, places: Mapping[Timeframe, Place], frames: Mapping[Timeframe, pl.DataFrame]
) -> Quality:
    """Return a certificate that says where each timeframe was read, and how old it is."""
    return Quality(
        score=quality.score,
        defects=quality.defects,
        source=max((one.source for one in places.values()), key=_TRUST.index),
        origins=tuple(
            Origin(
                timeframe=timeframe,
                source=place.source,
                place=place.name,
                newest_close=_newest_close(frames[timeframe], timeframe),
            )
            for timeframe, place in places.items()
        ),
    )


def _newest_close(frame: pl.DataFrame, timeframe: Timeframe) -> datetime | None:
    if frame.is_empty():
        return None
    return instant(int(frame["open_time"][-1])) + timeframe.duration
