"""Run the catalogue over one window of candles into one block of float64 values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np

from indicators.core.catalogue import CANDLE_INPUTS, CATALOGUE, WARM_UP
from indicators.core.compiled import Array

VALUE_COLUMNS: Final = (*CANDLE_INPUTS, *WARM_UP)
"""A block's rows, an indicator frame's columns: the candle, then everything computed from it."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    function: Callable[..., Array]
    read: Callable[[Mapping[str, Array]], Sequence[Array]]
    """Takes its inputs out of the columns known so far."""
    parameters: tuple[float, ...]
    last_rows_only: bool
    kept: tuple[tuple[str, int], ...]
    """The rows of its result that later steps read, by name."""


def fill_block(candles: Array, block: Array) -> None:
    """Compute every column of one window into `block`, whose width says how many last rows.

    `candles` holds open, high, low, close and volume as rows; `block` has one row per name in
    `VALUE_COLUMNS`. NaN is null.
    """
    first_row = candles.shape[1] - block.shape[1]
    known: dict[str, Array] = dict(zip(CANDLE_INPUTS, candles, strict=True))
    found = [candles[:, first_row:]]
    for step in _STEPS:
        if step.last_rows_only:
            found.append(step.function(*step.read(known), *step.parameters, first_row))
        else:
            values = step.function(*step.read(known), *step.parameters)
            for name, row in step.kept:
                known[name] = values[row]
            found.append(values[:, first_row:])
    np.concatenate(found, out=block)


def _plan() -> tuple[_Step, ...]:
    read = {name for indicator in CATALOGUE for name in indicator.inputs}
    return tuple(
        _Step(
            function=indicator.function,
            read=_reader(indicator.inputs),
            parameters=indicator.parameters,
            last_rows_only=indicator.last_rows_only,
            kept=tuple((name, row) for row, name in enumerate(indicator.columns) if name in read),
        )
        for indicator in CATALOGUE
    )


def _reader(names: tuple[str, ...]) -> Callable[[Mapping[str, Array]], Sequence[Array]]:
    if len(names) == 1:
        return lambda known: (known[names[0]],)
    return itemgetter(*names)


_STEPS: Final = _plan()
