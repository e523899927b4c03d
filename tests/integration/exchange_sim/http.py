"""Plain requests to a venue, for what ccxt does not show."""

from typing import Any

import aiohttp


async def get(base_url: str, path: str, **parameters: Any) -> tuple[int, Any, dict[str, str]]:
    """Return status, JSON body and headers."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(base_url + path, params=parameters) as response,
    ):
        return response.status, await response.json(content_type=None), dict(response.headers)


async def post(base_url: str, path: str, body: Any) -> tuple[int, Any]:
    """Return status and JSON body."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(base_url + path, json=body) as response,
    ):
        return response.status, await response.json(content_type=None)


async def delete(base_url: str, path: str) -> int:
    """Return the status."""
    async with aiohttp.ClientSession() as session, session.delete(base_url + path) as response:
        return response.status
