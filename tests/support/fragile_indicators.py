"""The indicators service, killed by one contract: `python -m tests.support.fragile_indicators`.

It stands for a bug below Python (a crash in a C library): the process ends without a word, every
time, and what else was in its hands must survive.
"""

import os
from collections.abc import Sequence
from dataclasses import replace

from common.domain import CandleSet, Fact
from common.service import Runtime, Service, Stage, main
from indicators.app import wire

FATAL = "DOGEUSDT"


def fragile(runtime: Runtime) -> Service:
    """Build the real service around handlers that die of one contract."""
    service = wire(runtime)
    return replace(service, stages=tuple(_dying(stage) for stage in service.stages))


def _dying(stage: Stage) -> Stage:
    async def handle(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        if any(isinstance(fact, CandleSet) and fact.symbol == FATAL for fact in facts):
            os.kill(os.getpid(), 9)
        return await stage.handle(facts)

    return replace(stage, handle=handle)


if __name__ == "__main__":
    main("indicators", fragile)
