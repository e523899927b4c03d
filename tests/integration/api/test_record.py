"""How plans ended, over a real Postgres: what counts, what does not, one answer everywhere."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
import pytest_asyncio

from common.domain import (
    Direction,
    EntryKind,
    Fact,
    Outcome,
    OutcomeStep,
    PlanRecord,
    PlanRecordRequest,
    Regime,
    ScanKind,
    TradePlan,
    scan_id,
)
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.api.seeded import RunningApi, running_api
from tests.integration.api.shared import database_on
from tests.support import facts
from tests.support.servers import Database

pytestmark = [pytest.mark.connected, pytest.mark.asyncio(loop_scope="module")]

_PLANS: Final = 240
_ENDS: Final = (
    (OutcomeStep.STOPPED, False),
    (OutcomeStep.BREAK_EVEN, True),
    (OutcomeStep.TP2, True),
    (OutcomeStep.EXPIRED, False),
    (OutcomeStep.AMBIGUOUS, False),
    (OutcomeStep.AMBIGUOUS, True),
    (OutcomeStep.NO_DATA, False),
    (OutcomeStep.DELISTED, False),
)
"""Ends of entered plans, and whether the first target was reached before."""
_UNKNOWN: Final = {OutcomeStep.AMBIGUOUS, OutcomeStep.NO_DATA, OutcomeStep.DELISTED}

Told = tuple[TradePlan, tuple[Outcome, ...]]


def _step(plan: TradePlan, step: OutcomeStep, hours: float, net_r: float | None = None) -> Outcome:
    told = facts.outcome(plan, step, after=timedelta(hours=hours))
    return told.model_copy(update={"net_r": net_r, "gross_r": net_r})


def _told() -> Iterator[Told]:
    chance = random.Random(7)
    for place in range(_PLANS):
        plan = facts.plan(
            f"C{place % 12}USDT",
            chance.choice(list(Direction)),
            kind=chance.choice(list(EntryKind)),
            as_of=facts.AS_OF + timedelta(hours=4 * (place // 12)),
            venue="bybit" if place % 12 > 8 else facts.VENUE,
            regime=chance.choice(list(Regime)),
            confidence=float(chance.randrange(101)),
        )
        fate = chance.randrange(8)
        filled = _step(plan, OutcomeStep.FILLED, 2)
        if fate == 0:
            yield plan, ()
        elif fate == 1:
            yield plan, (_step(plan, OutcomeStep.NOT_FILLED, 12, 0.0),)
        elif fate == 2:
            yield plan, (filled,)
        else:
            step, reached = chance.choice(_ENDS)
            net_r = None if step in _UNKNOWN else round(chance.uniform(-1.2, 2.8), 3)
            target = (_step(plan, OutcomeStep.TP1, 2 + chance.randrange(1, 80)),) if reached else ()
            yield plan, (filled, *target, _step(plan, step, 100, net_r))


_TOLD: Final = tuple(_told())
_TWICE: Final = facts.plan("C0USDT", number=1)
"""The first close of a contract, forced to be scanned again."""
_REPLAYED: Final = facts.plan(
    "C0USDT",
    as_of=facts.AS_OF - timedelta(hours=4),
    scan_id=scan_id(facts.VENUE, facts.AS_OF - timedelta(hours=4), ScanKind.REPLAY, 0),
)
_REAL: Final = facts.plan("REALUSDT", simulated=False)
_UNCOUNTED: Final[tuple[Fact, ...]] = (
    _TWICE,
    _step(_TWICE, OutcomeStep.FILLED, 1),
    _step(_TWICE, OutcomeStep.STOPPED, 2, -1.0),
    _REPLAYED,
    _REAL,
    _step(_REAL, OutcomeStep.FILLED, 0),
    facts.scan_completed(planned=["C0USDT"], blocked=[]),
    facts.scan_completed(planned=["C9USDT"], blocked=[], venue="bybit"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(_postgres_of_the_session: PostgresServer) -> AsyncIterator[RunningApi]:
    async with running_api(database_on(_postgres_of_the_session)) as api:
        await api.record(*(fact for plan, steps in _TOLD for fact in (plan, *steps)), *_UNCOUNTED)
        yield api


async def _record(api: RunningApi, **parameters: Any) -> PlanRecord:
    answer = await api.http.get("/v1/record", params=parameters)
    assert answer.status_code == 200, answer.text
    return PlanRecord.model_validate_json(answer.content)


async def test_every_plan_of_the_history_is_counted_once(api: RunningApi) -> None:
    found = (await _record(api)).total

    ends = [steps[-1] for _, steps in _TOLD if steps and steps[-1].step.final]
    entered = [
        steps for _, steps in _TOLD if any(step.step is OutcomeStep.FILLED for step in steps)
    ]
    results = [
        steps[-1].net_r for steps in entered if steps[-1].step.final and steps[-1].net_r is not None
    ]
    reached = [s for s in entered if any(step.step is OutcomeStep.TP1 for step in s)]
    assert found.plans == _PLANS
    assert found.waiting == sum(not steps for _, steps in _TOLD)
    assert found.running == sum(len(steps) == 1 for steps in entered)
    assert found.never_entered == found.ends[OutcomeStep.NOT_FILLED]
    assert found.entered == len(entered)
    assert found.unknown == sum(one.net_r is None for one in ends)
    assert found.ends == {
        step: sum(one.step is step for one in ends) for step in OutcomeStep if step.final
    }
    assert found.decided == len(results)
    assert found.total_net_r == pytest.approx(sum(results))
    assert found.mean_net_r is not None
    assert found.mean_net_r.value == pytest.approx(sum(results) / len(results))
    assert found.first_target_reached == len(reached)
    assert found.first_target_known == len(reached) + sum(
        steps not in reached and steps[-1].net_r is not None for steps in entered
    )
    assert found.first_target_times is not None
    assert found.first_target_times.told_hours == 35
    assert 1 <= found.first_target_times.median_hours < 80


@pytest.mark.parametrize("aspect", ["direction", "entry", "regime", "confidence", "venue", "month"])
async def test_the_parts_of_an_aspect_make_up_the_whole(api: RunningApi, aspect: str) -> None:
    found = await _record(api)

    parts = [part.figures for part in found.parts if part.aspect == aspect]
    assert sum(part.plans for part in parts) == found.total.plans
    assert sum(part.decided for part in parts) == found.total.decided
    assert found.total.total_net_r == pytest.approx(sum(part.total_net_r or 0 for part in parts))


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"venue": "bybit"}, lambda plan: plan.venue == "bybit"),
        ({"symbol": "C3USDT"}, lambda plan: plan.symbol == "C3USDT"),
        ({"direction": "short"}, lambda plan: plan.direction is Direction.SHORT),
        (
            {"since": (facts.AS_OF + timedelta(hours=8)).isoformat()},
            lambda plan: plan.as_of >= facts.AS_OF + timedelta(hours=8),
        ),
        (
            {"until": (facts.AS_OF + timedelta(hours=8)).isoformat()},
            lambda plan: plan.as_of < facts.AS_OF + timedelta(hours=8),
        ),
        ({"symbol": "NOSUCH"}, lambda plan: plan.symbol == "NOSUCH"),
    ],
)
async def test_plans_are_chosen(api: RunningApi, parameters: dict[str, Any], wanted: Any) -> None:
    found = await _record(api, **parameters)

    assert found.total.plans == sum(wanted(plan) for plan, _ in _TOLD)
    assert found.simulated is True


async def test_the_bus_answers_as_the_web_does(api: RunningApi) -> None:
    since = facts.AS_OF + timedelta(hours=8)
    over_the_web = await _record(api, direction="long", since=since.isoformat())
    request = PlanRecordRequest(direction=Direction.LONG, since=since)

    reply = await api.bus.ask(request, within=timedelta(seconds=10))

    assert reply.error is None
    assert PlanRecord.model_validate_json(reply.body) == over_the_web


@pytest.mark.parametrize(
    ("parameters", "field", "sentence"),
    [
        ({"direction": "up"}, "direction", "was 'up'"),
        ({"since": "yesterday"}, "since", "was 'yesterday'"),
        ({"until": "2026-01-05T08:00:00"}, "until", "was '2026-01-05T08:00:00'"),
        (
            {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
            "until",
            "until must come after since, 2026-02-01T00:00:00+00:00, was '2026-01-01T00:00:00Z'",
        ),
        ({"regime": "ranging"}, "regime", "unknown query parameter, was 'regime'"),
        ({"side": "long"}, "side", "unknown query parameter, was 'side'"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    api: RunningApi, parameters: dict[str, str], field: str, sentence: str
) -> None:
    error = await api.refusal("/v1/record", 422, **parameters)

    assert error["field"] == field
    assert sentence in error["message"]


async def test_an_empty_history_has_a_record_without_numbers(postgres: Database) -> None:
    async with running_api(postgres) as api:
        found = await _record(api)

    assert found.simulated is None
    assert (found.total.plans, found.parts) == (0, ())
    assert found.total.mean_net_r is None
    assert found.total.first_target_share is None
