"""Every history route over a real, filled Postgres."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from api.core.answers import Page
from common.domain import (
    Cluster,
    Direction,
    Fact,
    Outcome,
    OutcomeStep,
    Rejection,
    RejectionKind,
    Signal,
    TradePlan,
)
from common.telemetry import trace_id_of
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.api.seeded import RunningApi, running_api
from tests.integration.api.shared import database_on
from tests.integration.recorder.test_writing import candle_set, note
from tests.support import facts
from tests.support.servers import Database

pytestmark = [pytest.mark.connected, pytest.mark.asyncio(loop_scope="module")]

_OLD = facts.AS_OF - timedelta(hours=4)

_OLD_PLAN = facts.plan("BTCUSDT", as_of=_OLD, rank=150.0)
_PLANS = (
    facts.plan("BTCUSDT", rank=90.0, confidence=45.0),
    facts.plan("ETHUSDT", Direction.SHORT, rank=120.0, confidence=60.0),
    facts.plan("SOLUSDT", rank=110.0, confidence=55.0),
    facts.plan("AVAXUSDT", rank=100.0, confidence=65.0),
)
_SOLANAS = Cluster(
    lead="SOLUSDT",
    direction=Direction.LONG,
    symbols=("SOLUSDT", "AVAXUSDT"),
    btc_correlation=0.7,
)
_REJECTIONS = (
    facts.rejection("ADAUSDT", score=-70.0, refused="funding"),
    facts.rejection("XRPUSDT", score=61.0),
    facts.rejection("LTCUSDT", RejectionKind.NO_SETUP, refused=None),
    facts.rejection("NEWUSDT", RejectionKind.NO_DATA, refused=None),
)
_STOPPED = facts.outcome(_OLD_PLAN, OutcomeStep.STOPPED, after=timedelta(hours=2))
_HISTORY: tuple[Fact, ...] = (
    facts.scan_started(["BTCUSDT"], as_of=_OLD),
    facts.scan_completed(planned=["BTCUSDT"], blocked=[], as_of=_OLD),
    _OLD_PLAN,
    facts.outcome(_OLD_PLAN, OutcomeStep.FILLED),
    _STOPPED,
    facts.scan_started([one.symbol for one in (*_PLANS, *_REJECTIONS)]),
    facts.scan_completed(
        planned=[one.symbol for one in _PLANS],
        blocked=["ADAUSDT", "XRPUSDT"],
        no_setup=["LTCUSDT"],
        no_data=["NEWUSDT"],
        clusters=[_SOLANAS],
    ),
    *_PLANS,
    *_REJECTIONS,
    facts.signal("BTCUSDT"),
    facts.signal("ETHUSDT", score=-66.0),
    facts.signal("LTCUSDT", score=20.0, confidence=10.0),
    facts.derivatives("BTCUSDT"),
    facts.delisting("BTCUSDT"),
    facts.universe_snapshot(),
    facts.universe_snapshot(facts.listed("BTCUSDT"), as_of=facts.AS_OF + timedelta(days=1)),
    note(_PLANS[0]),
    candle_set("BTCUSDT", rows=5),
    # A scan that has only begun is nobody's default.
    facts.scan_started(["BTCUSDT"], as_of=facts.AS_OF + timedelta(hours=4)),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(_postgres_of_the_session: PostgresServer) -> AsyncIterator[RunningApi]:
    async with running_api(database_on(_postgres_of_the_session)) as api:
        await api.record(*_HISTORY)
        yield api


def symbols(items: list[dict[str, Any]]) -> list[str]:
    return [item["symbol"] for item in items]


async def test_plans_are_the_newest_completed_scans_ranked_one_per_cluster(
    api: RunningApi,
) -> None:
    answer = await api.http.get("/v1/plans")

    assert answer.status_code == 200
    assert symbols(answer.json()["items"]) == ["ETHUSDT", "SOLUSDT", "BTCUSDT"]
    assert answer.json()["simulated"] is True
    assert answer.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"best_of_cluster": False}, ["ETHUSDT", "SOLUSDT", "AVAXUSDT", "BTCUSDT"]),
        ({"open": False}, ["BTCUSDT"]),
        ({"open": True, "symbol": "BTCUSDT"}, ["BTCUSDT"]),
        ({"open": True}, ["ETHUSDT", "SOLUSDT", "BTCUSDT"]),
        ({"limit": 200, "symbol": "AVAXUSDT"}, ["AVAXUSDT"]),
        ({"direction": "long"}, ["SOLUSDT", "BTCUSDT"]),
        ({"symbol": "SOLUSDT"}, ["SOLUSDT"]),
        ({"symbol": "solusdt"}, ["SOLUSDT"]),
        # Of a cluster the best-ranked plan that meets the filter stands for it.
        ({"min_confidence": 60}, ["ETHUSDT", "AVAXUSDT"]),
        ({"scan_id": facts.scan_of(_OLD)}, ["BTCUSDT"]),
        ({"since": _OLD.isoformat()}, ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDT"]),
        ({"venue": "bybit"}, []),
    ],
)
async def test_plans_are_filtered(
    api: RunningApi, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert symbols(await api.items("/v1/plans", **parameters)) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["ADAUSDT", "XRPUSDT", "LTCUSDT", "NEWUSDT"]),
        ({"kind": "blocked"}, ["ADAUSDT", "XRPUSDT"]),
        ({"gate": "funding"}, ["ADAUSDT"]),
        ({"gate": "liquidity"}, []),
        ({"since": _OLD.isoformat(), "kind": "no_data"}, ["NEWUSDT"]),
        ({"scan_id": facts.scan_of(_OLD)}, []),
    ],
)
async def test_rejections_are_filtered_strongest_first(
    api: RunningApi, parameters: dict[str, Any], expected: list[str]
) -> None:
    items = await api.items("/v1/rejections", **parameters)

    assert symbols(items) == expected


async def test_every_rejection_names_its_gates_with_value_and_threshold(api: RunningApi) -> None:
    [item] = await api.items("/v1/rejections", symbol="XRPUSDT")

    refused = [gate for gate in item["gates"] if gate["verdict"] == "refused"]
    assert [(gate["name"], gate["value"], gate["threshold"]) for gate in refused] == [
        ("overextension", 2.6, 2.0)
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, {"BTCUSDT", "ETHUSDT", "LTCUSDT"}),
        ({"direction": "short"}, {"ETHUSDT"}),
        ({"candidate": False}, {"LTCUSDT"}),
        ({"min_confidence": 20}, {"BTCUSDT", "ETHUSDT"}),
        ({"symbol": "BTCUSDT"}, {"BTCUSDT"}),
        ({"since": (facts.AS_OF + timedelta(hours=1)).isoformat()}, set()),
    ],
)
async def test_signals_are_filtered(
    api: RunningApi, parameters: dict[str, Any], expected: set[str]
) -> None:
    assert set(symbols(await api.items("/v1/signals", **parameters))) == expected


async def test_scans_are_listed_newest_first_with_every_contract_by_name(api: RunningApi) -> None:
    unfinished, newest, oldest = await api.items("/v1/scans")

    assert unfinished["completed"] is None
    assert newest["completed"]["planned"] == [one.symbol for one in _PLANS]
    assert newest["completed"]["no_data"] == ["NEWUSDT"]
    assert newest["started"]["kind"] == "scheduled"
    assert oldest["scan_id"] == facts.scan_of(_OLD)


async def test_one_scan_is_found_by_its_name(api: RunningApi) -> None:
    answer = await api.http.get(f"/v1/scans/{facts.scan_of()}")

    assert answer.status_code == 200
    assert answer.json()["scan"]["completed"]["universe"] == 8
    assert answer.json()["simulated"] is True


async def test_an_unknown_scan_is_not_found_by_name(api: RunningApi) -> None:
    error = await api.refusal("/v1/scans/bybit.20260105T080000Z.scheduled.0", 404)

    assert error["code"] == "not_found"
    assert "'bybit.20260105T080000Z.scheduled.0'" in error["message"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, ["stopped", "filled"]), ({"final": True}, ["stopped"]), ({"step": "filled"}, ["filled"])],
)
async def test_outcomes_are_listed_newest_first(
    api: RunningApi, parameters: dict[str, Any], expected: list[str]
) -> None:
    items = await api.items("/v1/outcomes", **parameters)

    assert [item["step"] for item in items] == expected


async def test_a_contract_is_shown_with_the_newest_of_everything(api: RunningApi) -> None:
    answer = await api.http.get("/v1/symbols/binance/BTCUSDT", params={"candles": "4h"})

    body = answer.json()
    assert body["simulated"] is True
    assert body["signal"]["scan_id"] == facts.scan_of()
    assert body["decision"]["rank"] == 90.0
    assert body["trace_id"] == trace_id_of(body["decision"]["scan_id"], "BTCUSDT")
    assert answer.links["trace"]["url"] == f"http://traces/{body['trace_id']}"
    assert body["derivatives"]["funding_interval_hours"] == 4.0
    assert body["delisting"]["ends_at"] == "2026-01-12T08:00:00Z"
    assert body["open_plan"]["scan_id"] == facts.scan_of(), "the older plan was stopped"
    assert body["note"]["stance"] == "caution"
    assert [step["step"] for step in body["outcomes"]] == ["stopped", "filled"]
    times = [candle["open_time"] for candle in body["candles"]["items"]]
    assert len(times) == 5
    assert times == sorted(times)


async def test_a_contracts_rejection_is_its_decision_too(api: RunningApi) -> None:
    answer = await api.http.get("/v1/symbols/binance/AdaUsdt")

    body = answer.json()
    assert (body["decision"]["kind"], body["open_plan"], body["candles"]) == ("blocked", None, None)


async def test_candles_are_the_newest_ones_when_there_are_more(api: RunningApi) -> None:
    answer = await api.http.get(
        "/v1/symbols/binance/BTCUSDT", params={"candles": "4h", "candle_limit": 2}
    )

    times = [candle["open_time"] for candle in answer.json()["candles"]["items"]]
    assert times == ["2026-01-05T00:00:00Z", "2026-01-05T04:00:00Z"]


async def test_a_past_days_universe_names_what_was_scanned_and_why_the_rest_was_not(
    api: RunningApi,
) -> None:
    answer = await api.http.get("/v1/universe/binance", params={"date": "2026-01-05"})

    body = answer.json()
    stock, bitcoin = body["universe"]["contracts"]
    assert body["simulated"] is True
    assert (stock["symbol"], stock["excluded"]["rule"]) == ("AAPLUSDT", "underlying")
    assert (bitcoin["symbol"], bitcoin["excluded"]) == ("BTCUSDT", None)


async def test_without_a_date_the_newest_universe_is_shown(api: RunningApi) -> None:
    answer = await api.http.get("/v1/universe/binance")

    assert answer.json()["universe"]["day"] == "2026-01-06"


@pytest.mark.parametrize(
    ("venue", "parameters", "status"),
    [
        ("binance", {"date": "2026-01-04"}, 404),
        ("bybit", {}, 404),
        ("binance", {"date": "yesterday"}, 422),
        ("binance", {"day": "2026-01-05"}, 422),
    ],
)
async def test_a_universe_that_was_not_recorded_is_refused(
    api: RunningApi, venue: str, parameters: dict[str, Any], status: int
) -> None:
    await api.refusal(f"/v1/universe/{venue}", status, **parameters)


async def test_a_contract_nobody_scanned_is_not_found(api: RunningApi) -> None:
    error = await api.refusal("/v1/symbols/binance/NOSUCH", 404)

    assert error["message"] == "nothing is recorded about that contract, was binance/NOSUCH"


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(postgres: Database) -> AsyncIterator[RunningApi]:
    """An api over a history of the test's own."""
    async with running_api(postgres) as api:
        yield api


async def test_a_forced_scan_of_the_same_close_is_newer(fresh: RunningApi) -> None:
    await fresh.record(*_HISTORY)
    forced = facts.plan("DOGEUSDT", number=1)
    await fresh.record(forced, facts.scan_completed(planned=["DOGEUSDT"], blocked=[], number=1))

    assert symbols(await fresh.items("/v1/plans")) == ["DOGEUSDT"]


@pytest.mark.parametrize("scan_first", [True, False])
async def test_clusters_are_known_whatever_was_recorded_first(
    fresh: RunningApi, scan_first: bool
) -> None:
    scan = facts.scan_completed(
        planned=[one.symbol for one in _PLANS], blocked=[], clusters=[_SOLANAS]
    )
    for fact in (scan, *_PLANS) if scan_first else (*_PLANS, scan):
        await fresh.record(fact)

    assert symbols(await fresh.items("/v1/plans")) == ["ETHUSDT", "SOLUSDT", "BTCUSDT"]


async def test_a_cluster_says_nothing_about_another_scan(fresh: RunningApi) -> None:
    await fresh.record(*_HISTORY)
    alone = facts.plan("AVAXUSDT", as_of=_OLD, rank=1.0)
    await fresh.record(alone)

    assert symbols(await fresh.items("/v1/plans", scan_id=alone.scan_id)) == ["BTCUSDT", "AVAXUSDT"]


async def test_each_venues_newest_scan_is_meant(fresh: RunningApi) -> None:
    await fresh.record(*_HISTORY)
    other = facts.plan("BTCUSDT", venue="bybit", as_of=_OLD, rank=1.0)
    await fresh.record(
        other, facts.scan_completed(planned=["BTCUSDT"], blocked=[], venue="bybit", as_of=_OLD)
    )

    assert [(item["venue"], item["symbol"]) for item in await fresh.items("/v1/plans")] == [
        ("binance", "ETHUSDT"),
        ("binance", "SOLUSDT"),
        ("binance", "BTCUSDT"),
        ("bybit", "BTCUSDT"),
    ]


async def test_an_empty_answer_says_whether_the_venue_is_simulated(api: RunningApi) -> None:
    known = await api.http.get("/v1/plans", params={"venue": "binance", "symbol": "NOSUCH"})
    unknown = await api.http.get("/v1/plans", params={"venue": "bybit"})

    assert known.json() == {"items": [], "next_cursor": None, "simulated": True}
    assert unknown.json() == {"items": [], "next_cursor": None, "simulated": None}


async def test_an_empty_history_is_an_empty_answer(fresh: RunningApi) -> None:
    for path in ("scans", "signals", "plans", "rejections", "outcomes"):
        answer = await fresh.http.get(f"/v1/{path}")

        assert answer.json() == {"items": [], "next_cursor": None, "simulated": None}


async def test_items_are_the_facts_as_they_were_told(api: RunningApi) -> None:
    plans = await api.http.get("/v1/plans", params={"best_of_cluster": False})
    rejections = await api.http.get("/v1/rejections")
    signals = await api.http.get("/v1/signals", params={"symbol": "BTCUSDT"})
    outcomes = await api.http.get("/v1/outcomes", params={"final": True})

    assert set(Page[TradePlan].model_validate_json(plans.content).items) == set(_PLANS)
    assert set(Page[Rejection].model_validate_json(rejections.content).items) == set(_REJECTIONS)
    assert Page[Signal].model_validate_json(signals.content).items == (facts.signal("BTCUSDT"),)
    assert Page[Outcome].model_validate_json(outcomes.content).items == (_STOPPED,)
