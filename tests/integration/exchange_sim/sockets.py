"""A plain WebSocket client, for what ccxt.pro does not show."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class Socket:
    """One connection; every message is decoded JSON."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket

    async def send(self, message: Any) -> None:
        await self.raw.send_str(json.dumps(message))

    async def receive(self) -> Any:
        return json.loads(await self.raw.receive_str(timeout=20.0))

    async def receive_until(self, wanted: Any) -> Any:
        """Return the first message that `wanted` says yes to; the others are passed over."""
        while True:
            message = await self.receive()
            if wanted(message):
                return message


@asynccontextmanager
async def connected(base_url: str, path: str) -> AsyncIterator[Socket]:
    """Open a connection to a venue's stream."""
    address = base_url.replace("http", "ws", 1) + path
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield Socket(socket)
