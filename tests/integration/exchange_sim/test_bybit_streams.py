from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from exchange_sim.core.faults import Fault
from tests.integration.exchange_sim.http import get
from tests.integration.exchange_sim.sockets import Socket, connected
from tests.support.venue import A_CLOSE, bybit_stream_client, running_venue

LINEAR = "/v5/public/linear"
HOUR = timedelta(hours=1)
OPENED = int(A_CLOSE.timestamp() * 1000)


async def subscribe(socket: Socket, *names: str) -> Any:
    # ccxt adds a key of its own, which the venue ignores
    await socket.send(
        {"op": "subscribe", "args": list(names), "req_id": "7", "callerMethodName": 1}
    )
    return await socket.receive()


def confirmed(message: Any) -> bool:
    return message.get("topic", "").startswith("kline") and bool(message["data"][0]["confirm"])


async def test_the_closed_candle_and_the_next_one_come_in_one_message() -> None:
    async with running_venue() as venue, connected(venue.base_url, LINEAR) as socket:
        answer = await subscribe(socket, "kline.60.SOLUSDT")
        venue.move_to(A_CLOSE + HOUR)
        message = await socket.receive_until(confirmed)
        asked = {"category": "linear", "symbol": "SOLUSDT", "interval": "60", "limit": 2}
        rest = (await get(venue.base_url, "/v5/market/kline", **asked))[1]["result"]["list"]

    assert (answer["success"], answer["op"], answer["req_id"]) == (True, "subscribe", "7")
    closed, following = message["data"]
    assert (closed["confirm"], following["confirm"]) == (True, False)
    assert (closed["start"], following["start"]) == (OPENED, OPENED + 3_600_000)
    keys = ("start", "open", "high", "low", "close", "volume", "turnover")
    assert [float(closed[key]) for key in keys] == [float(value) for value in rest[1]]
    assert closed["close"] == following["open"]


async def test_a_ticker_is_a_snapshot_and_then_only_what_changes() -> None:
    async with (
        running_venue(stream_seconds=0.2) as venue,
        connected(venue.base_url, LINEAR) as socket,
    ):
        await subscribe(socket, "tickers.SOLUSDT")
        snapshot = await socket.receive()
        venue.advance(timedelta(seconds=30))
        delta = await socket.receive()
        rows = (await get(venue.base_url, "/v5/market/tickers", category="linear"))[1]["result"]

    row = next(row for row in rows["list"] if row["symbol"] == "SOLUSDT")
    assert (snapshot["type"], delta["type"]) == ("snapshot", "delta")
    assert set(delta["data"]) < set(snapshot["data"])
    merged = {**snapshot["data"], **delta["data"]}
    assert {key: merged[key] for key in ("markPrice", "fundingRate", "openInterest")} == {
        key: row[key] for key in ("markPrice", "fundingRate", "openInterest")
    }


async def test_a_ping_is_answered_with_a_pong() -> None:
    async with running_venue() as venue, connected(venue.base_url, LINEAR) as socket:
        await socket.send({"op": "ping", "req_id": "1"})
        answer = await socket.receive()

    assert (answer["ret_msg"], answer["op"], answer["success"]) == ("pong", "ping", True)


async def test_one_wrong_topic_refuses_the_whole_subscription() -> None:
    async with running_venue() as venue, connected(venue.base_url, LINEAR) as socket:
        answer = await subscribe(socket, "kline.60.SOLUSDT", "kline.7.SOLUSDT")

    assert not answer["success"]
    assert answer["ret_msg"] == "Invalid topic: kline.7.SOLUSDT"


async def test_topics_of_more_than_21000_characters_are_refused() -> None:
    async with running_venue(symbols=5) as venue, connected(venue.base_url, LINEAR) as socket:
        answer = await subscribe(socket, *(["kline.60.SOLUSDT"] * 1_400))

    assert not answer["success"]
    assert "21000" in answer["ret_msg"]


async def test_a_zombie_answers_pings_and_nothing_else() -> None:
    async with running_venue() as venue, connected(venue.base_url, LINEAR) as socket:
        await subscribe(socket, "kline.60.SOLUSDT")
        await socket.receive_until(lambda message: message.get("topic"))
        venue.faults.order(Fault(kind="zombie", route=LINEAR))
        while not venue.accounting.faults:
            await socket.send({"op": "ping"})
            await socket.receive_until(lambda message: message.get("op") == "ping")
        venue.move_to(A_CLOSE + HOUR)
        await socket.send({"op": "ping"})
        message = await socket.receive_until(lambda message: message.get("op") == "ping")

    assert message["ret_msg"] == "pong"
    assert venue.accounting.streams["bybit"].closes == 0


async def test_an_address_may_connect_500_times_in_five_minutes() -> None:
    async with running_venue(symbols=1) as venue, aiohttp.ClientSession() as session:
        address = venue.base_url.replace("http", "ws", 1) + LINEAR
        for _ in range(500):
            await (await session.ws_connect(address)).close()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(address)


async def test_ccxt_pro_watches_candles_and_tickers() -> None:
    async with running_venue() as venue, bybit_stream_client(venue.base_url) as client:
        await client.load_markets()
        wanted = [["SOL/USDT:USDT", "1h"], ["SHIB1000/USDT:USDT", "4h"]]
        seen: dict[tuple[str, str], int] = {}
        while len(seen) < 2:
            for symbol, frames in (await client.watch_ohlcv_for_symbols(wanted)).items():
                seen |= {(symbol, frame): rows[-1][0] for frame, rows in frames.items()}
        ticker = await client.watch_ticker("SOL/USDT:USDT")

    assert set(seen.values()) == {OPENED}
    assert float(ticker["info"]["fundingRate"]) != 0
    assert ticker["markPrice"] > 0
