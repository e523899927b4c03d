"""What hundreds of contracts ask of one venue: bursts of closes, and a clock that still answers."""

import asyncio
from datetime import timedelta

from tests.integration.exchange_sim.http import get
from tests.integration.exchange_sim.sockets import connected
from tests.support.venue import A_CLOSE, running_venue

MIDNIGHT = A_CLOSE.replace(hour=0) + timedelta(days=1)


async def test_the_clock_is_answered_while_a_heavy_answer_is_being_made() -> None:
    async with running_venue(symbols=300) as venue:
        heavy = asyncio.create_task(get(venue.base_url, "/fapi/v1/ticker/24hr"))
        for path in ("/sim/clock", "/fapi/v1/time", "/v5/market/time", "/sim/accounting"):
            assert (await get(venue.base_url, path))[0] == 200

        assert not heavy.done()
        assert len((await heavy)[1]) > 300


async def test_a_burst_of_closes_loses_none() -> None:
    async with (
        running_venue(symbols=60, start=MIDNIGHT - timedelta(minutes=1)) as venue,
        connected(venue.base_url, "/market/ws/0") as socket,
    ):
        now = venue.now().timestamp() * 1000
        contracts = venue.venue.view.contracts(int(now))
        symbols = [one.symbol for one in contracts if one.status(int(now)) == "TRADING"]
        names = [
            f"{name.lower()}@kline_{frame}" for name in symbols for frame in ("1h", "4h", "1d")
        ]
        await socket.send({"method": "SUBSCRIBE", "params": names, "id": 1})
        await socket.receive_until(lambda message: message.get("id") == 1)
        venue.move_to(MIDNIGHT)
        closed = [
            (await socket.receive_until(lambda message: message.get("k", {}).get("x")))["k"]
            for _ in names
        ]
        book = venue.accounting.streams["binance"]

    assert sorted(f"{one['s'].lower()}@kline_{one['i']}" for one in closed) == sorted(names)
    assert {one["T"] + 1 for one in closed} == {int(MIDNIGHT.timestamp() * 1000)}
    assert (book.closes, book.last_burst) == (len(names), len(names))
    assert book.last_burst_ended >= book.last_burst_began > 0
