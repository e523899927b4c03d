"""Listeners: each hears what it asked for, and a slow one is let go."""

from datetime import timedelta

from api.core.queries import EventQuery
from api.handlers.events import HEARTBEAT, Events, Listener, as_event
from common.bus.memory import MemoryBus
from common.domain import OutcomeStep
from tests.support import facts

_SOON = timedelta(seconds=0.01)


def test_a_listener_hears_what_it_asked_for() -> None:
    query = EventQuery(venue="binance", symbol="BTCUSDT", rejections=False)
    only = Listener(query, backlog=5, caller="one")

    assert only.wants(facts.plan("BTCUSDT"))
    assert only.wants(facts.outcome(facts.plan("BTCUSDT"), OutcomeStep.TP1))
    assert not only.wants(facts.plan("ETHUSDT"))
    assert not only.wants(facts.plan("BTCUSDT", venue="bybit"))
    assert not only.wants(facts.rejection("BTCUSDT"))
    assert Listener(EventQuery(), backlog=5, caller="one").wants(facts.rejection("BTCUSDT"))


async def test_a_listener_that_is_too_slow_is_told_and_let_go() -> None:
    listener = Listener(EventQuery(), backlog=3, caller="one")
    for number in range(10):
        listener.offer(f"event {number}")

    heard = [event async for event in listener.events(timedelta(seconds=1))]

    [overflow] = heard
    assert overflow.startswith("event: overflow\n")
    assert listener.closed


async def test_what_is_queued_is_heard_before_the_end() -> None:
    listener = Listener(EventQuery(), backlog=3, caller="one")
    listener.offer("one")
    listener.close()
    listener.offer("two")

    assert [event async for event in listener.events(_SOON)] == ["one"]


async def test_silence_is_broken_by_heartbeats() -> None:
    listener = Listener(EventQuery(), backlog=3, caller="one")

    events = listener.events(_SOON)

    assert [await anext(events), await anext(events)] == [HEARTBEAT, HEARTBEAT]
    await events.aclose()  # type: ignore[attr-defined]  # an async generator


def test_an_event_is_the_fact_on_one_line() -> None:
    plan = facts.plan(warnings=("two\nlines",))

    event = as_event(plan)

    assert event == f"event: TradePlan\nid: {plan.key}\ndata: {plan.model_dump_json()}\n\n"
    assert event.count("\n") == 4


def test_closing_ends_every_stream() -> None:
    events = Events(MemoryBus(), streams=2, streams_per_caller=2, backlog=2)
    listeners = [events.listen(EventQuery(), "one") for _ in range(2)]

    events.close()

    assert all(listener.closed for listener in listeners)
