"""Every test's surroundings: the real servers, and an environment without our own variables."""

import os

import pytest

pytest_plugins = ["tests.support.servers"]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SCANNER_", "OTEL_")) and name not in _SUPPORT:
            monkeypatch.delenv(name)


_SUPPORT = {"SCANNER_DATA_DIR", "SCANNER_REFERENCE_DIR"}
