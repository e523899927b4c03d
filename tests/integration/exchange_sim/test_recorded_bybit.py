"""Bybit's routes, both venues' streams and the archive have the shape of what was recorded."""

import csv
import io
import json
import zipfile
from typing import Any

import aiohttp
import pytest

from tests.integration.exchange_sim.http import get
from tests.integration.exchange_sim.sockets import connected
from tests.integration.exchange_sim.test_recorded_payloads import shape
from tests.support.real_data import real_data_folder, recorded_payload
from tests.support.venue import A_CLOSE, running_venue

pytestmark = pytest.mark.real

BTC = {"category": "linear", "symbol": "BTCUSDT"}


def lines(name: str) -> list[dict[str, Any]]:
    text = (real_data_folder() / "payloads" / name).read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("path", "parameters", "recorded"),
    [
        ("kline", {**BTC, "interval": "1", "limit": 1}, "bybit_http_get_klines_linear.json"),
        ("tickers", BTC, "bybit_v5_tickers_linear_BTCUSDT.json"),
        (
            "open-interest",
            {**BTC, "intervalTime": "1h", "limit": 8},
            "bybit_v5_open_interest_BTCUSDT_1h.json",
        ),
        ("funding/history", {**BTC, "limit": 8}, "bybit_v5_funding_history_BTCUSDT.json"),
        ("funding/history", {**BTC, "limit": 2}, "bybit_http_get_funding_history.json"),
    ],
)
async def test_an_answer_has_the_shape_of_the_recorded_one(
    path: str, parameters: dict[str, str | int], recorded: str
) -> None:
    expected = recorded_payload(f"bybit/{recorded}")
    async with running_venue() as venue:
        answer = (await get(venue.base_url, f"/v5/market/{path}", **parameters))[1]

    theirs, ours = expected["result"].pop("list"), answer["result"].pop("list")
    assert {name: shape(value) for name, value in answer.items()} == {
        "retExtInfo": {},
        **{name: shape(value) for name, value in expected.items()},
    }
    assert {str(shape(row)) for row in ours} == {str(shape(theirs[0]))}


@pytest.mark.parametrize(
    "recorded", ["bybit_v5_instruments_linear_small.json", "bybit_http_get_instruments_linear.json"]
)
async def test_every_kind_of_instrument_has_the_shape_of_its_recorded_like(recorded: str) -> None:
    expected = recorded_payload(f"bybit/{recorded}")["result"]["list"]
    theirs = {_sort(row): shape(row) for row in expected}
    async with running_venue(symbols=60) as venue:
        asked = {"category": "linear", "limit": 1_000}
        answer = (await get(venue.base_url, "/v5/market/instruments-info", **asked))[1]

    ours = {_sort(row): shape(row) for row in answer["result"]["list"]}
    assert set(theirs) <= set(ours) | {("LinearPerpetual", None)}
    for kind, known in theirs.items():
        like = ours[kind if kind in ours else ("LinearPerpetual", "")]
        assert set(known) <= set(like), kind
        if kind[1] is not None:  # the other file is the documentation's example
            assert like == known, kind


def _sort(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["contractType"], row.get("symbolType")


@pytest.mark.parametrize(
    ("topic", "recorded"),
    [
        ("btcusdt@kline_1m", "ws_binance_kline_stream_open.json"),
        ("btcusdt@markPrice", "ws_binance_mark_price_stream.json"),
        ("btcusdt@ticker", "ws_binance_ticker_stream.json"),
    ],
)
async def test_a_binance_message_has_the_shape_of_the_recorded_one(
    topic: str, recorded: str
) -> None:
    async with (
        running_venue() as venue,
        connected(venue.base_url, f"/market/ws/{topic}") as socket,
    ):
        message = await socket.receive()

    assert shape(message) == shape(recorded_payload(f"ws/{recorded}"))


async def test_binances_recorded_candles_open_and_closed_have_the_streams_shape() -> None:
    recorded = lines("ws/binance_fstream_kline_messages.jsonl")
    single = recorded_payload("ws/ws_binance_kline_stream_closed.json")
    async with (
        running_venue() as venue,
        connected(venue.base_url, "/market/stream?streams=btcusdt@kline_1m") as socket,
    ):
        forming = await socket.receive()
        venue.move_to(A_CLOSE.replace(minute=2))
        closed = await socket.receive_until(lambda message: message["data"]["k"]["x"])

    assert {str(_typed(message)) for message in recorded} == {str(_typed(forming))}
    assert _typed(closed) == _typed(forming)
    assert shape(closed["data"]) == shape(single)


def _typed(message: dict[str, Any]) -> Any:
    told = shape(message)
    told["stream"] = "text"
    return sorted(told.items()) and {"data": sorted(map(str, told["data"].items()))}


async def test_bybits_recorded_messages_have_the_streams_shape() -> None:
    recorded = [line["data"] for line in lines("ws/bybit_v5_public_linear_messages.jsonl")]
    kinds: dict[str, Any] = {}
    async with (
        running_venue() as venue,
        connected(venue.base_url, "/v5/public/linear") as socket,
    ):
        await socket.send({"op": "subscribe", "args": ["kline.1.BTCUSDT", "tickers.BTCUSDT"]})
        while len(kinds) < 3:
            message = await socket.receive()
            kinds[_kind(message)] = message
        venue.move_to(A_CLOSE.replace(minute=2))
        kinds["close"] = await socket.receive_until(lambda message: _kind(message) == "close")
        await socket.send({"op": "subscribe", "args": ["invalid.topic.BTCUSDT"]})
        refused = await socket.receive_until(lambda message: message.get("success") is False)

    assert {_kind(message) for message in recorded} >= {"ack", "kline", "close", "snapshot"}
    for message in recorded:
        kind = _kind(message)
        if kind == "delta":
            assert set(message["data"]) <= set(kinds["snapshot"]["data"])
        else:
            assert set(message) == set(kinds[kind]), kind
            assert _inner(message) == _inner(kinds[kind]), kind
    one = recorded_payload("ws/bybit_ws_kline.json")
    assert _inner(one) == _inner(kinds["kline"])
    assert (
        shape(kinds["ack"]).keys() == recorded_payload("ws/bybit_ws_subscription_ack.json").keys()
    )
    failure = recorded_payload("ws/bybit_ws_subscription_failure.json")
    assert refused["ret_msg"] == failure["ret_msg"]
    assert set(failure) <= set(refused)
    older = recorded_payload("ws/bybit_ws_ticker_linear.json")
    assert set(older["data"]) <= set(kinds["snapshot"]["data"])


def _kind(message: dict[str, Any]) -> str:
    if "op" in message:
        return "ack"
    if message["topic"].startswith("tickers"):
        return str(message["type"])
    return "close" if message["data"][0]["confirm"] else "kline"


def _inner(message: dict[str, Any]) -> Any:
    data = message.get("data")
    if isinstance(data, list):
        return [sorted(shape(row).items()) for row in data]
    return None if data is None else sorted(shape(data).items())


@pytest.mark.parametrize(
    ("path", "recorded", "header"),
    [
        (
            "data/futures/um/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2023-10-27.zip",
            "futures_daily_klines_WITHHEADER_BTCUSD_PERP-1h-2023-10-27.csv",
            True,
        ),
        (
            "data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2023-10-27.zip",
            "spot_daily_klines_NOHEADER_BTCUSDT-1h-2023-10-27.csv",
            False,
        ),
        (
            "data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2025-01-01.zip",
            "spot_2025_MICROSECONDS_readme_example.csv",
            False,
        ),
        (
            "data/futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2026-03-08.zip",
            "um_daily_metrics_header_and_one_row.csv",
            True,
        ),
    ],
)
async def test_an_archives_file_is_written_as_the_recorded_one(
    path: str, recorded: str, header: bool
) -> None:
    theirs = _table((real_data_folder() / "payloads" / "vision" / recorded).read_text())
    async with (
        running_venue() as venue,
        aiohttp.ClientSession() as session,
        session.get(f"{venue.base_url}/{path}") as response,
    ):
        packed = zipfile.ZipFile(io.BytesIO(await response.read()))
    ours = _table(packed.read(packed.namelist()[0]).decode())

    if header:
        assert ours[0] == theirs[0]
    mine, known = ours[header], theirs[header]
    assert len(mine) == len(known)
    if "klines" in path:
        assert [len(mine[0]), len(mine[6])] == [len(known[0]), len(known[6])]
        assert int(mine[6]) - int(mine[0]) == int(known[6]) - int(known[0])


def _table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))
