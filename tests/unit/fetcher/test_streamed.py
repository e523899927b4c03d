"""What streams bring and how their topics are shared out among connections."""

import json
from typing import Any

import pytest

from common.domain import Timeframe
from fetcher.adapters import binance_streams, bybit_streams
from fetcher.core.parsing import parse_candles
from fetcher.core.streamed import Share, StreamedBar, Topic, shared_out
from tests.support.real_data import real_data_folder
from tests.unit.fetcher.harness import CLOSE

H1 = Timeframe.H1


def topics(*numbers: int) -> frozenset[Topic]:
    return frozenset(Topic(f"C{number:03}USDT", H1) for number in numbers)


def test_all_topics_are_shared_out_within_the_limit() -> None:
    keep, fresh = shared_out(topics(*range(950)), (), most=300)

    assert keep == []
    assert [len(share.topics) for share in fresh] == [300, 300, 300, 50]
    assert frozenset().union(*(share.topics for share in fresh)) == topics(*range(950))


def test_connections_stay_while_most_of_what_they_hear_is_wanted() -> None:
    held = Share(topics(*range(10)))

    keep, fresh = shared_out(topics(*range(2, 12)), [held], most=10)

    assert keep == [held]
    assert fresh == [Share(topics(10, 11))]


def test_a_connection_with_little_left_to_hear_is_given_up() -> None:
    keep, fresh = shared_out(topics(*range(7)), [Share(topics(*range(10)))], most=10)

    assert keep == []
    assert fresh == [Share(topics(*range(7)))]


def test_many_small_connections_become_few() -> None:
    held = [Share(topics(number)) for number in range(9)]

    keep, fresh = shared_out(topics(*range(9)), held, most=10)

    assert (keep, fresh) == ([], [Share(topics(*range(9)))])


def test_minutes_have_connections_of_their_own() -> None:
    hours, minute = topics(*range(3)), Topic("C000USDT", Timeframe.M1)

    keep, fresh = shared_out(hours | {minute}, [Share(hours)], most=10)

    assert keep == [Share(hours)]
    assert fresh == [Share(frozenset({minute}))]


def test_nothing_wanted_is_nothing_kept() -> None:
    assert shared_out((), [Share(topics(1))], most=10) == ([], [])


def _recorded(name: str) -> list[dict[str, Any]]:
    path = real_data_folder() / "payloads" / "ws" / name
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.real
def test_recorded_binance_messages_are_read_and_only_closed_candles_kept() -> None:
    messages = _recorded("binance_fstream_kline_messages.jsonl")
    told = [message["data"]["k"] for message in messages]

    read = [binance_streams.read_message(message) for message in messages]

    assert None not in read
    assert sum(map(len, filter(None, read))) == sum(one["x"] for one in told)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "closed"),
    [("ws_binance_kline_stream_open.json", 0), ("ws_binance_kline_stream_closed.json", 1)],
)
def test_a_recorded_binance_candle_closes_when_it_says_so(name: str, closed: int) -> None:
    path = real_data_folder() / "payloads" / "ws" / name

    bars = binance_streams.read_message(json.loads(path.read_text()))

    assert bars is not None
    assert len(bars) == closed


@pytest.mark.real
def test_recorded_bybit_messages_are_read_and_only_confirmed_candles_kept() -> None:
    messages = _recorded("bybit_v5_public_linear_messages.jsonl")
    klines = [one for one in messages if str(one.get("topic")).startswith("kline.")]
    confirmed = sum(row["confirm"] for one in klines for row in one["data"])

    bars = [bar for one in klines for bar in bybit_streams.read_message(one) or ()]

    assert all(bybit_streams.read_message(one) is None for one in messages if one not in klines)
    assert len(bars) == confirmed
    for bar in bars:
        assert not parse_candles([bar.row], bar.topic.timeframe, exchange_time=CLOSE).faults


@pytest.mark.parametrize(
    "message",
    [
        {"e": "kline"},
        {"e": "kline", "k": None},
        {"e": "kline", "k": {"x": "true", "i": "1h", "s": "BTCUSDT"}},
        {"e": "kline", "k": {"x": True, "i": "7h", "s": "BTCUSDT"}},
        {"e": "kline", "k": {"x": True, "i": "1h", "s": None}},
    ],
)
def test_an_odd_binance_message_brings_nothing(message: dict[str, Any]) -> None:
    assert binance_streams.read_message(message) == ()


@pytest.mark.parametrize(
    "message",
    [
        {"topic": "kline.60", "data": []},
        {"topic": "kline.7.BTCUSDT", "data": [{"confirm": True}]},
        {"topic": "kline.60.BTCUSDT", "data": {"confirm": True}},
        {"topic": "kline.60.BTCUSDT", "data": [None, {"confirm": "true"}]},
    ],
)
def test_an_odd_bybit_message_brings_nothing(message: dict[str, Any]) -> None:
    assert bybit_streams.read_message(message) == ()


@pytest.mark.parametrize(
    "message", [{"result": None, "id": 1}, {"op": "subscribe"}, {"e": "trade"}]
)
def test_what_is_no_candle_is_left_to_ccxt(message: dict[str, Any]) -> None:
    assert binance_streams.read_message(message) is None
    assert bybit_streams.read_message(message) is None


def test_a_closed_candle_without_a_price_is_read_and_refused_by_the_parser() -> None:
    message = {"e": "kline", "k": {"x": True, "i": "1h", "s": "BTCUSDT", "t": 0, "o": "1"}}

    (bar,) = binance_streams.read_message(message) or ()
    parsed = parse_candles([bar.row], H1, exchange_time=CLOSE)

    assert isinstance(bar, StreamedBar)
    assert parsed.frame.is_empty()
    assert sum(parsed.faults.values()) == 1
