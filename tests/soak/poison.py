"""Messages nobody can read, under the subjects that services read."""

import random
from typing import Final

from common.bus.messages import FACT
from common.bus.permissions import SERVICES
from common.domain import CandleSet, Fact, IndicatorFrame, Outcome, ScanStarted, Signal, TradePlan
from common.streams import stream_of
from common.subjects import PATTERNS
from tests.soak.rig import Rig

KINDS: Final[tuple[type[Fact], ...]] = (
    CandleSet, IndicatorFrame, Signal, TradePlan, Outcome, ScanStarted,
)  # fmt: skip
_SYMBOL: Final = "POISONUSDT"


def _bodies(kind: type[Fact], dice: random.Random) -> list[tuple[dict[str, str], bytes]]:
    header = {FACT: kind.name()}
    return [
        ({}, b"{}"),
        (header, b""),
        (header, dice.randbytes(4_000)),
        (header, b'{"venue":"binance","symbol":"POISONUSDT","score":NaN}'),
        (header, b"ARROW1\0\0" + dice.randbytes(900)),
        (header, b"[" * 20_000),
        ({FACT: "Nothing/9"}, b"{}"),
        ({FACT: "Heartbeat/1"}, b'{"service":"planner"}'),
    ]


async def plant(rig: Rig) -> str:
    """Publish one unreadable message and note which services must set it aside."""
    kind = rig.random.choice(KINDS)
    subject = PATTERNS[kind].format(venue="binance", symbol=_SYMBOL)
    headers, body = rig.random.choice(_bodies(kind, rig.random))
    async with rig.operator() as client:
        stored = await client.jetstream().publish(
            subject, body, headers=headers or None, timeout=20
        )
    for service in SERVICES:
        if kind in service.consumes:
            rig.poison.add((stream_of(kind).name, stored.seq, service.name))
    return f"{len(body)} bytes that are no {kind.__name__} on {subject}"
