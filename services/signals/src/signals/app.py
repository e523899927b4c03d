"""Put signals together: one durable consumer of frames."""

from common.bus import Consumer
from common.domain import IndicatorFrame
from common.service import Runtime, Service, Stage
from signals.handlers import FrameHandler
from signals.settings import SignalsSettings


def wire(runtime: Runtime) -> Service:
    """Build the service on what the runtime offers."""
    handler = FrameHandler(runtime.settings.read(SignalsSettings).rules)
    frames = Consumer(name="signals", facts=(IndicatorFrame,))
    return Service(stages=(Stage(consumer=frames, handle=handler.handle),))
