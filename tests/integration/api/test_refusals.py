"""What cannot be meant, what is not there, and a database that is away: one shape, one sentence."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from common.database.border import postgres_border
from common.database.engine import open_engine
from common.database.tables import SCANS
from common.errors import DatabaseUnavailableError
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.api.seeded import RunningApi, running_api
from tests.integration.api.shared import database_on
from tests.integration.recorder.postgres import opened
from tests.support import facts
from tests.support.eventually import eventually
from tests.support.servers import Database

pytestmark = [pytest.mark.connected, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(_postgres_of_the_session: PostgresServer) -> AsyncIterator[RunningApi]:
    async with running_api(database_on(_postgres_of_the_session)) as api:
        yield api


@pytest.mark.parametrize(
    ("path", "parameters", "field", "sentence"),
    [
        ("plans", {"limit": "0"}, "limit", "was '0'"),
        ("plans", {"limit": "201"}, "limit", "limit: Input should be less than or equal to 200"),
        ("plans", {"limit": "many"}, "limit", "was 'many'"),
        ("plans", {"min_confidence": "nan"}, "min_confidence", "was 'nan'"),
        ("plans", {"min_confidence": "101"}, "min_confidence", "was '101'"),
        ("plans", {"direction": "up"}, "direction", "'long' or 'short', was 'up'"),
        ("plans", {"confidance": "3"}, "confidance", "unknown query parameter, was 'confidance'"),
        ("plans", {"venue": "Binance"}, "venue", "was 'Binance'"),
        ("plans", {"symbol": "BTC'; DROP TABLE decisions"}, "symbol", "was \"BTC'; DROP"),
        ("plans", {"symbol": "a\0b"}, "symbol", "was 'a\\x00b'"),
        ("plans", {"scan_id": "latest"}, "scan_id", "was 'latest'"),
        ("plans", {"since": "2026-01-05T08:00:00"}, "since", "was '2026-01-05T08:00:00'"),
        ("plans", {"since": "0001-01-01T00:00:00+14:00"}, "since", "years 1 to 9999"),
        ("plans", {"cursor": "a b"}, "cursor", "was 'a b'"),
        ("plans", {"cursor": "A" * 1025}, "cursor", "at most 1024"),
        ("plans", {"venue": "kraken"}, "venue", "'binance' or 'bybit', was 'kraken'"),
        ("scans", {"venue": "kraken"}, "venue", "was 'kraken'"),
        ("marks", {"venue": "kraken"}, "venue", "was 'kraken'"),
        ("events", {"venue": "kraken"}, "venue", "was 'kraken'"),
        ("universe/kraken", {}, "venue", "was 'kraken'"),
        ("rejections", {"gate": "trend"}, "gate", "'overextension', 'trap_wick', "),
        ("rejections", {"gate": "trend"}, "gate", "or 'cooldown', was 'trend'"),
        ("rejections", {"kind": "bad"}, "kind", "was 'bad'"),
        ("signals", {"candidate": "perhaps"}, "candidate", "was 'perhaps'"),
        ("outcomes", {"step": "won"}, "step", "was 'won'"),
        ("symbols/binance/BTCUSDT", {"candles": "5m"}, "candles", "was '5m'"),
        ("symbols/binance/BTCUSDT", {"candle_limit": "1001"}, "candle_limit", "was '1001'"),
        ("symbols/BINANCE/BTCUSDT", {}, "venue", "was 'BINANCE'"),
        ("symbols/binance/" + "B" * 41, {}, "symbol", "was 'BBB"),
        ("scans/not-a-scan", {}, "scan_id", "was 'not-a-scan'"),
        ("scans/x.20260105T080000Z.scheduled.0", {"all": "1"}, "all", "was 'all'"),
        ("marks", {"symbols": "BTCUSDT"}, "symbols", "did you mean 'symbol'?"),
        ("events", {"venues": "binance"}, "venues", "did you mean 'venue'?"),
    ],
)
async def test_a_parameter_that_cannot_be_meant_is_refused_by_name_and_value(
    api: RunningApi, path: str, parameters: dict[str, str], field: str, sentence: str
) -> None:
    error = await api.refusal(f"/v1/{path}", 422, **parameters)

    assert error["code"] == "invalid_parameter"
    assert error["field"] == field
    assert sentence in error["message"]
    assert "\n" not in error["message"]
    assert len(error["message"]) < 320


async def test_a_parameter_given_twice_is_refused(api: RunningApi) -> None:
    answer = await api.http.get("/v1/plans?limit=5&limit=6")

    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "limit must be given once, was given 2 times"


async def test_an_address_that_is_not_there_is_named(api: RunningApi) -> None:
    error = await api.refusal("/v1/orders", 404)

    assert error == {
        "code": "not_found",
        "message": "no such address, was '/v1/orders'",
        "field": None,
    }


async def test_a_method_that_is_not_there_is_named(api: RunningApi) -> None:
    answer = await api.http.delete("/v1/plans")

    assert answer.status_code == 405
    assert answer.json()["error"]["message"] == "/v1/plans does not take DELETE"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"venue": "binance", "symbol": "BTCUSDT"}', 422),
        (b'{"venue": "binance", "force": "yes"}', 422),
        (b'{"venue": "' + b"x" * 20_000 + b'"}', 413),
    ],
)
async def test_a_body_that_cannot_be_meant_is_refused(
    api: RunningApi, body: bytes, status: int
) -> None:
    answer = await api.http.post(
        "/v1/scans", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("scans", {"venue": "kraken"}),
        ("chat", {"venue": "kraken", "conversation": "mine", "text": "the best longs?"}),
    ],
)
async def test_a_venue_that_nobody_reads_is_asked_nothing(
    api: RunningApi, path: str, body: dict[str, str]
) -> None:
    answer = await api.http.post(f"/v1/{path}", json=body)

    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "venue must be binance or bybit, was 'kraken'"


async def test_nothing_can_be_written_on_a_read_only_connection(postgres: Database) -> None:
    async with opened(postgres.url, postgres.password) as place:
        engine = open_engine(place.database, name="test", connections=1, read_only=True)

        async def delete() -> None:
            with postgres_border():
                async with engine.begin() as connection:
                    await connection.execute(sa.delete(SCANS))

        with pytest.raises(DatabaseUnavailableError, match="read-only transaction"):
            await delete()

        await engine.dispose()


async def test_without_tables_every_question_is_answered_with_503(postgres: Database) -> None:
    async with running_api(postgres) as api:
        await api.place.run("DROP TABLE scans, decisions, signals, outcomes")

        for path in ("scans", "plans", "rejections", "signals", "outcomes"):
            error = await api.refusal(f"/v1/{path}", 503)
            assert error["code"] == "unavailable"


async def test_a_database_away_is_503_in_one_sentence_and_back_is_back(
    own_postgres: PostgresServer,
) -> None:
    own_postgres.create_database("history")
    database = Database(own_postgres.url("history"), own_postgres.password, own_postgres)
    async with running_api(database) as api:
        await api.record(facts.plan(), facts.scan_completed())
        own_postgres.kill()

        error = await api.refusal("/v1/plans", 503)
        ready = await api.http.get("/ready")
        health = await api.http.get("/health")

        assert error["code"] == "unavailable"
        assert error["message"].startswith("Postgres ")
        assert "\n" not in error["message"]
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert (health.status_code, health.json()["alive"]) == (200, True)

        own_postgres.start()

        async def answers() -> bool:
            return (await api.http.get("/v1/plans")).status_code == httpx.codes.OK

        await eventually(answers, within=20, saying="plans after Postgres came back")
        assert (await api.http.get("/ready")).json()["simulated"] is True
