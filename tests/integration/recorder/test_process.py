"""The recorder as a process on the real broker and a real Postgres: killed in mid-work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from common.bus.nats import NatsBus
from common.domain import DeadLetter
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from tests.integration.recorder.postgres import opened
from tests.integration.recorder.test_service import counts
from tests.integration.recorder.test_writing import candle_set
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.servers import Database

pytestmark = pytest.mark.connected


def environment(database: Database, nats: str = "nats://127.0.0.1:1") -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SCANNER_DATABASE__URL": database.url,
        "SCANNER_DATABASE__PASSWORD": database.password,
        "SCANNER_BUS__URL": nats,
        "SCANNER_BUS__ACK_WAIT_SECONDS": "2",
        "SCANNER_BUS__MAX_STORAGE_BYTES": str(512 * 1024**2),
    }


@contextmanager
def recorder(surroundings: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", "recorder"], env=surroundings)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=15) == 0


async def test_killed_again_and_again_it_loses_and_doubles_nothing(
    postgres: Database, nats_server: NatsServer
) -> None:
    bus = NatsBus(BusSettings(url=nats_server.url, max_storage_bytes=512 * 1024**2), name="test")
    await bus.connect()
    surroundings = environment(postgres, nats_server.url)
    told = [facts.plan(f"C{number:03}USDT") for number in range(200)]
    async with opened(postgres.url, postgres.password) as place:
        for batch in range(2):
            with recorder(surroundings) as process:
                for fact in told[batch * 100 : batch * 100 + 100]:
                    await bus.publish(fact)

                async def some() -> bool:
                    [(count,)] = await place.rows("SELECT count(*) FROM decisions")
                    return bool(count > batch * 50)  # noqa: B023 - awaited before the next turn

                await eventually(some, within=30)
                process.kill()
                process.wait()
        with recorder(surroundings):
            await bus.publish(candle_set())

            await counts(place, "decisions", 200)
            await counts(place, "candles", 5)
            assert await place.rows("SELECT count(DISTINCT symbol) FROM decisions") == [(200,)]
            assert [letter async for letter in bus.replay(DeadLetter)] == []
    await bus.close()


def test_migrate_is_a_command_of_its_own(postgres: Database) -> None:
    for _ in range(2):
        finished = subprocess.run(
            [sys.executable, "-m", "recorder", "migrate"],
            env=environment(postgres),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert (finished.returncode, finished.stderr) == (0, "")


def test_migrating_without_a_database_is_one_clear_sentence(postgres: Database) -> None:
    surroundings = environment(postgres)
    surroundings["SCANNER_DATABASE__URL"] = "postgresql+psycopg://scanner@127.0.0.1:1/scanner"

    finished = subprocess.run(
        [sys.executable, "-m", "recorder", "migrate"],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 1
    assert finished.stderr.startswith("recorder: Postgres cannot do its work now: connection")
    assert finished.stderr.count("\n") == 1
