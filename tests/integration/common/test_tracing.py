"""One trace per symbol: a consumer's span is the child of the span that published its message."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from common import telemetry
from common.bus import Consumer
from common.bus.nats import NatsBus
from common.clock import SystemClock
from common.domain import Fact, IndicatorFrame, Rejection, Signal
from common.sections import BusSettings
from common.service import Runtime, Service, Stage, running
from common.settings import SettingsSource
from standalone.adapters.nats_server import NatsServer
from tests.support.eventually import eventually
from tests.support.facts import chart_frame, rejection, scan_of, signal

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


async def test_a_symbols_way_through_the_services_is_one_line(
    nats_server: NatsServer, exporter: InMemorySpanExporter
) -> None:
    bus = NatsBus(BusSettings(url=nats_server.url))
    await bus.connect()
    symbols = ("AAAUSDT", "BBBUSDT", "CCCUSDT")

    async def score(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        return [[signal(fact.symbol)] for fact in facts if isinstance(fact, IndicatorFrame)]

    async def decide(facts: Sequence[Fact]) -> Sequence[Sequence[Fact]]:
        return [[rejection(fact.symbol)] for fact in facts if isinstance(fact, Signal)]

    for symbol in symbols:
        with telemetry.work("fetch", symbol=symbol):
            await bus.publish(chart_frame(symbol, rows=5))
    stages = (
        Stage(consumer=_consumer("signals", IndicatorFrame), handle=score),
        Stage(consumer=_consumer("planner", Signal), handle=decide),
    )
    runtime = Runtime(
        name="both", instance="1", bus=bus, clock=SystemClock(), settings=SettingsSource()
    )

    async def decided() -> bool:
        return len([fact async for fact in bus.replay(Rejection)]) == len(symbols)

    async with running(runtime, Service(stages=stages)):
        await eventually(decided)
    await bus.close()

    spans = exporter.get_finished_spans()
    for symbol in symbols:
        names = _line_from(_root(spans, symbol), spans)
        assert names == [
            "fetch",
            f"PRODUCER indicators.frame.binance.{symbol}",
            f"CONSUMER indicators.frame.binance.{symbol}",
            f"PRODUCER signals.scored.binance.{symbol}",
            f"CONSUMER signals.scored.binance.{symbol}",
            f"PRODUCER plans.rejected.binance.{symbol}",
        ]
        attributes = _named(spans, f"signals.scored.binance.{symbol}").attributes or {}
        assert attributes["scan.id"] == scan_of()
        assert attributes["market.symbol"] == symbol
    batch = _named(spans, "signals batch")
    assert len(batch.links) == len(symbols)
    back = [link for span in spans if span.kind is SpanKind.CONSUMER for link in span.links]
    assert [link.context.span_id for link in back].count(batch.context.span_id) == len(symbols)


def _consumer(name: str, fact: type[Fact]) -> Consumer:
    return Consumer(name=name, facts=(fact,), ack_wait=timedelta(seconds=5))


def _root(spans: Sequence[ReadableSpan], symbol: str) -> ReadableSpan:
    return next(
        span
        for span in spans
        if span.name == "fetch" and (span.attributes or {})["market.symbol"] == symbol
    )


def _named(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    return next(span for span in spans if span.name == name)


def _line_from(span: ReadableSpan, spans: Sequence[ReadableSpan]) -> list[str]:
    kind = "" if span.kind is SpanKind.INTERNAL else f"{span.kind.name} "
    line = [f"{kind}{span.name}"]
    children = [
        child
        for child in spans
        if child.parent is not None
        and span.context
        and child.parent.span_id == span.context.span_id
    ]
    assert len(children) <= 1, f"{span.name} has {len(children)} children"
    for child in children:
        line += _line_from(child, spans)
    return line


def test_work_done_for_a_batch_is_seen_below_each_of_its_messages(
    exporter: InMemorySpanExporter,
) -> None:
    exporter.clear()
    messages = [telemetry.received(f"signals.scored.x.S{n}", {}, attempt=1) for n in range(3)]
    with telemetry.batch("recorder", messages), telemetry.shared_work(telemetry.POSTGRES_WRITE):
        pass

    written = [one for one in exporter.get_finished_spans() if one.name == telemetry.POSTGRES_WRITE]
    traces = {message.get_span_context().trace_id for message in messages}
    assert len(written) == 4, "one in the batch's own trace, one in each message's"
    assert traces <= {one.context.trace_id for one in written if one.context}
    assert all(one.end_time and one.start_time and one.end_time > one.start_time for one in written)
