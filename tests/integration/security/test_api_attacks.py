"""Attacks on the served API: every field of every route, bodies, paths, headers on the wire."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from api.core.errors import ErrorAnswer
from common.bus import Reply
from common.domain import (
    ChatChunk,
    ChatEnd,
    ChatPart,
    ChatRequest,
    ForgetRequest,
    RenameRequest,
    ScanReply,
    ScanRequest,
)
from common.domain.chat import AnsweredBy
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.api.seeded import RunningApi, running_api
from tests.integration.api.shared import database_on
from tests.integration.security.payloads import EVALUATED, EVERY, INJECTIONS, TRICKS
from tests.support import facts

pytestmark = [pytest.mark.connected, pytest.mark.asyncio(loop_scope="module")]

_VALID = {
    "scan_id": facts.scan_of(),
    "venue": facts.VENUE,
    "symbol": "BTCUSDT",
    "name": "mine",
    "conversation": "mine",
    "text": "why?",
    "title": "mine",
    "force": False,
}
_FREE_TEXT = {("POST", "/v1/chat", "text"), ("PUT", "/v1/chat/conversations/{name}/title", "title")}
"""Words of people: taken as they are, refused only when they are too long."""
_REFUSED = {401, 404, 405, 413, 422}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(_postgres_of_the_session: PostgresServer) -> AsyncIterator[RunningApi]:
    database = database_on(_postgres_of_the_session)
    async with running_api(database, request_burst=1_000_000, scan_timeout_seconds=1) as api:
        await api.record(facts.plan(), facts.scan_completed(), facts.signal(), facts.rejection())
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(api: RunningApi) -> list[str]:
    """Every question that got through to another service, as it arrived."""
    arrived: list[str] = []

    async def scan(body: bytes) -> Reply:
        arrived.append(ScanRequest.model_validate_json(body).venue)
        reply = ScanReply(scan_id=facts.scan_of(), reused=True)
        return Reply(reply.model_dump_json().encode())

    async def chat(body: bytes) -> AsyncIterator[Reply]:
        arrived.append(ChatRequest.model_validate_json(body).text)
        end = ChatChunk(
            part=ChatPart.END, end=ChatEnd(text="", by=AnsweredBy.TEMPLATE, model="none")
        )
        yield Reply(end.model_dump_json().encode())

    async def rename(body: bytes) -> Reply:
        arrived.append(RenameRequest.model_validate_json(body).title)
        return Reply()

    async def forget(body: bytes) -> Reply:
        arrived.append(ForgetRequest.model_validate_json(body).conversation)
        return Reply()

    await api.bus.answer(ScanRequest.subject, scan, target=facts.VENUE)
    await api.bus.answer_stream(ChatRequest.subject, chat)
    await api.bus.answer(RenameRequest.subject, rename)
    await api.bus.answer(ForgetRequest.subject, forget)
    return arrived


def _fields(description: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Method, path, field and where it stands (path, query or body), of everything there is."""
    schemas = description["components"]["schemas"]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                yield method.upper(), path, parameter["name"], parameter["in"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                name = body["schema"]["$ref"].rpartition("/")[2]
                for field in schemas[name]["properties"]:
                    yield method.upper(), path, field, "body"


def _request(api: RunningApi, field: tuple[str, str, str, str], payload: str) -> httpx.Request:
    method, path, name, place = field
    values = _VALID | ({name: payload} if place == "path" else {})
    address = path
    for key, value in values.items():
        address = address.replace(f"{{{key}}}", quote(str(value), safe=""))
    body: dict[str, object] | None = None
    if method in {"POST", "PUT"}:
        known = {"/v1/chat": ("conversation", "text"), "/v1/scans": ("venue", "force")}
        body = {key: _VALID[key] for key in known.get(path, ("title",))}
        body |= {name: payload} if place == "body" else {}
    query = {name: payload} if place == "query" else None
    return api.http.build_request(method, address, params=query, json=body)


async def _state(api: RunningApi) -> list[tuple[Any, ...]]:
    return list(
        await api.place.rows(
            "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM signals),"
            " (SELECT count(*) FROM scans), (SELECT count(*) FROM pg_roles),"
            " (SELECT count(*) FROM pg_class)"
        )
    )


def _is_refused(answer: httpx.Response) -> bool:
    if answer.status_code not in _REFUSED:
        return False
    error = ErrorAnswer.model_validate_json(answer.content).error
    return bool(error.message) and len(error.message) < 400 and "\n" not in error.message


@pytest.mark.timeout(180)
async def test_no_field_of_any_route_takes_an_injection(api: RunningApi, asked: list[str]) -> None:
    fields = list(_fields((await api.http.get("/openapi.json")).json()))
    before, refused = await _state(api), 0

    tricks = itertools.cycle(TRICKS)
    for field in fields:
        everything = field[2] in _VALID  # names, and what people write; the others take turns
        few = TRICKS if everything else itertools.islice(tricks, 3)
        for payload in (*INJECTIONS, *few):
            began = time.monotonic()
            answer = await api.http.send(_request(api, field, payload))
            took = time.monotonic() - began
            assert took < 5, (field, payload)
            assert EVALUATED not in answer.text, (field, payload)
            if field[:3] in _FREE_TEXT and answer.is_success:
                assert asked[-1] == payload, "words arrive as they were typed"
                continue
            if field[2] == "name" and "/" in payload and answer.is_success:
                continue  # a path of its own, which is another route's
            assert _is_refused(answer), (field, payload, answer.status_code, answer.text)
            refused += 1

    assert len(fields) > 50
    assert refused > 500
    assert set(asked) <= {*EVERY, "why?"}, "nothing else reached another service"
    assert await _state(api) == before
    assert _counted(await api.service.metrics()) >= refused


def _counted(metrics: str) -> int:
    return sum(
        int(line.rpartition(" ")[2])
        for line in metrics.splitlines()
        if line.startswith("scanner_api_refusals_total{")
    )


async def test_what_is_too_much_is_refused_however_it_is_said(api: RunningApi) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000

    many = [await api.http.post("/v1/chat", content=chunks()) for _ in range(2)]
    deep = await api.http.post("/v1/scans", content=b"[" * 10_000)
    wide = await api.http.post("/v1/scans", content=b"{" + b'"a":1,' * 2_000 + b'"b":1}')
    number = await api.http.post("/v1/scans", content=b'{"venue": ' + b"9" * 10_000 + b"}")
    query = await api.http.get("/v1/plans?" + "&".join(f"x{n}=1" for n in range(3_000)))

    assert [answer.status_code for answer in many] == [413, 413]
    for answer in (deep, wide, number, query):
        assert answer.status_code in {400, 422}, answer.text
        assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../etc/passwd",
        "/v1/%2e%2e/%2e%2e/etc/passwd",
        "/v1/scans/..%2f..%2fetc%2fpasswd",
        "/v1/scans/%00",
        "/v1//plans",
        "/v1/plans/",
        "/v1/plans%20",
        "/v1/plans;x=1",
        "/v1/" + "a/" * 2_000,
        "/docs-assets/..%2f..%2fcore.py",
        "/%ff%fe",
        "/metrics",
        "/debug",
        "/.env",
        "/.git/config",
    ],
)
async def test_no_trick_with_a_path_finds_anything(api: RunningApi, path: str) -> None:
    [answer] = await _raw(api, f"GET {path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n")

    assert answer.partition(" ")[2][:3] in {"400", "404", "422"}, answer
    assert "root:" not in answer


_INNER = "GET /v1/scans HTTP/1.1\r\nHost: api\r\n\r\n"


_POST = "POST /v1/scans HTTP/1.1\r\nHost: api\r\n"


@pytest.mark.parametrize(
    "request_text",
    [
        f"{_POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        f"{_POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{_INNER}",
        f"{_POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{_INNER}",
        f"{_POST}Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{_INNER}",
        f"{_POST}Transfer-Encoding : chunked\r\n\r\n{_INNER}",
        f"{_POST}Content-Length: -1\r\n\r\n{_INNER}",
        f"{_POST}Content-Length: 0x10\r\n\r\n{_INNER}",
        "GET /v1/plans HTTP/1.1\r\nHost: api\r\nX-API-Key: a\r\n b\r\n\r\n",
        "GET /v1/plans HTTP/1.1\r\nHost: api\r\nX-API-Key: a\x00b\r\n\r\n",
        "GET /v1/plans HTTP/1.1\r\nX-API-Key: " + "x" * 100_000 + "\r\n\r\n",
        "GET /v1/pl ans HTTP/1.1\r\nHost: api\r\n\r\n",
        "GET http://elsewhere.example/v1/plans HTTP/1.1\r\nHost: api\r\n\r\n",
        "CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: api\r\n\r\n",
        "TRACE /v1/plans HTTP/1.1\r\nHost: api\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_no_request_is_smuggled_behind_another(api: RunningApi, request_text: str) -> None:
    answers = await _raw(api, request_text)

    for answer in answers:
        assert answer.partition(" ")[2][:1] == "4", answer[:300]


async def _raw(api: RunningApi, text: str) -> list[str]:
    """Every answer the server gives to bytes as they are, until it hangs up or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.http.base_url.port)
    writer.write(text.encode("latin-1"))
    read = b""
    try:
        async with asyncio.timeout(1.0):
            await writer.drain()
            while chunk := await reader.read(65_536):
                read += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return ["HTTP/1.1 " + one for one in read.decode("latin-1").split("HTTP/1.1 ")[1:]]


async def test_an_answer_is_json_that_no_browser_runs(api: RunningApi) -> None:
    answer = await api.http.get("/v1/plans", params={"symbol": "<script>alert(1)</script>"})

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.text)["error"]["code"] == "invalid_parameter"
