"""Run the catalogue over one window of candles into one block of float64 values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from indicators.core.catalogue import CANDLE_INPUTS, CATALOGUE, WARM_UP
from indicators.core.compiled import Array

VALUE_COLUMNS: Final = (*CANDLE_INPUTS, *WARM_UP)
"""A block's rows, an indicator frame's columns: the candle, then everything computed from it."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    function: Callable[..., Array]
    inputs: tuple[str, ...]
    parameters: tuple[float, ...]
    last_rows_only: bool
    place: slice
    """Its rows in the block."""
    kept: tuple[tuple[str, int], ...]
    """The rows of its result that later steps read, by name."""


def fill_block(candles: Array, block: Array) -> None:
    """Compute every column of one window into `block`, whose width says how many last rows.

    `candles` holds open, high, low, close and volume as rows; `block` has one row per name in
    `VALUE_COLUMNS`. NaN is null.
    """
    first_row = candles.shape[1] - block.shape[1]
    known: dict[str, Array] = dict(zip(CANDLE_INPUTS, candles, strict=True))
    block[: len(candles)] = candles[:, first_row:]
    for step in _STEPS:
        inputs = [known[name] for name in step.inputs]
        if step.last_rows_only:
            block[step.place] = step.function(*inputs, *step.parameters, first_row)
        else:
            values = step.function(*inputs, *step.parameters)
            for name, row in step.kept:
                known[name] = values[row]
            block[step.place] = values[:, first_row:]


def _plan() -> tuple[_Step, ...]:
    read = {name for indicator in CATALOGUE for name in indicator.inputs}
    steps, position = [], len(CANDLE_INPUTS)
    for indicator in CATALOGUE:
        stop = position + len(indicator.columns)
        steps.append(
            _Step(
                function=indicator.function,
                inputs=indicator.inputs,
                parameters=indicator.parameters,
                last_rows_only=indicator.last_rows_only,
                place=slice(position, stop),
                kept=tuple(
                    (name, row) for row, name in enumerate(indicator.columns) if name in read
                ),
            )
        )
        position = stop
    return tuple(steps)


_STEPS: Final = _plan()
