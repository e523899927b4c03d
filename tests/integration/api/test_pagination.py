"""Pages join up: nothing twice, nothing left out, in one order, whatever is told meanwhile."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from common.domain import OutcomeStep
from standalone.adapters.postgres_server import PostgresServer
from tests.integration.api.seeded import RunningApi, running_api
from tests.integration.api.shared import database_on
from tests.support import facts

pytestmark = [pytest.mark.connected, pytest.mark.asyncio(loop_scope="module")]

_COUNT = 23
_LATER = facts.AS_OF + timedelta(hours=4)


def _name(number: int) -> str:
    return f"C{number:02}USDT"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(_postgres_of_the_session: PostgresServer) -> AsyncIterator[RunningApi]:
    plans = [facts.plan(_name(number), rank=float(number // 4)) for number in range(_COUNT)]
    rejections = [
        # Equal scores, unequal ones, none at all: every tie must be broken by name.
        facts.rejection(f"R{number:02}USDT", score=[50.0, -60.0, 50.5, None][number % 4])
        for number in range(_COUNT)
    ]
    async with running_api(database_on(_postgres_of_the_session)) as api:
        await api.record(
            facts.scan_completed(
                planned=[plan.symbol for plan in plans],
                blocked=[rejection.symbol for rejection in rejections],
            ),
            *plans,
            *rejections,
            *(facts.signal(_name(number)) for number in range(_COUNT)),
            *(facts.outcome(plan, OutcomeStep.FILLED) for plan in plans),
            *(facts.scan_started(number=number) for number in range(1, _COUNT)),
        )
        yield api


def _key(item: dict[str, Any]) -> tuple[str, str, str]:
    return item["scan_id"], item.get("symbol", ""), item.get("step", "")


@pytest.mark.parametrize("limit", [1, 4, 7, 22, 23, 24, 200])
@pytest.mark.parametrize("path", ["scans", "signals", "plans", "rejections", "outcomes"])
async def test_pages_hold_every_item_once_in_the_order_of_one_page(
    api: RunningApi, path: str, limit: int
) -> None:
    whole = await api.items(f"/v1/{path}", limit=200)

    paged = await api.items(f"/v1/{path}", limit=limit)

    assert len(whole) == _COUNT
    assert len({_key(item) for item in whole}) == _COUNT
    assert [_key(item) for item in paged] == [_key(item) for item in whole]


async def test_ranks_and_strengths_never_rise_along_a_list(api: RunningApi) -> None:
    ranks = [plan["rank"] for plan in await api.items("/v1/plans", limit=5)]
    scores = [
        -1 if item["score"] is None else abs(item["score"])
        for item in await api.items("/v1/rejections", limit=5)
    ]

    assert ranks == sorted(ranks, reverse=True)
    assert scores == sorted(scores, reverse=True)


async def test_a_cursor_does_not_fit_other_filters(api: RunningApi) -> None:
    first = (await api.http.get("/v1/signals", params={"limit": 5})).json()

    error = await api.refusal(
        "/v1/signals", 422, limit=5, direction="long", cursor=first["next_cursor"]
    )

    assert error["field"] == "cursor"
    assert error["message"].startswith("cursor must be used with the filters it came from, was")


@pytest.mark.parametrize("cursor", ["abc", "e30", "W10", "____", "bnVsbA", "A" * 1024])
async def test_a_made_up_cursor_is_refused_by_name(api: RunningApi, cursor: str) -> None:
    for path in ("scans", "signals", "plans", "rejections", "outcomes"):
        error = await api.refusal(f"/v1/{path}", 422, cursor=cursor)

        assert error["field"] == "cursor"


# Last, for it adds a scan to the module's history.
async def test_later_pages_stay_with_the_first_pages_scan(api: RunningApi) -> None:
    first = (await api.http.get("/v1/plans", params={"limit": 10})).json()
    await api.record(
        facts.plan("NEWUSDT", as_of=_LATER, rank=0.5),
        facts.scan_completed(planned=["NEWUSDT"], blocked=[], as_of=_LATER),
    )

    rest = await api.items("/v1/plans", limit=10, cursor=first["next_cursor"])

    seen = [_key(item) for item in (*first["items"], *rest)]
    assert len(seen) == len(set(seen)) == _COUNT
    assert {scan for scan, _, _ in seen} == {facts.scan_of()}
