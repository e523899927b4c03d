"""The web itself: its own description, one shape of refusal, and a fuzz over every parameter."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.core.errors import ErrorAnswer
from api.core.keys import Permission
from api.handlers.events import Events
from api.handlers.history import history_routes
from api.handlers.live import live_routes, scan_routes
from api.handlers.marks import LatestMarks
from api.handlers.record import record_routes
from api.handlers.requests import ScanDesk
from api.handlers.system import system_routes
from api.handlers.universe import universe_routes
from common.bus.memory import MemoryBus
from common.errors import InvalidDataError
from tests.unit.api.doors import open_web
from tests.unit.api.history import GivenHistory

README = Path(__file__).parents[3] / "README.md"


@dataclass
class Web:
    http: httpx.AsyncClient
    history: GivenHistory
    application: FastAPI

    @property
    def description(self) -> dict[str, Any]:
        return self.application.openapi()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    history, bus = GivenHistory(), MemoryBus()
    application = open_web(
        {
            Permission.READ: (
                history_routes(history),
                universe_routes(history),
                record_routes(history),
                live_routes(
                    marks=LatestMarks(bus),
                    events=Events(bus, streams=1, streams_per_caller=1, backlog=1),
                    heartbeat=timedelta(seconds=1),
                ),
            ),
            Permission.SCAN: (scan_routes(ScanDesk(bus, history, within=timedelta(seconds=1))),),
            None: (system_routes(history),),
        }
    )
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield Web(http, history, application)


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


async def test_every_route_parameter_and_answer_is_described(web: Web) -> None:
    for path, method, operation in operations(web.description):
        assert operation["description"], (path, method)
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (path, parameter["name"])
        for status, answer in operation["responses"].items():
            assert answer["description"], (path, status)
            [content] = answer["content"].values()
            assert content["schema"], (path, status)


async def test_the_readmes_questions_are_answered(web: Web) -> None:
    asked = re.findall(r"curl 'http://localhost:8000(\S+)'", README.read_text("utf-8"))

    assert len(asked) == 4
    for address in asked:
        assert (await web.http.get(address)).status_code == 200, address


async def test_the_bare_address_leads_to_the_description(web: Web) -> None:
    answer = await web.http.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (307, "/docs")


async def test_every_operation_has_a_short_name_for_generated_clients(web: Web) -> None:
    names = [operation["operationId"] for _, _, operation in operations(web.description)]

    assert {"plans", "rejections", "outcomes", "symbol", "request_scan"} <= set(names)
    assert len(names) == len(set(names))


async def test_a_body_of_another_type_is_told_the_right_one(web: Web) -> None:
    answer = await web.http.post("/v1/scans", content=b'{"venue": "binance"}')

    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == (
        "body must be JSON with Content-Type: application/json, was something else"
    )


async def test_a_broken_body_is_told_where_it_breaks(web: Web) -> None:
    answer = await web.http.post(
        "/v1/scans", content=b'{"venue"', headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "body"
    assert answer.json()["error"]["message"] == (
        "body must be JSON, was broken at character 8: Expecting ':' delimiter"
    )


async def test_every_item_is_the_fact_the_bus_carries(web: Web) -> None:
    schemas = web.description["components"]["schemas"]

    for kind in ("Signal", "TradePlan", "Rejection", "Outcome", "Marks"):
        assert schemas[f"Page_{kind}_"]["properties"]["items"]["items"]["$ref"].endswith(f"/{kind}")
        assert "simulated" in schemas[f"Page_{kind}_"]["required"]


async def test_nothing_promises_certainty(web: Web) -> None:
    text = json.dumps(web.description, ensure_ascii=False).lower()

    # The one field of that meaning is null until it has been measured; it is not confidence.
    words = re.findall(r"\w*(?:probab|certain|guarante|likel)\w*", text)
    assert set(words) <= {"probability", "likely"}
    assert "not a probability" in text
    assert "how likely" in text


async def test_a_database_away_is_one_sentence(web: Web) -> None:
    web.history.away = True

    answer = await web.http.get("/v1/plans")

    assert answer.status_code == 503
    assert answer.json() == {
        "error": {
            "code": "unavailable",
            "message": "Postgres does not answer: connection refused",
            "field": None,
        }
    }


async def test_health_asks_nobody_and_ready_asks_the_database(web: Web) -> None:
    web.history.away = True
    assert (await web.http.get("/health")).status_code == 200
    assert (await web.http.get("/ready")).status_code == 503

    web.history.away = False
    ready = await web.http.get("/ready")
    assert ready.json() == {"simulated": True, "ready": True, "detail": ""}
    assert (await web.http.get("/health")).json() == {"simulated": True, "alive": True}


async def test_a_value_the_database_refuses_is_the_callers_mistake(web: Web) -> None:
    web.history.failure = InvalidDataError("Postgres refused a value: out of range")

    assert (await web.http.get("/v1/signals")).status_code == 422


async def test_a_mistake_of_ours_shows_no_inside(web: Web) -> None:
    web.history.failure = ZeroDivisionError("secret inside")

    answer = await web.http.get("/v1/signals")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "secret" not in answer.text


async def test_no_page_of_another_origin_is_let_in(web: Web) -> None:
    answer = await web.http.get("/v1/plans", headers={"Origin": "https://elsewhere.example"})

    assert "access-control-allow-origin" not in answer.headers


_VALUES = st.one_of(
    st.text(max_size=60),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        [
            *("", "null", "true", "-0", "1e309", "NaN", "'; DROP TABLE scans; --", "../../etc"),
            *("{{7*7}}", "%00", "\x00", "\ud7ff", "𝔅𝔗ℭ", "binance", "BTCUSDT", "long", "4h"),
            *("2026-01-05T08:00:00Z", "9999-12-31T23:59:59-14:00", "A" * 5000),
            "binance.20260105T080000Z.scheduled.0",
        ]
    ),
)


_ROUTES = {
    "/v1/scans": ("venue", "since", "limit", "cursor"),
    "/v1/scans/{}": (),
    "/v1/signals": ("symbol", "scan_id", "since", "direction", "min_confidence", "candidate"),
    "/v1/plans": ("symbol", "scan_id", "since", "direction", "min_confidence", "best_of_cluster"),
    "/v1/rejections": ("symbol", "kind", "gate", "direction", "cursor"),
    "/v1/outcomes": ("symbol", "step", "final", "limit"),
    "/v1/record": ("venue", "symbol", "direction", "since", "until"),
    "/v1/symbols/{}/{}": ("candles", "candle_limit", "outcome_limit"),
    "/v1/universe/{}": ("date",),
    "/v1/marks": ("venue", "symbol"),
    "/health": (),
    "/ready": (),
}


@st.composite
def requests(draw: st.DrawFn) -> httpx.Request:
    """Any route but the endless one, any of its parameters or an unknown one, any values."""
    path = draw(st.sampled_from(sorted(_ROUTES)))
    names = draw(st.lists(st.sampled_from((*_ROUTES[path], "unknown")), unique=True, max_size=4))
    places = [quote(draw(_VALUES), safe="") or "_" for _ in range(path.count("{}"))]
    address = path.format(*places)
    query = urlencode([(name, draw(_VALUES)) for name in names])
    post = path == "/v1/scans" and draw(st.booleans())
    body = draw(st.one_of(st.binary(max_size=60), _VALUES.map(str.encode))) if post else b""
    return httpx.Request(
        "POST" if post else "GET",
        f"http://api{address}?{query}",
        content=body,
        headers={"Content-Type": "application/json"},
    )


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(request=requests())
async def test_whatever_is_asked_the_answer_is_sound(web: Web, request: httpx.Request) -> None:
    answer = await web.http.send(request)

    assert answer.status_code in {200, 404, 405, 422, 503}, answer.text
    if answer.status_code == 503:
        assert request.method == "POST", "only a question to a fetcher who is not there"
    if answer.status_code >= 400:
        error = ErrorAnswer.model_validate_json(answer.content).error
        assert error.message
        assert len(error.message) < 500


async def test_the_fuzz_knows_every_route_and_parameter(web: Web) -> None:
    described = {
        re.sub(r"{\w+}", "{}", path): {each["name"] for each in operation.get("parameters", ())}
        for path, method, operation in operations(web.description)
        if method == "get" and path != "/v1/events"
    }

    assert described.keys() == _ROUTES.keys()
    for path, names in _ROUTES.items():
        assert set(names) <= described[path], path
