"""Asking a program over HTTP whether it is ready."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

_PAUSE_SECONDS = 0.2
_TIMEOUT = aiohttp.ClientTimeout(total=2)


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What a program last said of itself."""

    ready: bool
    lives: bool
    """Whether it answered at all."""
    reason: str = ""
    """Why it is not ready, in its own words where it has some."""


async def wait_until_ready(
    url: str, *, within_seconds: float, refusal: Callable[[], str | None] = lambda: None
) -> Readiness:
    """Return once a program is ready or refuses, or what it said last when the time is over."""
    deadline = time.monotonic() + within_seconds
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as client:
        while not (last := await _ask(client, url)).ready and time.monotonic() < deadline:
            if (refused := refusal()) is not None:
                return Readiness(ready=False, lives=False, reason=refused)
            await asyncio.sleep(_PAUSE_SECONDS)
    return last


async def _ask(client: aiohttp.ClientSession, url: str) -> Readiness:
    try:
        async with client.get(url) as answer:
            if answer.ok:
                return Readiness(ready=True, lives=True)
            return Readiness(ready=False, lives=True, reason=_reason(await answer.text()))
    except (aiohttp.ClientError, TimeoutError) as error:
        return Readiness(ready=False, lives=False, reason=f"no answer ({error})")


def _reason(body: str) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return body[:300]
    detail = told.get("detail") if isinstance(told, dict) else None
    return detail if isinstance(detail, str) and detail else body[:300]
