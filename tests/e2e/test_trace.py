"""A symbol's scan is one trace: from the venue's answer to the database row, parent by parent."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from common import telemetry
from common.domain import Bar, Derivatives, Request, ScanCompleted, WatchList
from common.subjects import fact_at
from tests.support.eventually import eventually
from tests.support.ollama import OllamaStandIn
from tests.support.otlp import CollectedSpan, Collector, collector
from tests.support.system import System, running_system

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("system"),
    pytest.mark.asyncio(loop_scope="module"),
]

_FETCH: Final = "fetcher INTERNAL fetch"

EDGES: Final = {
    ("", _FETCH),
    (_FETCH, "fetcher PRODUCER market.candles"),
    ("fetcher PRODUCER market.candles", "recorder CONSUMER market.candles"),
    ("fetcher PRODUCER market.candles", "indicators CONSUMER market.candles"),
    ("indicators CONSUMER market.candles", "indicators PRODUCER indicators.frame"),
    ("indicators PRODUCER indicators.frame", "signals CONSUMER indicators.frame"),
    ("signals CONSUMER indicators.frame", "signals PRODUCER signals.scored"),
    ("signals PRODUCER signals.scored", "recorder CONSUMER signals.scored"),
    ("signals PRODUCER signals.scored", "planner CONSUMER signals.scored"),
    ("planner CONSUMER signals.scored", "planner PRODUCER plans"),
    ("planner PRODUCER plans", "recorder CONSUMER plans"),
    (_FETCH, "fetcher PRODUCER market.derivatives"),
    ("fetcher PRODUCER market.derivatives", "recorder CONSUMER market.derivatives"),
}
"""Parent and child of every span in a symbol's trace, database visits apart; `plans` is the
proposed plan or the rejection."""

EDGES_OF_AN_OPEN_PLAN: Final = {
    (_FETCH, "fetcher PRODUCER market.bars"),
    ("fetcher PRODUCER market.bars", "recorder CONSUMER market.bars"),
    ("fetcher PRODUCER market.bars", "planner CONSUMER market.bars"),
    ("planner CONSUMER market.bars", "planner PRODUCER plans"),
    ("planner PRODUCER plans", "ai-analyst CONSUMER plans"),
}
"""What comes besides when the contract's bars are followed; `plans` is the outcome they bring."""

_OF_NO_SCAN: Final = (Bar, Derivatives, WatchList)
"""Facts that are true whichever scan brought them."""


@dataclass(frozen=True)
class _Scanned:
    system: System
    traces: Collector
    scan: ScanCompleted


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scanned(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[_Scanned]:
    """One traced scan for all of these tests."""
    async with collector() as traces, _model() as model:
        environment = {
            "SCANNER_ANALYST__URL": model.url,
            telemetry.ENDPOINT_VARIABLE: traces.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        async with running_system(
            tmp_path_factory.mktemp("scanner"), symbols=4, environment=environment
        ) as system:
            yield _Scanned(system, traces, await system.completed())


async def test_every_symbols_scan_is_one_trace_whose_parents_are_as_expected(
    scanned: _Scanned,
) -> None:
    symbols = {decision.symbol for decision in await scanned.system.decisions(scanned.scan.scan_id)}
    for symbol in symbols:
        whole = partial(_is_whole, scanned, symbol)
        await eventually(whole, within=20, saying=f"the whole trace of {symbol}")

    assert len(symbols) == scanned.scan.universe > 0
    for symbol in symbols:
        spans = _trace_of(scanned, symbol)
        assert {span.trace_id for span in spans} == {
            telemetry.trace_id_of(scanned.scan.scan_id, symbol)
        }
        assert _edges(spans) - EDGES <= EDGES_OF_AN_OPEN_PLAN
        of_the_symbol = [span for span in _of_messages(spans) if fact_at(span.name) != WatchList]
        assert {span.attributes[telemetry.SYMBOL] for span in of_the_symbol} == {symbol}
        of_the_scan = [
            span for span in _of_messages(spans) if fact_at(span.name) not in _OF_NO_SCAN
        ]
        scan_ids = {span.attributes[telemetry.SCAN_ID] for span in of_the_scan}
        assert scan_ids == {scanned.scan.scan_id}
        assert not [span.name for span in spans if span.failed]


async def test_a_decisions_row_is_written_below_its_message_or_below_a_linked_batch(
    scanned: _Scanned,
) -> None:
    for decision in await scanned.system.decisions(scanned.scan.scan_id):
        written = partial(_is_written, scanned, decision.symbol)
        await eventually(written, within=20, saying=f"the write of {decision.symbol}'s decision")


async def test_the_apis_request_and_its_database_visit_are_one_trace(scanned: _Scanned) -> None:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{scanned.system.scanner.api_url}/v1/scans") as answer,
    ):
        assert answer.ok

    def visits() -> list[CollectedSpan]:
        requests = [span for span in scanned.traces.spans if span.name == "GET /v1/scans"]
        return [
            span
            for request in requests
            for span in scanned.traces.in_trace(request.trace_id)
            if span.parent_id == request.span_id and span.name == telemetry.POSTGRES_READ
        ]

    await eventually(lambda: bool(visits()), within=10, saying="the request's database visit")


async def test_no_span_and_no_attribute_is_undeclared(scanned: _Scanned) -> None:
    ours = [span for span in scanned.traces.spans if span.scope == telemetry.SCOPE]
    attributes = {name for span in ours for name in span.attributes}
    names = {span.name for span in ours}

    assert attributes <= telemetry.ATTRIBUTES
    assert not {name for name in names if not _is_declared(name)}


async def test_heartbeats_and_marks_do_not_drown_the_scans(scanned: _Scanned) -> None:
    told = {fact_at(span.name) for span in scanned.traces.spans} - {None}

    assert all(fact is not None and fact.durable for fact in told)


@asynccontextmanager
async def _model() -> AsyncIterator[OllamaStandIn]:
    model = OllamaStandIn()
    await model.start()
    try:
        yield model
    finally:
        await model.stop()


def _is_declared(name: str) -> bool:
    requests = tuple(kind.subject for kind in Request.__subclasses__())
    return fact_at(name) is not None or name.startswith(requests) or bool(_SPANS.fullmatch(name))


_SPANS: Final = re.compile(
    "|".join(re.sub(r"\\\{\w+\\\}", r"[^.]+", re.escape(name)) for name in telemetry.SPANS)
)


def _trace_of(scanned: _Scanned, symbol: str) -> list[CollectedSpan]:
    name = telemetry.FETCH.format(venue=scanned.scan.venue, symbol=symbol)
    roots = [
        span
        for span in scanned.traces.spans
        if span.name == name and span.attributes[telemetry.SCAN_ID] == scanned.scan.scan_id
    ]
    assert len(roots) <= 1, f"{symbol} was fetched {len(roots)} times"
    return [span for root in roots for span in scanned.traces.in_trace(root.trace_id)]


def _is_whole(scanned: _Scanned, symbol: str) -> bool:
    return _edges(_trace_of(scanned, symbol)) >= EDGES


def _of_messages(spans: list[CollectedSpan]) -> list[CollectedSpan]:
    return [span for span in spans if span.name not in telemetry.SPANS]


def _edges(spans: list[CollectedSpan]) -> set[tuple[str, str]]:
    names = {span.span_id: _role(span) for span in spans} | {"": ""}
    return {
        (names.get(span.parent_id, "unknown"), names[span.span_id]) for span in _of_messages(spans)
    }


def _role(span: CollectedSpan) -> str:
    tokens = span.name.split(".")
    what = tokens[0] if tokens[0] in {"fetch", "plans"} else ".".join(tokens[:2])
    return f"{span.service} {span.kind} {what}"


def _is_written(scanned: _Scanned, symbol: str) -> bool:
    messages = [
        span for span in _trace_of(scanned, symbol) if _role(span) == "recorder CONSUMER plans"
    ]
    owners = {span.span_id for span in messages}
    batches = {
        span.span_id
        for span in scanned.traces.spans
        if span.links & owners and any(span.span_id in message.links for message in messages)
    }
    return any(
        span.name == telemetry.POSTGRES_WRITE and span.parent_id in owners | batches
        for span in scanned.traces.spans
    )
