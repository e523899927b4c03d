"""What a caller is told when there is no answer: one shape, one sentence, the value named."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from common.domain import Model
from common.errors import ScannerError

_SHOWN: Final = 80


class NotFoundError(ScannerError):
    """Nothing is known under that name: the caller gets 404."""


class InvalidParameterError(ScannerError):
    """A parameter cannot be meant: the caller gets 422."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ForbiddenError(ScannerError):
    """The caller is known and may not do this: they get 403."""


class RefusedError(ScannerError):
    """Another service understood the request and said no: the caller gets 409 and its sentence."""


class BusyError(ScannerError):
    """As much is going on as is allowed: the caller gets 429 and may come back."""


class ErrorDetail(Model):
    """Why there is no answer."""

    code: str
    """For programs: `invalid_parameter`, `not_found`, `unavailable`, `refused` …"""
    message: str
    """For people: one sentence that names the value."""
    field: str | None = None
    """The parameter at fault, when it is one."""


class ErrorAnswer(Model):
    """The body of every answer that is not a success."""

    error: ErrorDetail


def explain(error: Mapping[str, Any], known: Iterable[str] = ()) -> ErrorDetail:
    """Turn a validation error into one sentence with the parameter and its value."""
    place = [str(step) for step in error["loc"]]
    where, name = place[0], ".".join(place[1:]) or place[0]
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, list(known), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        message = f"unknown {where} parameter, was {name!r}{guess}"
    elif where == "body" and isinstance(error.get("input"), bytes):
        message = "body must be JSON with Content-Type: application/json, was something else"
    elif error["type"] == "json_invalid":
        said, name = error["ctx"]["error"], "body"
        message = f"body must be JSON, was broken at character {place[-1]}: {said}"
    elif error["type"] == "missing":
        message = f"{name} must be given in the {where}, was missing"
    else:
        said = str(error["msg"]).removeprefix("Value error, ")
        message = said if ", was " in said else f"{said}, was {_shown(error.get('input'))}"
        message = message if message.startswith(name) else f"{name}: {message}"
    return ErrorDetail(code="invalid_parameter", message=message, field=name)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
