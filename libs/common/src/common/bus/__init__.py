"""The bus: one port, a twin in memory and the real one over NATS JetStream."""

from common.bus.port import (
    Answer,
    AnswerStream,
    Bus,
    Consumer,
    Delivery,
    GivenUp,
    Reply,
    Start,
    Value,
    Values,
)

__all__ = [
    "Answer",
    "AnswerStream",
    "Bus",
    "Consumer",
    "Delivery",
    "GivenUp",
    "Reply",
    "Start",
    "Value",
    "Values",
]
