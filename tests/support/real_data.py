"""Where the shared real data is: candles, funding and recorded answers of real venues."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def real_data_folder() -> Path:
    """Return the folder; skip the test where it is absent, fail it in CI."""
    folder = Path(os.environ.get("SCANNER_DATA_DIR", _BESIDE))
    if not folder.is_dir():
        said = f"the real data is absent (SCANNER_DATA_DIR): {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return folder


def recorded_payload(name: str) -> Any:
    """Return a recorded answer, named like `binance/http_futures_market_klines.json`."""
    return json.loads((real_data_folder() / "payloads" / name).read_text())
