"""Faults of both venues: bans, codes, clocks, candles, delistings and a seeded plan."""

from datetime import timedelta
from typing import Any

import ccxt
import pytest

from exchange_sim.core.faults import Fault
from tests.integration.exchange_sim.http import delete, get, post
from tests.support.venue import A_CLOSE, binance_client, bybit_client, running_venue

KLINES, KLINE = "/fapi/v1/klines", "/v5/market/kline"
SOL = {"symbol": "SOLUSDT", "interval": "1h", "limit": 12}
SOL_BYBIT = {"category": "linear", "symbol": "SOLUSDT", "interval": "60", "limit": 12}
HOUR = 3_600_000


async def test_an_ordered_ban_lasts_and_counts_every_request_inside_it() -> None:
    async with running_venue() as venue:
        venue.faults.order(Fault(kind="ban", route=KLINES, seconds=300, count=1))
        first = await get(venue.base_url, KLINES, **SOL)
        venue.advance(timedelta(seconds=299))
        inside = await get(venue.base_url, "/fapi/v1/time")
        venue.advance(timedelta(seconds=1))
        after = await get(venue.base_url, "/fapi/v1/time")
        other = await get(venue.base_url, "/v5/market/time")
        books: Any = venue.accounting.summary(0)

    assert (first[0], first[2]["Retry-After"], inside[0], inside[2]["Retry-After"]) == (
        418,
        "300",
        418,
        "1",
    )
    assert (after[0], other[0]) == (200, 200)
    assert books["while_banned"] == 1
    assert books["venues"]["binance"]["injected"] == {"ban": 1}


async def test_who_does_not_wait_for_retry_after_is_counted() -> None:
    async with running_venue() as venue:
        fault = Fault(kind="status", status=429, retry_after=7, count=1, route="/fapi/*")
        venue.faults.order(fault)
        status, _, headers = await get(venue.base_url, KLINES, **SOL)
        await get(venue.base_url, "/fapi/v1/time")
        venue.advance(timedelta(seconds=7))
        await get(venue.base_url, "/fapi/v1/time")
        books: Any = venue.accounting.summary(0)

    assert (status, headers["Retry-After"]) == (429, "7")
    assert books["while_told_to_wait"] == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "code", "code": 10006}, ccxt.RateLimitExceeded),
        ({"kind": "code", "code": 10016}, ccxt.ExchangeError),
        ({"kind": "code", "code": 10002}, ccxt.InvalidNonce),
        ({"kind": "status", "status": 403}, ccxt.ExchangeError),
        ({"kind": "status", "status": 429}, ccxt.RateLimitExceeded),
        ({"kind": "status", "status": 451}, ccxt.ExchangeNotAvailable),
        ({"kind": "status", "status": 503}, ccxt.ExchangeNotAvailable),
        ({"kind": "status", "status": 504}, ccxt.RequestTimeout),
        ({"kind": "ban", "seconds": 600}, ccxt.RateLimitExceeded),
        ({"kind": "timeout"}, ccxt.RequestTimeout),
    ],
)
async def test_bybits_faults_are_the_errors_that_ccxt_makes_of_the_real_ones(
    fault: dict[str, object], error: type[Exception]
) -> None:
    async with running_venue(symbols=5) as venue, bybit_client(venue.base_url) as client:
        client.timeout = 2_000
        venue.faults.order(Fault.model_validate({"count": 1, "route": "/v5/*", **fault}))
        with pytest.raises(error):
            await client.publicGetV5MarketTickers({"category": "linear", "symbol": "BTCUSDT"})


async def test_bybits_limit_headers_come_with_10006() -> None:
    async with running_venue(symbols=5) as venue:
        venue.faults.order(Fault(kind="code", code=10006, seconds=3))
        _, body, headers = await get(venue.base_url, KLINE, **SOL_BYBIT)

    assert body["retCode"] == 10006
    assert headers["X-Bapi-Limit-Status"] == "0"
    assert int(headers["X-Bapi-Limit-Reset-Timestamp"]) == body["time"] + 3_000


@pytest.mark.parametrize("path", ["/fapi/v1/time", "/v5/market/time", "/api/v3/time"])
async def test_the_venues_time_may_be_off(path: str) -> None:
    async with running_venue(symbols=1) as venue:
        right = (await get(venue.base_url, path))[1]
        venue.faults.order(Fault(kind="clock_offset", offset=-2_500, count=1))
        wrong = (await get(venue.base_url, path))[1]
        again = (await get(venue.base_url, path))[1]

    def told(answer: dict[str, Any]) -> int:
        return int(answer.get("serverTime") or answer["time"])

    assert told(wrong) == told(right) - 2_500
    assert told(again) == told(right)


@pytest.mark.parametrize(("kind", "rows"), [("missing", 11), ("duplicated", 13), ("late", 11)])
async def test_candles_are_spoiled_on_both_venues(kind: str, rows: int) -> None:
    async with running_venue() as venue:
        sound = (await get(venue.base_url, KLINES, **SOL))[1]
        for route in (KLINES, KLINE):
            venue.faults.order(Fault.model_validate({"kind": kind, "route": route, "count": 1}))
        binance = (await get(venue.base_url, KLINES, **SOL))[1]
        bybit = (await get(venue.base_url, KLINE, **SOL_BYBIT))[1]["result"]["list"]
        again = (await get(venue.base_url, KLINES, **SOL))[1]

    assert len(binance) == len(bybit) == rows
    assert [row[0] for row in binance] == [int(row[0]) for row in reversed(bybit)]
    assert again == sound


async def test_a_row_of_nothing_stands_in_bybits_list_too() -> None:
    async with running_venue() as venue:
        venue.faults.order(Fault(kind="null_rows", route=KLINE))
        body = (await get(venue.base_url, KLINE, **SOL_BYBIT))[1]

    assert body["result"]["list"].count([None] * 7) == 1


async def test_a_delisting_is_announced_and_then_ends_the_contract_on_one_venue() -> None:
    ends = A_CLOSE + timedelta(hours=2)
    delivery = int(ends.timestamp() * 1000)
    async with running_venue() as venue, binance_client(venue.base_url) as client:
        order = {
            "kind": "delisted", "symbol": "SOLUSDT", "at": ends.isoformat(), "route": "/fapi/*",
        }  # fmt: skip
        assert (await post(venue.base_url, "/sim/faults", [order]))[0] == 200
        announced = (await client.load_markets())["SOL/USDT:USDT"]
        venue.move_to(ends + timedelta(hours=1))
        ended = (await client.load_markets(reload=True))["SOL/USDT:USDT"]
        last = (await get(venue.base_url, KLINES, **SOL))[1][-1]
        marks = (await get(venue.base_url, "/fapi/v1/premiumIndex"))[1]
        elsewhere = (await get(venue.base_url, KLINE, **SOL_BYBIT))[1]["result"]["list"][0]

    assert (announced["info"]["status"], int(announced["info"]["deliveryDate"])) == (
        "TRADING",
        delivery,
    )
    assert announced["active"]
    assert (ended["info"]["status"], ended["active"]) == ("SETTLING", False)
    assert last[0] + HOUR == delivery
    assert "SOLUSDT" not in {row["symbol"] for row in marks}
    assert int(elsewhere[0]) > delivery


async def test_on_bybit_a_delisting_shows_as_a_delivery_time() -> None:
    ends = A_CLOSE + timedelta(hours=2)
    path = "/v5/market/instruments-info"
    async with running_venue() as venue:
        venue.faults.order(Fault(kind="delisted", symbol="SOLUSDT", at=ends, route="/v5/*"))
        asked = {"category": "linear", "symbol": "SOLUSDT"}
        announced = (await get(venue.base_url, path, **asked))[1]["result"]["list"][0]
        venue.move_to(ends)
        gone = (await get(venue.base_url, path, **asked))[1]
        closed = (await get(venue.base_url, path, **asked, status="Closed"))[1]["result"]["list"]

    assert (announced["status"], int(announced["deliveryTime"])) == (
        "Trading",
        int(ends.timestamp() * 1000),
    )
    assert gone["retCode"] == 10001
    assert [row["symbol"] for row in closed] == ["SOLUSDT"]


async def test_a_seeded_plan_spoils_its_share_and_is_the_same_each_time() -> None:
    odds: dict[str, Any] = {
        "seed": 5,
        "rate": 0.3,
        "kinds": ["status", "missing", "null_rows", "late"],
        "statuses": [429, 503],
    }

    async def told() -> tuple[list[int], Any]:
        async with running_venue(symbols=5) as venue:
            assert (await post(venue.base_url, "/sim/faults/plan", odds))[0] == 200
            statuses = [(await get(venue.base_url, KLINES, **SOL))[0] for _ in range(40)]
            return statuses, venue.accounting.summary(0)

    (one, books), (two, _) = await told(), await told()
    assert one == two
    assert 5 <= books["faults"] <= 20
    assert set(books["venues"]["binance"]["injected"]) <= set(odds["kinds"])
    assert books["faults"] == sum(books["venues"]["binance"]["injected"].values())


async def test_a_plan_is_shown_stopped_and_refused_when_impossible() -> None:
    async with running_venue(symbols=1) as venue:
        wrong = await post(venue.base_url, "/sim/faults/plan", {"seed": 1, "rate": 2})
        await post(venue.base_url, "/sim/faults/plan", {"seed": 1, "rate": 1.0, "kinds": ["html"]})
        shown = (await get(venue.base_url, "/sim/faults/plan"))[1]
        stopped = await delete(venue.base_url, "/sim/faults/plan")
        fine = await get(venue.base_url, "/fapi/v1/time")

    assert wrong[0] == 422
    assert (shown["rate"], shown["kinds"]) == (1.0, ["html"])
    assert (stopped, fine[0]) == (204, 200)
