"""Candles in, frames out; a question in, a chart out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from common.bus.memory import MemoryBus
from common.codec import decode, encode
from common.domain import (
    CandleSet,
    Fact,
    FrameRequest,
    IndicatorFrame,
    Origin,
    Quality,
    Source,
    Timeframe,
)
from common.errors import InvalidDataError, InvalidMessageError
from indicators.core.frames import indicator_frame
from indicators.handlers import CandleHandler, ChartHandler
from indicators.settings import IndicatorsSettings
from tests.support.facts import AS_OF, barometer, derivatives, instrument, scan_of, signal
from tests.unit.indicators.random_candles import random_candles


def candle_set(
    symbol: str = "BTCUSDT", *, rows: int = 300, seed: int = 1, **changes: Any
) -> CandleSet:
    frames = {
        timeframe: _window(timeframe, rows, seed + number)
        for number, timeframe in enumerate((Timeframe.D1, Timeframe.H4, Timeframe.H1))
    }
    fields: dict[str, Any] = {
        "venue": "binance",
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(),
        "as_of": AS_OF,
        "deadline": AS_OF + timedelta(minutes=5),
        "instrument": instrument(symbol),
        "quality": Quality(score=0.9),
        "derivatives": derivatives(symbol),
        "barometer": barometer(),
        "new_since": dict.fromkeys(frames),
        "incomplete": (Timeframe.H1,),
        "frames": frames,
    }
    return CandleSet(**(fields | changes))


def _window(timeframe: Timeframe, rows: int, seed: int) -> pl.DataFrame:
    end = int(timeframe.floor(AS_OF).timestamp() * 1000)
    step = timeframe.milliseconds
    candles = random_candles(rows, seed=seed, step=step)
    return candles.with_columns(pl.col("open_time") + end - rows * step)


async def _frames(facts: Sequence[Fact], last_rows: int = 64) -> list[IndicatorFrame]:
    told = await CandleHandler(last_rows).handle(facts)
    return [fact for one in told for fact in one if isinstance(fact, IndicatorFrame)]


async def test_a_batch_becomes_one_frame_per_candle_set_in_order() -> None:
    sets = [candle_set(f"X{number}USDT", seed=number, rows=80 + number) for number in range(5)]
    frames = await _frames(sets)

    assert [frame.symbol for frame in frames] == [one.symbol for one in sets]
    for one, frame in zip(sets, frames, strict=True):
        assert frame.bars == {timeframe: one.frames[timeframe].height for timeframe in one.frames}
        for timeframe, window in one.frames.items():
            assert frame.frames[timeframe].equals(indicator_frame(window), null_equal=True)


async def test_the_scalar_facts_ride_through() -> None:
    candles = candle_set()
    (frame,) = await _frames([candles])

    for name in IndicatorFrame.model_fields.keys() & CandleSet.model_fields.keys() - {"frames"}:
        assert getattr(frame, name) == getattr(candles, name), name
    assert frame.key == f"frame.binance.BTCUSDT.{candles.scan_id}"


async def test_only_the_last_rows_leave() -> None:
    (frame,) = await _frames([candle_set(rows=300)], last_rows=20)

    assert [window.height for window in frame.frames.values()] == [20, 20, 20]
    assert list(frame.frames) == [Timeframe.D1, Timeframe.H4, Timeframe.H1]


async def test_a_contract_with_twenty_candles_gets_a_frame_of_nulls_and_no_error() -> None:
    (frame,) = await _frames([candle_set(rows=20)])

    assert frame.bars[Timeframe.H4] == 20
    assert frame.frames[Timeframe.H4]["ema_21"].null_count() == 20
    assert frame.frames[Timeframe.H4]["ema_9"].null_count() == 8


async def test_a_contract_without_candles_gets_an_empty_frame() -> None:
    (frame,) = await _frames([candle_set(frames={}, new_since={})])

    assert frame.frames == {}
    assert frame.bars == {}


async def test_the_same_candles_give_byte_equal_frames() -> None:
    once, again = (
        await _frames([candle_set()]),
        await _frames([candle_set(), candle_set("ETHUSDT")]),
    )

    assert encode(once[0]) == encode(again[0])


async def test_a_frame_survives_the_codec_and_fits_into_a_message() -> None:
    (frame,) = await _frames([candle_set()])
    body = encode(frame)
    read = decode(IndicatorFrame.name(), body)

    assert isinstance(read, IndicatorFrame)
    assert len(body) < 150_000
    for timeframe, window in frame.frames.items():
        assert read.frames[timeframe].equals(window, null_equal=True)


async def test_a_fact_that_is_no_candle_set_is_refused() -> None:
    with pytest.raises(InvalidMessageError, match="was Signal/1"):
        await CandleHandler().handle([signal()])


async def _chart(bus: MemoryBus, **changes: Any) -> IndicatorFrame:
    fields: dict[str, Any] = {
        "venue": "binance",
        "symbol": "BTCUSDT",
        "timeframe": Timeframe.H4,
        "rows": 250,
    }
    request = FrameRequest(**(fields | changes))
    reply = await ChartHandler(bus).answer(request.model_dump_json().encode())
    fact = decode(IndicatorFrame.name(), reply.body)
    assert isinstance(fact, IndicatorFrame)
    return fact


async def test_a_chart_has_the_rows_asked_for_from_the_last_candles() -> None:
    bus = MemoryBus()
    later = AS_OF + timedelta(hours=4)
    await bus.publish(candle_set(seed=1))
    await bus.publish(candle_set("ETHUSDT", seed=2))
    newest = candle_set(seed=3, as_of=later, scan_id=scan_of(later))
    await bus.publish(newest)

    chart = await _chart(bus)

    assert chart.symbol == "BTCUSDT"
    assert chart.scan_id == newest.scan_id
    assert chart.bars == {Timeframe.H4: 300}
    assert chart.frames.keys() == {Timeframe.H4}
    whole = indicator_frame(newest.frames[Timeframe.H4], None)
    assert chart.frames[Timeframe.H4].equals(whole.tail(250), null_equal=True)


async def test_a_chart_of_the_longest_window_fits_into_a_message() -> None:
    bus = MemoryBus()
    await bus.publish(candle_set(rows=2000, incomplete=()))
    chart = await _chart(bus, rows=2000)

    assert chart.frames[Timeframe.H4].height == 1500
    assert len(encode(chart)) < 1_000_000


async def test_an_unknown_contract_and_timeframe_are_named_in_the_refusal() -> None:
    bus = MemoryBus()
    await bus.publish(candle_set())

    with pytest.raises(InvalidDataError, match="NOPEUSDT on binance"):
        await _chart(bus, symbol="NOPEUSDT")
    with pytest.raises(InvalidDataError, match="no 1m candles"):
        await _chart(bus, timeframe=Timeframe.M1)


async def test_a_malformed_question_is_refused() -> None:
    with pytest.raises(InvalidMessageError, match="not a FrameRequest"):
        await ChartHandler(MemoryBus()).answer(b'{"venue": "binance"}')


def test_the_settings_have_working_defaults() -> None:
    settings = IndicatorsSettings()

    assert settings.batch == 16
    assert settings.last_rows == 64
    assert datetime(2026, 1, 1, tzinfo=UTC) < AS_OF


async def test_spot_candles_have_no_values_that_depend_on_volume() -> None:
    origins = (
        Origin(timeframe=Timeframe.D1, source=Source.VENUE, place="binance", newest_close=AS_OF),
        Origin(
            timeframe=Timeframe.H4, source=Source.SPOT, place="binance-spot", newest_close=AS_OF
        ),
    )
    mixed = Quality(score=1.0, source=Source.SPOT, origins=origins)
    (usual,) = await _frames([candle_set()])
    (frame,) = await _frames([candle_set(quality=mixed)])

    spot, venue = frame.frames[Timeframe.H4], frame.frames[Timeframe.D1]
    absent = {name for name in spot.columns if spot[name].null_count() == spot.height}
    assert {"obv", "obv_ema_21", "volume_sma_20", "relative_volume"} == absent
    assert venue.equals(usual.frames[Timeframe.D1])
    assert spot.drop(absent).equals(usual.frames[Timeframe.H4].drop(absent))
    assert spot.schema == usual.frames[Timeframe.H4].schema
