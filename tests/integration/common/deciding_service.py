"""A whole service for tests: it rejects every signal, dies of some and takes its time over others.

Run as `python -m tests.integration.common.deciding_service`, as a real service is; with
`--restarting` it is started again whenever it dies, without importing everything anew.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from common.bus import Consumer
from common.domain import Fact, Signal
from common.errors import InvalidDataError
from common.service import Runtime, Service, Stage, main
from tests.support.facts import rejection


async def handle(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
    """Reject all; symbols that begin with KILL kill this process, BLOCK blocks, BAD is refused."""
    symbols = [fact.symbol for fact in facts if isinstance(fact, Signal)]
    for symbol in symbols:
        if symbol.startswith("KILL"):
            os.kill(os.getpid(), signal.SIGKILL)
        if symbol.startswith("BLOCK"):
            time.sleep(1.0)  # noqa: ASYNC251 - blocking the event loop is the point
        if symbol.startswith("BAD"):
            raise InvalidDataError(f"symbol must be good, was {symbol}")
    return [[rejection(symbol)] for symbol in symbols]


def wire(_: Runtime) -> Service:
    """Consume signals as the planner does."""
    consumer = Consumer(
        name="planner", facts=(Signal,), max_deliveries=3, backoff=(timedelta(milliseconds=50),)
    )
    return Service(stages=(Stage(consumer=consumer, handle=handle),))


def _pass_on(child: int, number: int, _: object) -> None:
    os.kill(child, number)


def restart_for_ever() -> None:
    """Do what compose does with `restart: always`."""
    while True:
        child = os.fork()
        if child == 0:
            main("planner", wire)
        signal.signal(signal.SIGTERM, partial(_pass_on, child))
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            return


if __name__ == "__main__":
    if "--restarting" in sys.argv:
        restart_for_ever()
    else:
        main("planner", wire)
