import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from common.codec import COLUMNAR, decode, encode
from common.domain import FACTS, CandleSet, Fact, IndicatorFrame, Timeframe
from common.errors import InvalidMessageError
from common.subjects import subject_of
from tests.bench.bench_codec import candle_set
from tests.support.facts import chart_frame
from tests.unit.common.samples import SAMPLES

JSON_FACTS = [name for name, fact in SAMPLES.items() if type(fact) not in COLUMNAR]


def test_there_is_a_sample_of_every_fact() -> None:
    assert {type(fact) for fact in SAMPLES.values()} == set(FACTS)


@pytest.mark.parametrize("name", JSON_FACTS)
def test_a_fact_survives_its_bytes(name: str) -> None:
    fact = SAMPLES[name]

    back = decode(fact.name(), encode(fact))

    assert back == fact
    assert encode(back) == encode(fact)


@pytest.mark.parametrize("name", ["CandleSet", "IndicatorFrame"])
def test_a_fact_with_columns_survives_its_bytes(name: str) -> None:
    fact = SAMPLES[name]
    assert isinstance(fact, CandleSet | IndicatorFrame)

    back = decode(fact.name(), encode(fact))

    assert isinstance(back, CandleSet | IndicatorFrame)
    assert back.model_dump(exclude={"frames"}) == fact.model_dump(exclude={"frames"})
    assert _same(back.frames, fact.frames)
    assert encode(back) == encode(fact)


def test_columns_that_are_null_or_text_survive_too() -> None:
    frame = chart_frame(rows=10)
    columns = {
        timeframe: rows.with_columns(
            pl.lit(None, dtype=pl.Float64).alias("late"),
            pl.when(pl.col("close") > 0).then(pl.lit("up")).alias("word"),
            (pl.col("close") > 100).alias("above"),
        )
        for timeframe, rows in frame.frames.items()
    }
    fact = frame.model_copy(update={"frames": columns})

    back = decode(fact.name(), encode(fact))

    assert isinstance(back, IndicatorFrame)
    assert _same(back.frames, columns)


def test_a_fact_without_any_timeframe_survives() -> None:
    fact = candle_set(rows=5).model_copy(update={"frames": {}})

    back = decode(fact.name(), encode(fact))

    assert isinstance(back, CandleSet)
    assert back.frames == {}


@pytest.mark.parametrize("name", JSON_FACTS)
def test_an_unknown_key_is_refused_by_name(name: str) -> None:
    fact = SAMPLES[name]
    body = {**json.loads(encode(fact)), "surprise": 1}

    with pytest.raises(InvalidMessageError, match="surprise: Extra inputs are not permitted, was"):
        decode(fact.name(), json.dumps(body).encode())


@pytest.mark.parametrize(
    ("name", "field", "value", "complaint"),
    [
        ("Bar", "close", float("nan"), "close: .*finite"),
        ("Bar", "close", float("inf"), "close: .*finite"),
        ("Bar", "close", "100.1", "close: .*valid number, was '100.1'"),
        ("Bar", "close", -1.0, "close: .*greater than 0, was '-1.0'"),
        ("Bar", "close", 500.0, "open and close must lie between low and high"),
        ("Bar", "open_time", "2026-01-05T07:00:00", "open_time: .*timezone"),
        ("Bar", "open_time", "2026-01-05T14:00:00+07:00", "time must be in UTC"),
        ("Bar", "timeframe", "7h", "timeframe: .*was '7h'"),
        ("Bar", "symbol", "BTC.USDT", "symbol: .*was 'BTC.USDT'"),
        ("Bar", "venue", "Binance", "venue: .*was 'Binance'"),
        ("Derivatives", "funding_rate", "0.0001", "funding_rate: .*was '0.0001'"),
        ("Signal", "score", 101.0, "score: .*was '101.0'"),
        ("TradePlan", "stop", "-5", "stop: .*greater than 0"),
        ("TradePlan", "stop", "150", "levels must be in order"),
        ("ScanCompleted", "universe", 7, "7 contracts must be named once, was 2"),
    ],
)
def test_a_lie_is_refused_and_named(name: str, field: str, value: object, complaint: str) -> None:
    fact = SAMPLES[name]
    body = {**json.loads(encode(fact)), field: value}

    with pytest.raises(InvalidMessageError, match=complaint):
        decode(fact.name(), json.dumps(body).encode())


@pytest.mark.parametrize("name", ["", "Bar", "Bar/2", "Rumour/1"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidMessageError, match=f"unknown fact, was '{name}'"):
        decode(name, b"{}")


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("close", float("nan"), "1d candle cannot be true"),
        ("close", None, "1d candle cannot be true"),
        ("high", float("inf"), "1d candle cannot be true"),
        ("low", 0.0, "1d candle cannot be true"),
        ("volume", -1.0, "1d candle cannot be true"),
        ("open_time", 1, "1d open_time must lie on the UTC grid"),
        ("open_time", None, "without nulls"),
        ("open_time", 86_400_000, "1d open_time must rise"),
    ],
)
def test_a_candle_that_cannot_be_true_is_refused_on_the_wire_and_off(
    column: str, value: float | None, complaint: str
) -> None:
    whole = candle_set(rows=5)
    broken = dict(whole.frames)
    broken[Timeframe.D1] = _with(broken[Timeframe.D1], column, value)
    lie = whole.model_copy(update={"frames": broken})

    with pytest.raises(InvalidMessageError, match=complaint):
        decode(lie.name(), encode(lie))
    with pytest.raises(ValueError, match=complaint):
        CandleSet(**{**_fields(whole), "frames": broken})


def test_candle_columns_have_fixed_names_and_types() -> None:
    whole = candle_set(rows=5)
    renamed = {key: rows.rename({"close": "last"}) for key, rows in whole.frames.items()}
    narrow = {key: rows.cast({"close": pl.Float32}) for key, rows in whole.frames.items()}

    for frames, complaint in ((renamed, "candle columns must be"), (narrow, "must be float64")):
        with pytest.raises(InvalidMessageError, match=complaint):
            decode("CandleSet/1", encode(whole.model_copy(update={"frames": frames})))


@pytest.mark.parametrize("kept", [0, 1, 7, 100, 1500, 5000])
def test_a_torn_body_is_refused(kept: int) -> None:
    body = encode(candle_set(rows=50))

    with pytest.raises(InvalidMessageError, match="CandleSet/1 "):
        decode("CandleSet/1", body[:kept])


def test_row_counts_must_add_up() -> None:
    whole = candle_set(rows=5)
    body = encode(whole).replace(b'"1d":5', b'"1d":4')

    with pytest.raises(InvalidMessageError, match="row counts must add up to 15"):
        decode(whole.name(), body)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_bytes_say_nothing_of_when_they_were_written(name: str) -> None:
    fact = SAMPLES[name]

    assert encode(fact) == encode(fact)
    assert subject_of(fact).count(".") >= 2


def _with(frame: pl.DataFrame, column: str, value: float | None) -> pl.DataFrame:
    values = frame[column].to_list()
    values[3] = value
    return frame.with_columns(pl.Series(column, values, dtype=frame.schema[column]))


def _fields(fact: Fact) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in type(fact).model_fields}


def _same(some: Mapping[Timeframe, pl.DataFrame], others: Mapping[Timeframe, pl.DataFrame]) -> bool:
    return list(some) == list(others) and all(
        frame.equals(others[timeframe], null_equal=True) for timeframe, frame in some.items()
    )
