"""Every recorded answer and message of a real venue is read or served by some test."""

import ast
from pathlib import Path

import pytest

from tests.support.real_data import real_data_folder

pytestmark = pytest.mark.real

TESTS = Path(__file__).resolve().parent.parent


def test_every_recorded_payload_is_claimed_by_a_test() -> None:
    recorded = {
        path.relative_to(real_data_folder() / "payloads").as_posix()
        for path in (real_data_folder() / "payloads").rglob("*.*")
        if path.suffix != ".md"
    }
    words = {word for path in _tests() for word in _words(path)}

    unclaimed = {name for name in recorded if Path(name).name not in words | _with_folder(words)}

    assert {Path(name).parts[0] for name in recorded} == {"binance", "bybit", "vision", "ws"}
    assert not unclaimed, f"no test reads or serves {sorted(unclaimed)}"


def _tests() -> list[Path]:
    return [path for path in TESTS.rglob("test_*.py") if path != Path(__file__).resolve()]


def _words(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text if "payload" in text else "")
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _with_folder(words: set[str]) -> set[str]:
    return {word.rpartition("/")[2] for word in words if "/" in word and " " not in word}
