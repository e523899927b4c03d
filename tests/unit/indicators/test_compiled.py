"""Compiled code is kept where it can be written, and never outlives its sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import indicators
from indicators.core import compiled

_ASK = """
from indicators.core import compiled
from indicators.core.smoothing import ema
import numpy as np
print(round(ema(np.arange(30.0), 9)[0, -1], 9), compiled._FOLDER)
"""


def _ask(packages: Path, **environment: str) -> tuple[float, str]:
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**kept, "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=55,
    )
    value, folder = done.stdout.split()
    return float(value), folder


def _copy_of_the_package(into: Path) -> Path:
    shutil.copytree(
        Path(indicators.__file__).parent,
        into / "indicators",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return into


def _forbid_cache_beside(packages: Path) -> None:
    # root may write everywhere: a file in the folder's place refuses root too
    (packages / "indicators" / "core" / "__pycache__").write_text("")


def test_the_cache_lies_beside_the_source_where_it_may(tmp_path: Path) -> None:
    packages = _copy_of_the_package(tmp_path)

    assert _ask(packages)[0] == 25.0
    assert list(packages.glob("indicators/core/__pycache__/scanner-numba-*/**/*.nbi"))


def test_a_read_only_package_keeps_its_cache_in_the_temporary_folder(tmp_path: Path) -> None:
    packages = _copy_of_the_package(tmp_path / "packages")
    _forbid_cache_beside(packages)
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    value, folder = _ask(packages, TMPDIR=str(temporary))

    assert value == 25.0
    assert Path(folder).parent == temporary
    assert list(temporary.glob("scanner-numba-*/**/*.nbi"))


def test_a_chosen_folder_comes_first(tmp_path: Path) -> None:
    value, folder = _ask(
        Path(indicators.__file__).parents[1], NUMBA_CACHE_DIR=str(tmp_path / "chosen")
    )

    assert value == 25.0
    assert Path(folder).parent == tmp_path / "chosen"


def test_what_an_image_brings_along_is_used_from_the_chosen_folder(tmp_path: Path) -> None:
    packages = _copy_of_the_package(tmp_path / "packages")
    _ask(packages)
    brought = {path.name for path in packages.rglob("*.nbc")}

    _, folder = _ask(packages, NUMBA_CACHE_DIR=str(tmp_path / "chosen"))

    assert brought
    assert {path.name for path in Path(folder).rglob("*.nbc")} == brought


def test_no_writable_folder_means_no_cache(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")

    assert compiled.cache_folder(blocked / "one", blocked / "two") is None
    assert compiled.cache_folder(blocked / "one", tmp_path / "two") == tmp_path / "two"


def test_two_processes_may_fill_one_cache_at_once(tmp_path: Path) -> None:
    packages = Path(indicators.__file__).parents[1]
    command = [sys.executable, "-c", _ASK]
    environment = {"PYTHONPATH": str(packages), "NUMBA_CACHE_DIR": str(tmp_path)}
    together = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=55)[0].split()[0] for process in together]

    assert answers == ["25.0", "25.0"]
    assert _ask(packages, NUMBA_CACHE_DIR=str(tmp_path))[0] == 25.0


def test_a_changed_callee_is_compiled_anew(tmp_path: Path) -> None:
    # Numba alone would go on using the cached caller, which contains the old callee
    packages = _copy_of_the_package(tmp_path)
    before, folder = _ask(packages)
    source = packages / "indicators" / "core" / "smoothing.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("2.0 / (length + 1.0)", "1.0"), encoding="utf-8")

    assert _ask(packages) != (before, folder)
    assert _ask(packages)[0] == 29.0
