"""Webs with a door that a test chooses: open to all, or locked with the keys of a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from api.adapters.door import Entrance
from api.adapters.key_file import KeyFile
from api.adapters.refusing import Refusals
from api.adapters.web import build_web
from api.core.allowances import Allowances
from api.core.keys import Permission

_NOWHERE = Path("no-keys.json")


def open_web(
    routers: Mapping[Permission | None, Sequence[APIRouter]],
    *,
    keys: Path = _NOWHERE,
    required: bool = False,
    burst: int = 100_000,
    refusals: Refusals | None = None,
) -> FastAPI:
    """The web behind a door without a lock, unless keys are required."""
    entrance = Entrance(
        keys=KeyFile(keys),
        required=required,
        allowances=Allowances(per_minute=1, burst=burst),
    )
    return build_web(routers, door=entrance, refusals=refusals or Refusals())
