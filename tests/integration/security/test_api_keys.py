"""Keys as a user has them: made and revoked by the command, obeyed by a served api at once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.integration.api.seeded import RunningApi, running_api
from tests.support import facts
from tests.support.processes import ROOT
from tests.support.servers import Database

pytestmark = pytest.mark.connected


def _command(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "api", "keys", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SCANNER_API__KEYS_FILE": str(file)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
async def api(postgres: Database, file: Path) -> AsyncIterator[RunningApi]:
    async with running_api(postgres, require_keys="always", keys_file=str(file)) as api:
        yield api


async def test_a_key_made_by_the_command_opens_until_it_is_revoked(
    api: RunningApi, file: Path
) -> None:
    made = await asyncio.to_thread(_command, file, "create", "--name", "a bot")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    headers = {"Authorization": f"Bearer {key}"}

    assert (await api.http.get("/v1/plans")).status_code == 401
    assert (await api.http.get("/v1/plans", headers=headers)).status_code == 200
    async with api.http.stream("GET", "/v1/events", headers=headers) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": connected"
        revoked = await asyncio.to_thread(_command, file, "revoke", key.split("_")[1])
        assert revoked.returncode == 0, revoked.stderr
        await api.bus.publish(facts.plan())
        rest = [line async for line in lines if not line.startswith(":")]

    assert "".join(rest) == "", "an open stream ends and tells nothing more"
    assert (await api.http.get("/v1/plans", headers=headers)).status_code == 401
    told = await api.service.metrics()
    assert 'scanner_api_refusals_total{code="unauthorized"} 2' in told.splitlines()


def test_a_mistake_is_one_sentence(file: Path) -> None:
    for arguments, sentence in (
        (("revoke", "12345678"), "api: id must be a key that is not revoked, was '12345678'\n"),
        (
            ("create", "--name", "x", "--allow", "trade"),
            "api: permission must be one of chat, read, scan, was 'trade'\n",
        ),
    ):
        finished = _command(file, *arguments)

        assert (finished.returncode, finished.stderr) == (1, sentence)
    assert _command(file, "list").stdout == f"no keys in {file}\n"


async def test_beyond_loopback_nobody_comes_in_without_a_key(
    postgres: Database, file: Path
) -> None:
    async with running_api(postgres, host="0.0.0.0", keys_file=str(file)) as api:
        refused = await api.http.get("/v1/plans")
        alive = await api.http.get("/health")

        described = (await api.http.get("/openapi.json")).json()["paths"]

    assert (refused.status_code, alive.status_code) == (401, 200)
    unguarded = {
        path
        for path, methods in described.items()
        for operation in methods.values()
        if "security" not in operation
    }
    assert unguarded == {"/health", "/ready"}


async def test_one_caller_does_not_take_every_stream(postgres: Database) -> None:
    async with (
        running_api(postgres, event_streams=3, event_streams_per_caller=1) as api,
        api.http.stream("GET", "/v1/events") as one,
    ):
        lines = one.aiter_lines()
        await anext(lines)

        error = await api.refusal("/v1/events", 429)

    assert error["message"] == "event streams of address 127.0.0.1 must be at most 1, was one more"


async def test_a_header_does_not_make_another_caller(postgres: Database) -> None:
    async with running_api(postgres, request_burst=2, requests_per_minute=1) as api:
        answers = [
            await api.http.get("/v1/marks", headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(3)
        ]

    assert [answer.status_code for answer in answers] == [200, 200, httpx.codes.TOO_MANY_REQUESTS]


async def test_a_trusted_proxys_word_counts(postgres: Database) -> None:
    limits = {"request_burst": 1, "requests_per_minute": 1}
    async with running_api(postgres, trusted_proxies=("127.0.0.1",), **limits) as api:
        answers = [
            await api.http.get("/v1/marks", headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(3)
        ]

    assert {answer.status_code for answer in answers} == {200}
