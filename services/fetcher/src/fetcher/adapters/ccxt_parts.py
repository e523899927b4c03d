"""The parts of ccxt that are used, without the hundred venues that are not.

`import ccxt` loads every venue twice: six seconds of CPU and 50 MB (measured with 4.5.90). While
the parts are imported, the packages' own `__init__` is kept from running; afterwards the packages
are as they were, so that whoever imports ccxt later gets all of it, with the same classes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_PACKAGE: Final = "ccxt"
_ASYNC: Final = "ccxt.async_support"
_PRO: Final = "ccxt.pro"


@contextmanager
def _without_other_venues() -> Iterator[None]:
    spec = find_spec(_PACKAGE) if _PACKAGE not in sys.modules else None
    if spec is None or not spec.submodule_search_locations:
        yield
        return
    root = Path(spec.submodule_search_locations[0])
    folders = ((_PACKAGE, root), (_ASYNC, root / "async_support"), (_PRO, root / "pro"))
    for name, folder in folders:
        package: Any = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    try:
        # What ccxt's own modules take from the package itself.
        vars(sys.modules[_PACKAGE]).update(_public(import_module("ccxt.base.errors")))
        vars(sys.modules[_PACKAGE]).update(_public(import_module("ccxt.base.exchange")))
        yield
    finally:
        for name, _ in folders:
            del sys.modules[name]


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: part for name, part in vars(module).items() if isinstance(part, type)}


with _without_other_venues():
    from ccxt.base import errors

__all__ = ["client_class", "errors", "stream_class"]


def client_class(name: str) -> Any:  # noqa: ANN401 - ccxt ships no types
    """Return ccxt's client of one venue; no other venue's is loaded."""
    with _without_other_venues():
        return getattr(import_module(f"{_ASYNC}.{name}"), name)


def stream_class(name: str, *parents: str) -> Any:  # noqa: ANN401 - ccxt ships no types
    """Return ccxt's streaming client of one venue; `parents` are the venues it derives from."""
    with _without_other_venues():
        rest = import_module(_ASYNC)
        for one in (*parents, name):  # as the package's own `__init__` would: classes, not modules
            setattr(rest, one, getattr(import_module(f"{_ASYNC}.{one}"), one))
        vars(sys.modules[_PACKAGE]).setdefault("async_support", rest)
        return getattr(import_module(f"{_PRO}.{name}"), name)
