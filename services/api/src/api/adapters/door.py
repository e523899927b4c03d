"""The door: who comes is known and counted before anything else looks at the request."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.adapters.key_file import KeyFile, KeysUnreadableError
from api.adapters.refusing import Refusals
from api.adapters.screens import ASSETS
from api.core.allowances import Allowances
from api.core.callers import Caller, address_name
from api.core.errors import ErrorDetail
from api.core.keys import Permission, StoredKey

_LOGGER: Final = logging.getLogger(__name__)
_OPEN: Final = frozenset({"/health", "/ready", "/docs", "/openapi.json"})
_OPEN_BELOW: Final = f"{ASSETS}/"
_LONGEST_KEY: Final = 200
_HOW_TO: Final = "send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`"


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """Who may come in, and how often."""

    keys: KeyFile
    required: bool
    """Whether nobody comes in without a key."""
    allowances: Allowances


class Door:
    """Middleware that leaves the Caller in `scope["state"]`, or refuses with 401 or 429."""

    def __init__(self, app: ASGIApp, *, entrance: Entrance, refusals: Refusals) -> None:
        self._app = app
        self._keys = entrance.keys
        self._required = entrance.required
        self._allowances = entrance.allowances
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = address_name(client[0] if client else None)
        shown = list(_shown(scope))
        try:
            key = self._keys.ring().recognise(shown[0]) if len(shown) == 1 else None
        except KeysUnreadableError as error:
            _LOGGER.error("%s", error)  # noqa: TRY400 - one sentence
            detail = ErrorDetail(code="unavailable", message="the API keys cannot be read now")
            await self._refusals.answer(scope, 503, detail)(scope, receive, send)
            return
        caller = self._holder(key) if key else self._anyone(address)
        scope.setdefault("state", {})["caller"] = caller
        refused = (
            self._over_limit(caller) or self._stranger(scope, shown, key) or _two_lengths(scope)
        )
        if refused is not None:
            await self._refusals.answer(scope, *refused)(scope, receive, send)
            return
        await self._app(scope, receive, _unsniffed(send))

    def _holder(self, key: StoredKey) -> Caller:
        return Caller(
            name=f"key {key.id}",
            permissions=frozenset(key.permissions),
            stands=lambda: self._keys.ring().stands(key.id),
        )

    def _anyone(self, address: str) -> Caller:
        return Caller(name=address, permissions=frozenset(() if self._required else Permission))

    def _over_limit(self, caller: Caller) -> tuple[int, ErrorDetail, dict[str, str]] | None:
        wait = self._allowances.take(caller.name, time.monotonic())
        if not wait:
            return None
        message = f"too many requests from {caller.name}; come back in {wait} s"
        return (
            429,
            ErrorDetail(code="too_many_requests", message=message),
            {"Retry-After": f"{wait}"},
        )

    def _stranger(
        self, scope: Scope, shown: list[str], key: StoredKey | None
    ) -> tuple[int, ErrorDetail, dict[str, str]] | None:
        path = scope["path"]
        guarded = self._required and path not in _OPEN and not path.startswith(_OPEN_BELOW)
        if key is not None or not (shown or guarded):
            return None
        if not shown:
            message = f"an API key is needed; {_HOW_TO}"
        elif len(shown) > 1:
            message = f"one API key must be given, was given {len(shown)}; {_HOW_TO}"
        else:
            message = "the API key is not valid: unknown, revoked or not written as it was given"
        detail = ErrorDetail(code="unauthorized", message=message)
        return 401, detail, {"WWW-Authenticate": "Bearer"}


def _unsniffed(send: Send) -> Send:
    """Tell browsers to take an answer for what it says it is: it may quote a stranger."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
        await send(message)

    return told


def _two_lengths(scope: Scope) -> tuple[int, ErrorDetail, dict[str, str]] | None:
    """Refuse what a proxy in front may have cut elsewhere: a second request hides behind it."""
    names = {name for name, _ in scope["headers"]}
    if not {b"content-length", b"transfer-encoding"} <= names:
        return None
    message = "body must be measured once: by Content-Length or by Transfer-Encoding"
    return 400, ErrorDetail(code="bad_request", message=message), {"Connection": "close"}


def _shown(scope: Scope) -> Iterator[str]:
    for name, value in scope["headers"]:
        text = value.decode("latin-1").strip()[: _LONGEST_KEY + 1]
        if name == b"x-api-key":
            yield text
        elif name == b"authorization" and text[:6].lower() == "bearer":
            yield text[6:].strip()
        # Other schemes are somebody else's: a proxy in front may ask for a password of its own.
