"""uvicorn as a background task: our signals, our logs, a taken port said in one sentence."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from common.errors import SettingsError

_DRAIN_SECONDS: Final = 2


class WebServer:
    """Listens first, so that a port in use ends the start; serves until cancelled."""

    def __init__(
        self,
        web: FastAPI,
        *,
        host: str,
        port: int,
        on_end: Callable[[], None],
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._on_end = on_end
        self._socket: socket.socket | None = None
        self._server = _Server(
            uvicorn.Config(
                web,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
                timeout_graceful_shutdown=_DRAIN_SECONDS,
                h11_max_incomplete_event_size=32_768,
                limit_concurrency=1_000,
            )
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._socket is not None
        return int(self._socket.getsockname()[1])

    async def listen(self) -> None:
        """Take the port, or raise SettingsError."""
        if self._socket is None:
            self._socket = _bound(self._host, self._port)

    async def serve(self) -> None:
        """Answer until cancelled, then finish what is in hand."""
        assert self._socket is not None
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        finally:
            self._on_end()
            self._server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the service's runtime listens to signals


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise SettingsError(f"[api] cannot listen, was {host}:{port}: {error.strerror}") from error
    return taken
