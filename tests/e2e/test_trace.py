"""What a running scanner tells of itself: one trace a symbol and scan, and what it uses."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import aiohttp
import pytest
import pytest_asyncio

from common import exporting, telemetry
from common.domain import AnalystNote, Bar, Derivatives, Request, ScanCompleted, WatchList
from common.subjects import fact_at
from standalone.core.programs import SERVICES
from tests.support import edges
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

_TAKES_NEARLY_EVERYTHING: Final = {
    "SCANNER_EXCHANGE_SIM__START": "2026-03-10T07:01:00Z",
    "SCANNER_SCAN__ON_START": "false",
    "SCANNER_SIGNALS__SCORE__CANDIDATE": "3",
    "SCANNER_SIGNALS__SCORE__CANDIDATE_HIGH_VOLATILITY": "3",
    "SCANNER_SIGNALS__GATES__REGIME_CONFLICT": "0",
    "SCANNER_SIGNALS__GATES__OVEREXTENSION": "50",
    "SCANNER_SIGNALS__GATES__HTF_CONFLICT": "100",
    "SCANNER_SIGNALS__GATES__BTC_CONFLICT": "100",
    "SCANNER_SIGNALS__GATES__OVERSIZED": "50",
    "SCANNER_PLANNER__GATES__STOP_TOO_WIDE_PERCENT": "90",
}
"""A market, the same every day, and rules by which a plan comes of it for the analyst to judge."""

_VERDICT: Final = "STANCE: caution\nLEAN: long\n- A stop can be passed over in a fast market."
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
            exporting.ENDPOINT_VARIABLE: traces.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            **_TAKES_NEARLY_EVERYTHING,
        }
        async with running_system(
            tmp_path_factory.mktemp("scanner"), symbols=4, environment=environment
        ) as system:
            reply = await system.scan()  # asked for once everyone listens
            yield _Scanned(system, traces, await system.completed(reply.scan_id))


async def test_every_symbols_scan_is_one_trace_whose_parents_are_as_expected(
    scanned: _Scanned,
) -> None:
    symbols = {decision.symbol for decision in await scanned.system.decisions(scanned.scan.scan_id)}
    for symbol in symbols:
        whole = partial(_is_whole, scanned, symbol)
        await eventually(whole, within=60, saying=f"the whole trace of {symbol}")

    assert len(symbols) == scanned.scan.universe > 0
    for symbol in symbols:
        spans = _trace_of(scanned, symbol)
        assert {span.trace_id for span in spans} == {
            telemetry.trace_id_of(scanned.scan.scan_id, symbol)
        }
        known = {edge for edge in edges.edges(spans) if edge[0] != edges.UNFINISHED}
        assert known - edges.SCAN - edges.NOTE <= edges.SOMETIMES  # a note may be on its way
        of_the_symbol = [span for span in _of_facts(spans) if fact_at(span.name) != WatchList]
        assert {span.attributes[telemetry.SYMBOL] for span in of_the_symbol} == {symbol}
        of_the_scan = [span for span in _of_facts(spans) if fact_at(span.name) not in _OF_NO_SCAN]
        scan_ids = {span.attributes[telemetry.SCAN_ID] for span in of_the_scan}
        assert scan_ids == {scanned.scan.scan_id}
        assert not [span.name for span in spans if span.failed]


async def test_the_models_note_is_on_the_line_of_the_plan_it_judges(scanned: _Scanned) -> None:
    def judged() -> list[str]:
        notes = {
            span.attributes[telemetry.SYMBOL]
            for span in scanned.traces.spans
            if fact_at(span.name) is AnalystNote and span.service == "recorder"
        }
        return [symbol for symbol in scanned.scan.planned if symbol in notes]

    await eventually(lambda: bool(judged()), within=60, saying="a note on one of the plans")
    [symbol, *_] = judged()

    def whole() -> bool:
        return edges.edges(_trace_of(scanned, symbol)) >= edges.SCAN | edges.NOTE

    await eventually(whole, within=20, saying=f"the trace of {symbol} up to its note")
    calls = [span for span in _trace_of(scanned, symbol) if span.name.startswith("chat ")]
    for call in calls:
        assert call.attributes[telemetry.MODEL] == call.name.removeprefix("chat ")
        assert call.attributes[telemetry.INPUT_TOKENS]
        assert call.attributes[telemetry.OUTPUT_TOKENS]
        assert call.attributes[telemetry.FIRST_WORD_SECONDS]


async def test_the_venues_answers_are_named_by_address_and_status(scanned: _Scanned) -> None:
    [symbol, *_] = scanned.scan.planned

    def asked() -> list[CollectedSpan]:
        return [one for one in _trace_of(scanned, symbol) if one.name == telemetry.VENUE_REQUEST]

    await eventually(lambda: bool(asked()), within=20, saying=f"what was asked for {symbol}")
    assert {span.attributes[telemetry.STATUS] for span in asked()} == {200}
    assert "/fapi/v1/klines" in {span.attributes[telemetry.PATH] for span in asked()}


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
    undeclared = {
        (span.scope, span.name) for span in scanned.traces.spans if not _is_declared(span)
    }

    assert not undeclared
    for span in scanned.traces.spans:
        known = telemetry.ATTRIBUTES if span.scope == telemetry.SCOPE else telemetry.HTTP_ATTRIBUTES
        assert span.attributes.keys() <= known, span.name


async def test_every_service_tells_what_it_used_and_postgres_keeps_it(scanned: _Scanned) -> None:
    figures = (
        *("window_seconds", "cpu_seconds", "core_equivalents", "rss_peak_bytes", "open_files"),
        "event_loop_lag_seconds",
    )

    def kept() -> dict[str, dict[str, Any]]:
        rows = scanned.system.rows(
            "SELECT service, fact FROM resources WHERE scan_id = %s", scanned.scan.scan_id
        )
        return {str(service): cast("dict[str, Any]", fact) for service, fact in rows}

    await eventually(lambda: kept().keys() >= set(SERVICES), within=30, saying="every service")
    for service, fact in kept().items():
        assert all(fact[figure] is not None for figure in figures), service
        assert fact["rss_peak_bytes"] > 1_000_000
    consumers = {"indicators", "signals", "planner", "recorder", "ai-analyst"}
    lagging = {service for service, fact in kept().items() if fact["pending_messages"] is not None}
    assert lagging == consumers


async def test_every_service_answers_prometheus(scanned: _Scanned) -> None:
    running = scanned.system.scanner.processes._keepers.values()
    addresses = {
        program.name: f"http://127.0.0.1:{program.environment['SCANNER_HEALTH__PORT']}/metrics"
        for program, _ in running
        if program.name in SERVICES
    } | {"exchange-sim": f"{scanned.system.venue_url}/metrics"}

    assert addresses.keys() == {*SERVICES, "exchange-sim"}
    async with aiohttp.ClientSession() as client:
        for name, address in addresses.items():
            async with client.get(address) as answer:
                assert answer.content_type == "text/plain", name
                text = await answer.text()
            for metric in ("process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_open_fds", "scanner_event_loop_lag_seconds"):  # fmt: skip
                assert re.search(rf"^{metric} [0-9.e+-]+$", text, re.MULTILINE), (name, metric)


async def test_heartbeats_and_marks_do_not_drown_the_scans(scanned: _Scanned) -> None:
    told = {fact_at(span.name) for span in scanned.traces.spans} - {None}

    assert all(fact is not None and fact.durable for fact in told)


@asynccontextmanager
async def _model() -> AsyncIterator[OllamaStandIn]:
    model = OllamaStandIn(answer=lambda _: _VERDICT)
    await model.start()
    try:
        yield model
    finally:
        await model.stop()


def _is_declared(span: CollectedSpan) -> bool:
    if span.scope != telemetry.SCOPE:  # the API's requests, and FastAPI's parts of them
        return span.service == "api" and bool(_HTTP.match(span.name))
    requests = tuple(kind.subject for kind in Request.__subclasses__())
    return (
        fact_at(span.name) is not None
        or span.name.startswith(requests)
        or bool(_SPANS.fullmatch(span.name))
    )


_SPANS: Final = re.compile(
    "|".join(
        re.escape(name)
        .replace(r"\{operation\}", "(?:chat|embeddings)")
        .replace(r"\{model\}", r"\S+")
        .replace(r"\{consumer\}", r"[a-z-]+")
        .replace(r"\{venue\}", r"[a-z-]+")
        .replace(r"\{symbol\}", r"\w+")
        for name in telemetry.SPANS
    )
)
_HTTP: Final = re.compile(r"(?:GET|POST|PUT|DELETE|OPTIONS|HEAD) /\S*(?: http (?:send|receive))?$")


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
    found = edges.edges(_trace_of(scanned, symbol))
    return found >= edges.SCAN and edges.UNFINISHED not in {parent for parent, _ in found}


def _of_facts(spans: list[CollectedSpan]) -> list[CollectedSpan]:
    return [span for span in spans if fact_at(span.name) is not None]
