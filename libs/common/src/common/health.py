"""Whether a process is alive, whether it can do its work, and its counts, over HTTP."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from common.errors import SettingsError
from common.metrics import CONTENT_TYPE
from common.sections import HealthSettings


class HealthServer:
    """Serve /health (alive: 200), /ready (200, or 503 with a sentence) and /metrics."""

    def __init__(
        self,
        settings: HealthSettings,
        *,
        service: str,
        trouble: Callable[[], Awaitable[str | None]],
        metrics: Callable[[], Awaitable[str]],
    ) -> None:
        self._settings = settings
        self._service = service
        self._trouble = trouble
        self._metrics = metrics
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, unless the port is 0."""
        if self._settings.port == 0:
            return
        application = web.Application()
        application.router.add_get("/health", self._health)
        application.router.add_get("/ready", self._ready)
        application.router.add_get("/metrics", self._tell_metrics)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        try:
            await site.start()
        except OSError as error:
            raise SettingsError(
                f"[health] cannot listen, was {self._settings.host}:{self._settings.port}: "
                f"{error.strerror}"
            ) from error

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"service": self._service, "alive": True})

    async def _ready(self, _: web.Request) -> web.Response:
        trouble = await self._trouble()
        return web.json_response(
            {"service": self._service, "ready": trouble is None, "detail": trouble or ""},
            status=200 if trouble is None else 503,
        )

    async def _tell_metrics(self, _: web.Request) -> web.Response:
        text = await self._metrics()
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})
