"""Compile the loops of this package to machine code once, and keep the result on disk.

The cache lies beside the source or, where that cannot be written (a read-only image), in the
temporary folder; where nothing can be written every process compiles for itself. Processes may fill
one cache at the same time. Its name carries a fingerprint of all sources, because a compiled
function contains the functions it calls and Numba looks only at the file of the caller. Numba uses
no cache it may not write: what an image brings along beside its source is copied from there first.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
"""Float64 values; NaN stands for null until a frame leaves this package."""

_Inputs = ParamSpec("_Inputs")
_Output = TypeVar("_Output")

_SOURCES: Final = Path(__file__).parent


def compiled(function: Callable[_Inputs, _Output]) -> Callable[_Inputs, _Output]:
    """Compile at the first call; division by zero gives infinity or NaN, never an exception."""
    # no fastmath: NaN must survive, and every replica must round alike
    compile_lazily = numba.njit(cache=_CACHED, error_model="numpy", nogil=True)
    return compile_lazily(function)  # type: ignore[no-any-return]  # numba ships no types


def cache_folder(*candidates: Path) -> Path | None:
    """Return the first candidate in which files can be made, or None."""
    for candidate in candidates:
        try:
            candidate.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=candidate):
                return candidate
        except OSError:
            continue
    return None


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in sorted(_SOURCES.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _choose() -> Path | None:
    name = f"scanner-numba-{_fingerprint()}"
    beside = _SOURCES / "__pycache__" / name
    chosen = (Path(numba.config.CACHE_DIR) / name,) if numba.config.CACHE_DIR else ()
    folder = cache_folder(*chosen, beside, Path(tempfile.gettempdir()) / name)
    if folder is not None and folder != beside and beside.is_dir() and not any(folder.iterdir()):
        shutil.copytree(beside, folder, dirs_exist_ok=True)
    return folder


_FOLDER: Final = _choose()
_CACHED: Final = _FOLDER is not None
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)
