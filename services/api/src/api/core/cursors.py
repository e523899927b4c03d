"""Cursors: where a page ended, sealed together with the filters it was read with."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.core.errors import InvalidParameterError

Value = str | float | datetime
"""What a list can be ordered by."""

_DIGEST_LENGTH: Final = 12
_PARTS: Final = 3


@dataclass(frozen=True)
class Place:
    """Where a page ended, and the scans it was read from when the question named none."""

    after: tuple[Value, ...]
    scans: tuple[str, ...] = ()


def seal(place: Place, *, filters: str) -> str:
    """Write a place as opaque text that only fits the same filters."""
    after = [value.isoformat() if isinstance(value, datetime) else value for value in place.after]
    body = json.dumps([_digest(filters), after, place.scans], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def unseal(cursor: str, *, filters: str, kinds: Sequence[type[Value]]) -> Place:
    """Read a place back, or raise InvalidParameterError: not ours, or not of these filters."""
    try:
        body = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        digest, after, scans = _parts(json.loads(body))
        values = tuple(_read(value, kind) for value, kind in zip(after, kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidParameterError(
            f"cursor must be a next_cursor of this list, was {cursor!r}", field="cursor"
        ) from error
    if digest != _digest(filters):
        raise InvalidParameterError(
            f"cursor must be used with the filters it came from, was {cursor!r}", field="cursor"
        )
    return Place(values, scans)


def _parts(body: object) -> tuple[object, list[object], tuple[str, ...]]:
    if not isinstance(body, list) or len(body) != _PARTS:
        raise ValueError("cursor must have three parts")
    digest, after, scans = body
    if not isinstance(after, list) or not isinstance(scans, list):
        raise TypeError("cursor must hold two lists")
    if not all(isinstance(scan, str) and "\0" not in scan for scan in scans):
        raise TypeError("cursor must hold scans by name")
    return digest, after, tuple(scans)


def _read(value: object, kind: type[Value]) -> Value:
    if kind is datetime:
        instant = datetime.fromisoformat(_text(value))
        if instant.tzinfo is None:
            raise ValueError("cursor times must have a zone")
        return instant
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("cursor must hold a number")
        number = float(value)
        if not math.isfinite(number):
            raise ValueError("cursor numbers must be finite")
        return number
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("cursor must hold text")
    return value


def _digest(filters: str) -> str:
    return sha256(filters.encode()).hexdigest()[:_DIGEST_LENGTH]
