"""One connection to the broker: it mends itself, and says when it has been away."""

import asyncio
import logging
import math
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import nats.errors
from nats.aio.client import Client
from pydantic import SecretStr

from common.bus.permissions import inbox_of
from common.errors import BusUnavailableError

_LOGGER: Final = logging.getLogger(__name__)
_CONNECT_SECONDS: Final = 3.0
_FURTHER_ATTEMPTS: Final = 2
"""A broker that refuses may reset the connection before its reason has been read."""
_PENDING_BYTES: Final = 64 * 1024 * 1024
_FORBIDDEN: Final = "permissions violation"
_USER_IN_URL: Final = re.compile(r"(?<=://)[^@/\s]*@")

FOREIGN: Final = (nats.errors.Error, TimeoutError, OSError)
"""What nats-py raises when the broker is away; it uses the builtin TimeoutError too."""


class Connection:
    """A nats-py client that never stops trying once it has been connected."""

    def __init__(self, url: str, *, name: str, user: str = "", password: SecretStr) -> None:
        self.client = Client()
        self._servers = url.split(",")
        self.url = _USER_IN_URL.sub("", url)
        self._name = name
        self.user = user or urlsplit(self._servers[0]).username or ""
        """The name the broker knows us by; empty when we bring none."""
        self._login = {"user": user, "password": password.get_secret_value()} if user else {}
        self._available = asyncio.Event()
        self._closing = False
        self._opened = False
        self._refusals = asyncio.Semaphore(0)
        self._on_return: Callable[[], None] = lambda: None
        self._last_error: Exception | None = None

    async def open(self, *, on_return: Callable[[], None] = lambda: None) -> None:
        """Connect within a few seconds; raise BusUnavailableError when nobody answers.

        `on_return` is called after every reconnection: what was in flight before it is lost.
        """
        self._on_return = on_return
        error = await self._try()
        for _ in range(_FURTHER_ATTEMPTS):
            if isinstance(error, ConnectionResetError):
                error = await self._try()
        if error is not None:
            raise BusUnavailableError(f"NATS does not answer at {self.url}: {error}") from error
        self._opened = True
        self._available.set()

    async def _try(self) -> Exception | None:
        options: dict[str, Any] = {**self._login}
        if self.user:
            options["inbox_prefix"] = inbox_of(self.user)
        self.client = Client()
        self._last_error = None
        self._refusals = asyncio.Semaphore(0)
        connecting = asyncio.create_task(
            self.client.connect(
                self._servers,
                name=self._name,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,  # type: ignore[arg-type]  # seconds, a fraction works
                connect_timeout=2,
                ping_interval=10,
                pending_size=_PENDING_BYTES,
                error_cb=self._on_error,
                disconnected_cb=self._on_disconnected,
                reconnected_cb=self._on_reconnected,
                closed_cb=self._on_closed,
                **options,
            )
        )
        # nats-py would go on for ever: one refusal from every server is an answer.
        refused = asyncio.create_task(_times(len(self._servers), self._refusals))
        waited: set[asyncio.Future[Any]] = {connecting, refused}
        await asyncio.wait(waited, timeout=_CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        refused.cancel()
        if not connecting.done():
            connecting.cancel()
        await asyncio.wait(waited)
        error = None if connecting.cancelled() else connecting.exception()
        if not connecting.cancelled() and error is None:
            return None
        await self.client.close()
        if error is not None and not isinstance(error, FOREIGN):
            raise error
        return self._last_error or error or TimeoutError("no answer")

    def unavailable(self) -> str | None:
        """Say why the broker cannot be used right now, or None."""
        return None if self._available.is_set() else f"NATS does not answer at {self.url}"

    async def wait(self, seconds: float) -> None:
        """Return once connected; raise BusUnavailableError after `seconds` or once closed."""
        if self._available.is_set() and not self.client.is_closed:
            return
        if self.client.is_closed:
            raise BusUnavailableError(f"the connection to {self.url} is closed")
        try:
            async with asyncio.timeout(None if seconds == math.inf else seconds):
                await self._available.wait()
        except TimeoutError as error:
            raise BusUnavailableError(f"NATS does not answer at {self.url}") from error

    async def close(self) -> None:
        """Send what is pending and part."""
        self._closing = True
        try:
            if self.client.is_connected:
                await self.client.flush(timeout=1)
        except FOREIGN as error:
            _LOGGER.warning("NATS takes no farewell: %s", error)
        await self.client.close()

    async def _on_error(self, error: Exception) -> None:
        if _FORBIDDEN in str(error):
            _LOGGER.error("NATS forbids %s: %s", self.user or "a nameless client", error)
            return
        self._last_error = error
        self._refusals.release()
        _LOGGER.debug("NATS: %r", error)

    async def _on_disconnected(self) -> None:
        if self._available.is_set() and not self._closing:
            _LOGGER.warning("NATS at %s is away", self.url)
        self._available.clear()

    async def _on_reconnected(self) -> None:
        self._available.set()
        self._on_return()
        _LOGGER.info("NATS at %s is back", self.url)

    async def _on_closed(self) -> None:
        self._available.clear()
        if not self._closing and self._opened:
            _LOGGER.error("NATS at %s closed the connection: %s", self.url, self._last_error)


async def settled(client: Client) -> None:
    """Return once the broker has taken all that was sent before; raise one of FOREIGN otherwise."""
    # nats-py writes a flush's ping before what still waits to be sent: the first answer says that
    # it is on its way, the second that it is there.
    await client.flush()
    await client.flush()


async def _times(count: int, refusals: asyncio.Semaphore) -> None:
    for _ in range(count):
        await refusals.acquire()
