from datetime import timedelta

import pytest

from common.bus import Consumer
from common.bus.caution import Caution
from common.domain import Signal

CONSUMER = Consumer(
    name="planner",
    facts=(Signal,),
    batch=64,
    ack_wait=timedelta(seconds=30),
    max_deliveries=5,
)


def test_a_quiet_start_takes_whole_batches() -> None:
    caution = Caution(CONSUMER, in_hands=0, redelivered=0, now=0)

    assert caution.limit(redelivered=3, now=1) == 64


@pytest.mark.parametrize(("in_hands", "redelivered"), [(5, 0), (5, 5)])
def test_messages_in_hands_at_the_start_are_taken_one_by_one(
    in_hands: int, redelivered: int
) -> None:
    caution = Caution(CONSUMER, in_hands=in_hands, redelivered=redelivered, now=0)

    assert caution.limit(redelivered=0, now=1) == 1


def test_caution_ends_once_the_dead_ones_messages_are_back_and_done() -> None:
    caution = Caution(CONSUMER, in_hands=5, redelivered=0, now=0)

    assert caution.limit(redelivered=0, now=30) == 1
    assert caution.limit(redelivered=2, now=32) == 1
    assert caution.limit(redelivered=0, now=33) == 64
    assert caution.limit(redelivered=9, now=34) == 64


def test_caution_ends_when_every_delivery_must_have_been_used_up() -> None:
    caution = Caution(CONSUMER, in_hands=5, redelivered=5, now=0)

    assert caution.limit(redelivered=5, now=31 * 6) == 1
    assert caution.limit(redelivered=5, now=31 * 6 + 1) == 64
