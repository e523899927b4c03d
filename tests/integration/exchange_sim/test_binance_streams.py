from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from exchange_sim.core.faults import Fault
from tests.integration.exchange_sim.http import get
from tests.integration.exchange_sim.sockets import Socket, connected
from tests.support.eventually import eventually
from tests.support.venue import A_CLOSE, RunningVenue, binance_stream_client, running_venue

MARKET = "/market/ws/0"
HOUR = timedelta(hours=1)
OPENED = int(A_CLOSE.timestamp() * 1000)


async def subscribe(socket: Socket, *names: str) -> Any:
    await socket.send({"method": "SUBSCRIBE", "params": list(names), "id": 1})
    return await socket.receive()


def closed(message: Any) -> bool:
    return bool(message.get("k", {}).get("x"))


async def rest_candle(venue: RunningVenue, symbol: str, interval: str, opened: int) -> list[Any]:
    rows = (
        await get(
            venue.base_url,
            "/fapi/v1/klines",
            symbol=symbol,
            interval=interval,
            startTime=opened,
            endTime=opened,
        )
    )[1]
    return list(rows[0])


async def test_a_close_is_sent_when_the_clock_crosses_the_boundary_and_equals_rest() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        assert await subscribe(socket, "solusdt@kline_1h", "btcusdt@kline_4h") == {
            "result": None,
            "id": 1,
        }
        forming = await socket.receive()
        assert not forming["k"]["x"]

        venue.move_to(A_CLOSE + HOUR)
        message = await socket.receive_until(closed)
        rest = await rest_candle(venue, "SOLUSDT", "1h", OPENED)

    candle = message["k"]
    assert (message["s"], candle["t"], candle["T"]) == ("SOLUSDT", OPENED, OPENED + 3_599_999)
    streamed = [candle[key] for key in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")]
    assert streamed == rest


async def test_a_jump_over_several_boundaries_sends_every_close_in_order() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "solusdt@kline_1h")
        venue.move_to(A_CLOSE + 3 * HOUR + timedelta(seconds=1))
        opens = [(await socket.receive_until(closed))["k"]["t"] for _ in range(3)]

    assert opens == [OPENED + hour * 3_600_000 for hour in range(3)]


async def test_nothing_more_comes_after_unsubscribing() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "solusdt@kline_1h", "btcusdt@kline_1h")
        await socket.send({"method": "UNSUBSCRIBE", "params": ["solusdt@kline_1h"], "id": 2})
        await socket.receive_until(lambda message: message.get("id") == 2)
        await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": 3})
        listed = await socket.receive_until(lambda message: message.get("id") == 3)
        venue.move_to(A_CLOSE + 2 * HOUR)
        symbols = {(await socket.receive_until(closed))["s"] for _ in range(2)}

    assert listed["result"] == ["btcusdt@kline_1h"]
    assert symbols == {"BTCUSDT"}


async def test_combined_streams_come_in_an_envelope() -> None:
    path = "/market/stream?streams=solusdt@kline_1h/btcusdt@markPrice"
    async with running_venue() as venue, connected(venue.base_url, path) as socket:
        messages = [await socket.receive() for _ in range(2)]

    assert {message["stream"]: message["data"]["e"] for message in messages} == {
        "solusdt@kline_1h": "kline",
        "btcusdt@markPrice": "markPriceUpdate",
    }


@pytest.mark.parametrize("path", ["/ws", "/public/ws/0"])
async def test_a_retired_address_confirms_and_stays_silent(path: str) -> None:
    async with running_venue() as venue, connected(venue.base_url, path) as socket:
        confirmed = await subscribe(socket, "solusdt@kline_1h")
        venue.move_to(A_CLOSE + HOUR)
        await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": 2})
        following = await socket.receive()

    assert confirmed == {"result": None, "id": 1}
    assert following == {"result": [], "id": 2}


async def test_mark_prices_of_all_contracts_come_in_one_message() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "!markPrice@arr@1s")
        marks = await socket.receive()
        rest = (await get(venue.base_url, "/fapi/v1/premiumIndex"))[1]

    assert {row["s"]: (row["p"], row["i"], row["r"], row["T"]) for row in marks} == {
        row["symbol"]: (
            row["markPrice"],
            row["indexPrice"],
            row["lastFundingRate"],
            row["nextFundingTime"],
        )
        for row in rest
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", 3), ('{"method":"SHOUT","id":1}', 2), ('{"method":"SUBSCRIBE","params":[1]}', 2)],
)
async def test_a_wrong_message_is_answered_with_an_error(text: str, code: int) -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await socket.raw.send_str(text)
        answer = await socket.receive()

    assert answer["error"]["code"] == code


async def test_more_than_1024_streams_are_refused() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        answer = await subscribe(socket, *(f"coin{number}usdt@kline_1h" for number in range(1_025)))

    assert "too many" in answer["error"]["msg"]


async def test_more_than_ten_messages_a_second_end_the_connection() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        for number in range(11):
            await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": number})
        ended = None
        while ended is None:
            message = await socket.raw.receive(timeout=20)
            ended = None if message.type is aiohttp.WSMsgType.TEXT else message

    assert ended.type is aiohttp.WSMsgType.CLOSE
    assert socket.raw.close_code == 1008


async def test_a_connection_lives_24_hours() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "!markPrice@arr")
        venue.advance(timedelta(hours=24))
        while (message := await socket.raw.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            pass

    assert message.type is aiohttp.WSMsgType.CLOSE


async def test_a_zombie_stays_open_and_confirms_but_sends_nothing() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "solusdt@kline_1h")
        venue.faults.order(Fault(kind="zombie", route="/market/ws", count=1))
        await eventually(lambda: venue.accounting.faults == 1)
        async with connected(venue.base_url, MARKET) as other:
            await subscribe(other, "solusdt@kline_1h")
            venue.move_to(A_CLOSE + HOUR)
            await other.receive_until(closed)

        await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": 9})
        messages = [await socket.receive()]
        while messages[-1].get("id") != 9:
            messages.append(await socket.receive())
        assert not any(closed(message) for message in messages)
        assert not socket.raw.closed


async def test_a_dropped_connection_ends_without_a_word() -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "!markPrice@arr")
        venue.faults.order(Fault(kind="dropped", count=1))
        while (message := await socket.raw.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            pass

        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        await eventually(lambda: venue.accounting.streams["binance"].open == 0)


@pytest.mark.parametrize(("kind", "copies"), [("missing", 0), ("late", 1), ("duplicated", 2)])
async def test_a_close_may_be_lost_or_late_or_sent_twice(kind: str, copies: int) -> None:
    async with running_venue() as venue, connected(venue.base_url, MARKET) as socket:
        await subscribe(socket, "solusdt@kline_1h", "btcusdt@kline_1h")
        fault = {"kind": kind, "route": "/market/ws", "symbol": "SOLUSDT", "count": 1}
        venue.faults.order(Fault.model_validate({**fault, "seconds": 0.05}))
        venue.move_to(A_CLOSE + HOUR)
        seen = [(await socket.receive_until(closed))["s"] for _ in range(copies + 1)]

    assert sorted(seen) == ["BTCUSDT", *["SOLUSDT"] * copies]


async def test_ccxt_pro_watches_candles_tickers_and_marks() -> None:
    async with running_venue() as venue, binance_stream_client(venue.base_url) as client:
        wanted = [["SOL/USDT:USDT", "1h"], ["BTC/USDT:USDT", "4h"]]
        seen: dict[tuple[str, str], int] = {}
        while len(seen) < 2:
            for symbol, frames in (await client.watch_ohlcv_for_symbols(wanted)).items():
                seen |= {(symbol, frame): rows[-1][0] for frame, rows in frames.items()}
        marks = await client.watch_mark_prices()
        tickers = await client.watch_tickers()

    assert seen == {("SOL/USDT:USDT", "1h"): OPENED, ("BTC/USDT:USDT", "4h"): OPENED}
    assert marks["SOL/USDT:USDT"]["markPrice"] > 0
    assert all(ticker["last"] > 0 for ticker in tickers.values())
