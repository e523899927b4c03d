"""Put the planner together: signals are decided, candles followed, state rebuilt at the start."""

from common.bus import Consumer
from common.domain import Bar, Signal
from common.service import Runtime, Service, Stage
from planner.handlers import Planner
from planner.settings import PlannerSettings


def wire(runtime: Runtime) -> Service:
    """Build the service on what the runtime offers."""
    planner = Planner(
        bus=runtime.bus,
        clock=runtime.clock,
        rules=runtime.settings.read(PlannerSettings).rules,
    )
    return Service(
        stages=(
            Stage(consumer=Consumer(name="planner", facts=(Signal,)), handle=planner.decide),
            Stage(consumer=Consumer(name="planner", facts=(Bar,)), handle=planner.follow),
        ),
        tasks=(planner.watch_silence,),
        start=planner.rebuild,
    )
