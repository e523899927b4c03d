"""The locked door: every route asks for a key and a permission, and tells in its own words."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api.adapters.key_file import KeyFile
from api.adapters.refusing import Refusals
from api.core.errors import ErrorAnswer
from api.core.keys import Permission
from api.handlers import keys
from api.handlers.chat import ChatDesk, chat_routes
from api.handlers.events import Events
from api.handlers.history import history_routes
from api.handlers.live import live_routes, scan_routes
from api.handlers.marks import LatestMarks
from api.handlers.requests import ScanDesk
from api.handlers.system import system_routes
from common.bus.memory import MemoryBus
from tests.unit.api.doors import open_web
from tests.unit.api.history import GivenHistory

_OPEN = {("GET", "/health"), ("GET", "/ready")}
_EXAMPLES = {
    "{scan_id}": "x.20260105T080000Z.scheduled.0",
    "{venue}": "binance",
    "{symbol}": "BTCUSDT",
    "{name}": "mine",
}


@dataclass
class Locked:
    http: httpx.AsyncClient
    web: FastAPI
    keys: KeyFile
    path: Path
    refusals: Refusals

    def key(self, *permissions: str) -> str:
        return keys.create(self.keys, name="a bot", permissions=permissions)

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Method and address of every route the description knows."""
        return [
            (method.upper(), re.sub(r"{\w+}", lambda found: _EXAMPLES[found[0]], path))
            for path, methods in self.web.openapi()["paths"].items()
            for method in methods
        ]


def _routers() -> dict[Permission | None, tuple[APIRouter, ...]]:
    history, bus = GivenHistory(), MemoryBus()
    events = Events(bus, streams=1, streams_per_caller=1, backlog=1)
    live = live_routes(marks=LatestMarks(bus), events=events, heartbeat=timedelta(seconds=1))
    return {
        Permission.READ: (history_routes(history), live),
        Permission.CHAT: (chat_routes(ChatDesk(bus, chats=1, chats_per_caller=1)),),
        Permission.SCAN: (scan_routes(ScanDesk(bus, history, within=timedelta(seconds=1))),),
        None: (system_routes(history),),
    }


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Locked]:
    path, refusals = tmp_path / "keys.json", Refusals()
    web = open_web(_routers(), keys=path, required=True, refusals=refusals)
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield Locked(http, web, KeyFile(path), path, refusals)


def _code(answer: httpx.Response) -> str:
    return ErrorAnswer.model_validate_json(answer.content).error.code


async def test_no_route_answers_a_stranger(locked: Locked) -> None:
    guarded = [one for one in locked.operations if one not in _OPEN]

    tricks = [("GET", "/v1/nothing"), ("GET", "//v1/plans"), ("GET", "/V1/plans"), ("PUT", "/")]
    for method, path in [*guarded, *tricks]:
        answer = await locked.http.request(method, path)
        assert (answer.status_code, _code(answer)) == (401, "unauthorized"), (method, path)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert len(guarded) > 10
    assert locked.refusals.tally().counts == {"unauthorized": len(guarded) + len(tricks)}


async def test_health_and_the_description_are_open(locked: Locked) -> None:
    for path in ("/health", "/ready", "/docs", "/openapi.json"):
        assert (await locked.http.get(path)).status_code == 200, path


async def test_every_route_needs_a_permission_of_its_own(locked: Locked) -> None:
    readers, chatters, scanners = (
        {"X-API-Key": locked.key(one)} for one in ("read", "chat", "scan")
    )

    for method, path in locked.operations:
        if (method, path) in _OPEN:
            continue
        chat, scan = path.startswith("/v1/chat"), (method, path) == ("POST", "/v1/scans")
        wrong = (
            [readers, scanners] if chat else [readers, chatters] if scan else [chatters, scanners]
        )
        for headers in wrong:
            answer = await locked.http.request(method, path, headers=headers, json={})
            assert (answer.status_code, _code(answer)) == (403, "forbidden"), (method, path)
    error = (await locked.http.get("/v1/plans", headers=scanners)).json()["error"]
    assert re.fullmatch(r"key [0-9a-f]{8} may not read; it may: scan", error["message"])


async def test_a_key_opens_as_bearer_and_as_header(locked: Locked) -> None:
    key = locked.key("read")

    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"authorization": f"bearer   {key}"},
        {"x-api-key": key},
        {"X-API-Key": key, "Authorization": "Basic c29tZTpvbmU="},
    ):
        assert (await locked.http.get("/v1/plans", headers=headers)).status_code == 200, headers


async def test_a_key_is_revoked_from_the_next_request_on(locked: Locked) -> None:
    key = locked.key("read")
    assert (await locked.http.get("/v1/plans", headers={"X-API-Key": key})).status_code == 200

    keys.revoke(locked.keys, key.split("_")[1])

    answer = await locked.http.get("/v1/plans", headers={"X-API-Key": key})
    assert (answer.status_code, _code(answer)) == (401, "unauthorized")
    assert key not in answer.text


async def test_what_is_no_key_opens_nothing(locked: Locked) -> None:
    key = locked.key("read")

    for headers in (
        [("Authorization", "Bearer")],
        [("Authorization", f"Token {key}")],
        [("Authorization", key)],
        [("X-API-Key", "")],
        [("X-API-Key", "\x00")],
        [("X-API-Key", f"{key},{key}")],
        [("X-API-Key", key), ("X-API-Key", key)],
        [("X-API-Key", key), ("Authorization", f"Bearer {key}")],
        [("X-API-Key", "x" * 60_000)],
        [("Cookie", f"X-API-Key={key}")],
    ):
        answer = await locked.http.get("/v1/plans", headers=headers)
        assert (answer.status_code, _code(answer)) == (401, "unauthorized"), headers
    assert (await locked.http.get("/v1/plans", params={"api_key": key})).status_code == 401


async def test_keys_that_cannot_be_read_let_nobody_in(locked: Locked) -> None:
    key = locked.key("read")
    locked.path.write_text("{")

    answer = await locked.http.get("/v1/plans", headers={"X-API-Key": key})

    assert (answer.status_code, _code(answer)) == (503, "unavailable")
    assert str(locked.path) not in answer.text


async def test_on_loopback_a_key_is_not_needed_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    web = open_web(_routers(), keys=tmp_path / "keys.json")
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        assert (await http.get("/v1/plans")).status_code == 200
        wrong = await http.get("/v1/plans", headers={"Authorization": "Bearer guess"})

    assert wrong.status_code == 401


async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    refusals = Refusals()
    path = tmp_path / "keys.json"
    web = open_web(_routers(), keys=path, burst=3, refusals=refusals)
    key = keys.create(KeyFile(path), name="a bot", permissions=["read"])
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        answers = [await http.get("/v1/plans") for _ in range(4)]
        with_key = await http.get("/v1/plans", headers={"X-API-Key": key})

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert _code(answers[-1]) == "too_many_requests"
    assert answers[-1].headers["Retry-After"] == "60"
    assert with_key.status_code == 200, "a key has an allowance of its own"
    assert refusals.tally().counts == {"too_many_requests": 1}


async def test_the_description_says_how_to_show_a_key(locked: Locked) -> None:
    description = locked.web.openapi()

    schemes = description["components"]["securitySchemes"]
    assert {one["type"] for one in schemes.values()} == {"http", "apiKey"}
    assert description["paths"]["/v1/plans"]["get"]["security"]
    assert {"401", "403", "429"} <= set(description["paths"]["/v1/plans"]["get"]["responses"])


async def test_the_page_of_the_description_needs_nothing_from_the_web(locked: Locked) -> None:
    page = (await locked.http.get("/docs")).text

    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert len(addresses) == 3
    for address in addresses:
        answer = await locked.http.get(address)
        assert answer.status_code == 200, address
        assert answer.content
    assert "//" not in page.replace("<!DOCTYPE html>", "").replace("// ", "")


async def test_no_file_beside_the_pages_assets_is_served(locked: Locked) -> None:
    for path in (
        "/docs-assets/../__init__.py",
        "/docs-assets/%2e%2e/__init__.py",
        "/docs-assets/..%2f__init__.py",
        "/docs-assets/..%5c__init__.py",
        "/docs-assets//etc/passwd",
        "/docs-assets/%00",
        "/docs-assets/" + "a" * 5000,
        "/docs-assets/",
    ):
        answer = await locked.http.get(path)
        assert answer.status_code in {401, 404}, path
        assert _code(answer) in {"unauthorized", "not_found"}
