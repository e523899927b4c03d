"""What the simulated venue itself uses, at /metrics as every service has it."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from common.metrics import CONTENT_TYPE, exposition
from common.resources import ResourceMeter


class OwnMetrics:
    """Measures this process while the venue is open."""

    def __init__(self) -> None:
        self._meter = ResourceMeter(service="exchange-sim", instance="1")

    def routes(self) -> list[web.RouteDef]:
        """Return the route to be served."""
        return [web.get("/metrics", self._show)]

    async def alive(self, _: web.Application) -> AsyncIterator[None]:
        """Watch memory and the event loop's lag."""
        sampling = asyncio.create_task(self._meter.sample())
        yield
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)

    async def _show(self, _: web.Request) -> web.Response:
        text = exposition(self._meter.state(), ())
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})
