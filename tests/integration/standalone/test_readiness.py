from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from standalone.adapters.ports import free_port
from standalone.adapters.readiness import Readiness, wait_until_ready
from standalone.app import describe_venue

REASON = "binance cannot be reached: connection refused"


@asynccontextmanager
async def answering(*bodies: str) -> AsyncIterator[str]:
    left = list(bodies)

    async def ready(_: web.Request) -> web.Response:
        body = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(text=body, status=200 if body == "ready" else 503)

    application = web.Application()
    application.router.add_get("/ready", ready)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/ready"
    finally:
        await runner.cleanup()


async def test_a_program_that_becomes_ready_is_waited_for() -> None:
    async with answering("no", "no", "ready") as url:
        told = await wait_until_ready(url, within_seconds=20)

    assert told == Readiness(ready=True, lives=True)


async def test_a_program_that_is_not_ready_is_quoted() -> None:
    async with answering(f'{{"ready": false, "detail": "{REASON}"}}') as url:
        told = await wait_until_ready(url, within_seconds=0.3)

    assert told == Readiness(ready=False, lives=True, reason=REASON)


async def test_a_program_without_a_sentence_is_quoted_as_it_is() -> None:
    async with answering("[1, 2]") as url:
        told = await wait_until_ready(url, within_seconds=0)

    assert told.reason == "[1, 2]"


async def test_a_program_that_does_not_answer_does_not_live() -> None:
    told = await wait_until_ready(f"http://127.0.0.1:{free_port()}/ready", within_seconds=0)

    assert (told.ready, told.lives) == (False, False)
    assert "no answer" in told.reason


def test_a_venue_that_cannot_be_reached_is_told_in_one_sentence() -> None:
    waits = describe_venue(Readiness(ready=False, lives=True, reason=REASON))

    assert REASON in waits
    assert "keeps trying" in waits
    assert "\n" not in waits
    assert describe_venue(Readiness(ready=True, lives=True)).split() == ["fetcher", "ready"]
