"""Marks, events and scans on demand, and reads that go on without the bus."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from common.bus import Reply
from common.domain import OutcomeStep, ScanReply, ScanRequest
from common.errors import ScannerError
from tests.integration.api.seeded import RunningApi, running_api
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.servers import Database

pytestmark = pytest.mark.connected


@pytest.fixture
async def api(postgres: Database) -> AsyncIterator[RunningApi]:
    async with running_api(postgres, event_streams=2, event_backlog=5) as api:
        yield api


async def marks_of(api: RunningApi, **parameters: str) -> list[dict[str, object]]:
    answer = await api.http.get("/v1/marks", params=parameters)
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_the_newest_marks_of_each_venue_are_shown(api: RunningApi) -> None:
    later = facts.AS_OF + timedelta(seconds=10)
    await api.bus.publish(facts.marks({"BTCUSDT": 2.0, "ETHUSDT": 3.0}, at=later))
    await api.bus.publish(facts.marks({"BTCUSDT": 1.0}))
    await api.bus.publish(facts.marks({"BTCUSDT": 5.0}, venue="bybit"))

    async def heard() -> bool:
        return len(await marks_of(api)) == 2

    await eventually(heard)
    [binance] = await marks_of(api, venue="binance", symbol="btcusdt")
    assert binance["prices"] == {"BTCUSDT": 2.0}
    assert binance["simulated"] is True
    assert await marks_of(api, symbol="NOSUCH") == []


async def test_decisions_and_outcomes_are_streamed_as_they_are_told(api: RunningApi) -> None:
    plan = facts.plan()
    told = [facts.rejection(), plan, facts.outcome(plan, OutcomeStep.FILLED)]
    async with api.http.stream("GET", "/v1/events", params={"rejections": False}) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == ": connected"
        for fact in told:
            await api.bus.publish(fact)

        seen = [line async for line in _until(lines, count=2)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [line for line in seen if line.startswith(("event", "id"))] == [
        "event: TradePlan",
        f"id: {plan.key}",
        "event: Outcome",
        f"id: {told[2].key}",
    ]
    data = [json.loads(line.removeprefix("data: ")) for line in seen if line.startswith("data")]
    assert [item["simulated"] for item in data] == [True, True]
    assert data[0]["stop"] == str(plan.stop)


async def _until(lines: AsyncIterator[str], *, count: int) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        count -= line.startswith("data")
        if count == 0:
            return


async def test_an_idle_stream_has_a_heartbeat(api: RunningApi) -> None:
    async with api.http.stream("GET", "/v1/events") as answer:
        async for line in answer.aiter_lines():
            if line == ": heartbeat":
                break
        else:
            pytest.fail("the stream ended without a heartbeat")


async def test_as_many_streams_as_allowed_and_room_again_when_one_leaves(
    api: RunningApi,
) -> None:
    async with (
        api.http.stream("GET", "/v1/events") as one,
        api.http.stream("GET", "/v1/events") as two,
    ):
        lines = [one.aiter_lines(), two.aiter_lines()]  # held: a dropped iterator hangs up
        assert [await anext(each) for each in lines] == [": connected"] * 2
        error = await api.refusal("/v1/events", 429)

    assert error == {
        "code": "busy",
        "message": "event streams must be at most 2, was one more",
        "field": None,
    }

    async def has_room() -> bool:
        async with api.http.stream("GET", "/v1/events") as answer:
            return answer.status_code == httpx.codes.OK

    await eventually(has_room)


async def test_the_service_ends_promptly_with_a_stream_open(postgres: Database) -> None:
    async with running_api(postgres) as api:
        stream = api.http.stream("GET", "/v1/events")
        answer = await stream.__aenter__()
        lines = answer.aiter_lines()
        await anext(lines)

        async with asyncio.timeout(5):
            await api.service.drain()

        assert [line async for line in lines if line and not line.startswith(":")] == []
        await stream.__aexit__(None, None, None)


async def test_a_scan_on_demand_is_the_fetchers_answer(api: RunningApi) -> None:
    asked: list[ScanRequest] = []

    async def fetcher(body: bytes) -> Reply:
        asked.append(ScanRequest.model_validate_json(body))
        reply = ScanReply(scan_id=facts.scan_of(), reused=True)
        return Reply(reply.model_dump_json().encode())

    await api.bus.answer(ScanRequest.subject, fetcher, target="binance")
    await api.record(facts.scan_completed())

    answer = await api.http.post("/v1/scans", json={"venue": "binance", "force": True})

    assert answer.status_code == 200
    assert answer.json() == {"scan_id": facts.scan_of(), "reused": True, "simulated": True}
    assert asked == [ScanRequest(venue="binance", force=True)]


async def test_a_fetcher_that_refuses_is_quoted(api: RunningApi) -> None:
    async def fetcher(_: bytes) -> Reply:
        raise ScannerError("a scan is running")

    await api.bus.answer(ScanRequest.subject, fetcher, target="binance")

    answer = await api.http.post("/v1/scans", json={"venue": "binance"})

    assert answer.status_code == 409
    assert answer.json()["error"] == {
        "code": "refused",
        "message": "binance refused to scan: a scan is running",
        "field": None,
    }


async def test_a_venue_without_a_fetcher_is_503(api: RunningApi) -> None:
    answer = await api.http.post("/v1/scans", json={"venue": "bybit"})

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"


async def test_reads_go_on_without_the_bus(api: RunningApi) -> None:
    await api.record(facts.plan(), facts.scan_completed())
    await api.bus.close()

    plans = await api.http.get("/v1/plans")
    request = await api.http.post("/v1/scans", json={"venue": "binance"})

    assert len(plans.json()["items"]) == 1
    assert request.status_code == 503
