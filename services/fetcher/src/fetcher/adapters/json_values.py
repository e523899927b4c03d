"""Values out of a venue's JSON, whichever the venue: read strictly, never guessed."""

import math
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from common.domain import Symbol
from common.errors import VenueUnavailableError

Json = Mapping[str, Any]

_SYMBOL: Final = TypeAdapter(Symbol)
_LATEST: Final = 1e14  # milliseconds until the year 5138
_SHOWN: Final = 80


def table(answer: object, what: str) -> Json:
    """Return an answer that must be an object."""
    if not isinstance(answer, dict):
        raise VenueUnavailableError(f"{what} must be an object, was {shown(answer)}")
    return answer


def rows(answer: object, what: str) -> list[Json]:
    """Return the objects of an answer that must be a list; what else it holds is left out."""
    if not isinstance(answer, list):
        raise VenueUnavailableError(f"{what} must be a list, was {shown(answer)}")
    return [entry for entry in answer if isinstance(entry, dict)]


def number(value: object) -> float | None:
    """Return a finite number, written as one or as text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def positive(value: object) -> float | None:
    """Return a number above zero, None for everything else."""
    read = number(value)
    return read if read is not None and read > 0 else None


def share(value: object) -> float | None:
    """Return a number between 0 and 1, None for everything else."""
    read = number(value)
    return read if read is not None and 0 <= read <= 1 else None


def whole(value: object) -> int | None:
    """Return a count or a time in milliseconds, None for everything else."""
    read = number(value)
    return int(read) if read is not None and 0 <= read < _LATEST else None


def is_symbol(value: str) -> bool:
    """Say whether our subjects can carry a contract's name."""
    try:
        _SYMBOL.validate_python(value)
    except ValidationError:
        return False
    return True


def first_line(error: Exception) -> str:
    """Say in one line what is wrong with an entry."""
    if isinstance(error, ValidationError):
        item = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, item['loc']))} {item['msg']}, was {shown(item['input'])}"
    return f"{type(error).__name__} {error}"


def shown(answer: object) -> str:
    """Show the beginning of an answer to people."""
    text = repr(answer)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
