"""Put indicators together: one durable consumer of CandleSets, one question."""

import asyncio

from common.bus import Consumer
from common.domain import CandleSet, FrameRequest
from common.service import Responder, Runtime, Service, Stage
from indicators.core.frames import warm_up
from indicators.handlers import CandleHandler, ChartHandler
from indicators.settings import IndicatorsSettings


def wire(runtime: Runtime) -> Service:
    """Build the service on what the runtime offers."""
    settings = runtime.settings.read(IndicatorsSettings)
    candles = Consumer(name="indicators", facts=(CandleSet,), batch=settings.batch)
    return Service(
        stages=(Stage(consumer=candles, handle=CandleHandler(settings.last_rows).handle),),
        answers=(Responder(subject=FrameRequest.subject, answer=ChartHandler(runtime.bus).answer),),
        start=_warm_up,
    )


async def _warm_up() -> None:
    # the first frame ever compiles for some seconds: not while a scan waits for it
    await asyncio.to_thread(warm_up)
