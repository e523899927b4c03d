"""Independent reference values: hand-made spreadsheets and series plotted by TradingView."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from indicators.core.compiled import Array

_BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "reference"


def reference_folder() -> Path:
    """Return the folder of reference series; skip the test where it is absent, fail it in CI."""
    folder = Path(os.environ.get("SCANNER_REFERENCE_DIR", _BESIDE)) / "series"
    if not folder.is_dir():
        said = f"the reference series are absent (SCANNER_REFERENCE_DIR): {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return folder


def manifest() -> list[dict[str, Any]]:
    """Return what is known about every file: source, parameters, tolerance."""
    entries: list[dict[str, Any]] = json.loads((reference_folder() / "manifest.json").read_text())
    return entries


class Reference:
    """One file of expected values, with the quotes they belong to."""

    def __init__(self, file: str) -> None:
        entry = next(entry for entry in manifest() if entry["file"] == file)
        self._expected = _read(reference_folder() / file)
        quotes = entry.get("quotes")
        self._quotes = _read(reference_folder() / quotes) if quotes else self._expected
        self._tolerance = float(entry["tolerance"].split()[0])

    def quotes(self, *names: str) -> list[Array]:
        """Return columns of candles."""
        return [_values(self._quotes, name) for name in names]

    def expected(self, name: str) -> Array:
        """Return a column of expected values; NaN where there is none."""
        return _values(self._expected, name)

    def agrees(self, actual: Array, name: str, *, start: int = 0, smallest: float = 0.0) -> None:
        """Assert equality from row `start` on, nulls included, to the manifest's tolerance.

        `smallest` is the absolute difference that is rounding noise of a value that may be 0.
        """
        expected = self.expected(name)
        np.testing.assert_array_equal(np.isnan(actual[start:]), np.isnan(expected[start:]))
        np.testing.assert_allclose(
            actual[start:], expected[start:], rtol=self._tolerance, atol=smallest
        )
        assert np.isfinite(expected[start:]).sum() > 50


@cache
def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None)


def _values(frame: pl.DataFrame, name: str) -> Array:
    return np.ascontiguousarray(
        frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(), dtype=np.float64
    )
