"""The recorder's writes against a real Postgres: once, whole, newest wins, values exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from common.domain import (
    AnalystNote,
    Bar,
    CandleSet,
    Direction,
    Fact,
    OutcomeStep,
    Quality,
    Source,
    Stance,
    Timeframe,
    TradePlan,
)
from common.errors import InvalidDataError
from recorder.core.batches import batch_of
from tests.integration.recorder.postgres import Opened
from tests.support import facts

pytestmark = pytest.mark.connected

_LATER = facts.AS_OF + timedelta(hours=4)


def candle_set(
    symbol: str = "BTCUSDT",
    *,
    rows: int = 5,
    close: float = 100.0,
    since: datetime | None = None,
    as_of: datetime = facts.AS_OF,
    source: Source = Source.VENUE,
) -> CandleSet:
    end = int(as_of.timestamp() * 1000)
    step = Timeframe.H4.milliseconds
    frame = pl.DataFrame(
        {
            "open_time": [end - (rows - row) * step for row in range(rows)],
            "open": [99.5] * rows,
            "high": [close + 1] * rows,
            "low": [99.0] * rows,
            "close": [close] * rows,
            "volume": [0.1 + row for row in range(rows)],
        }
    )
    return CandleSet(
        venue=facts.VENUE,
        symbol=symbol,
        simulated=True,
        scan_id=facts.scan_of(as_of),
        as_of=as_of,
        deadline=as_of + timedelta(minutes=5),
        instrument=facts.instrument(symbol),
        quality=Quality(score=1.0, source=source),
        new_since={Timeframe.H4: since or as_of - rows * Timeframe.H4.duration},
        frames={Timeframe.H4: frame},
    )


def minute(*, close: float = 1.5, source: Source = Source.VENUE) -> Bar:
    return Bar(
        venue=facts.VENUE,
        symbol="BTCUSDT",
        simulated=True,
        timeframe=Timeframe.M1,
        source=source,
        open_time=facts.AS_OF,
        open=1.0,
        high=2.0,
        low=0.5,
        close=close,
        volume=3.0,
    )


def note(of: TradePlan) -> AnalystNote:
    return AnalystNote(
        venue=of.venue,
        symbol=of.symbol,
        simulated=True,
        scan_id=of.scan_id,
        as_of=of.as_of,
        stance=Stance.CAUTION,
        reasons=("the daily trend is weak",),
        model="small",
        prompt_version="1",
    )


def every_kind() -> list[Fact]:
    plan = facts.plan()
    return [
        candle_set(),
        minute(),
        facts.derivatives(),
        facts.universe_snapshot(),
        facts.delisting(),
        facts.signal(),
        plan,
        facts.rejection(),
        facts.outcome(plan, OutcomeStep.FILLED),
        note(plan),
        facts.scan_started(),
        facts.scan_completed(),
        facts.resource_usage(),
        facts.dead_letter(),
    ]


_COUNTS = (
    "SELECT (SELECT count(*) FROM candles), (SELECT count(*) FROM derivatives),"
    " (SELECT count(*) FROM signals), (SELECT count(*) FROM decisions),"
    " (SELECT count(*) FROM outcomes), (SELECT count(*) FROM analyst_notes),"
    " (SELECT count(*) FROM scans), (SELECT count(*) FROM resources),"
    " (SELECT count(*) FROM dead_letters), (SELECT count(*) FROM universe_snapshots),"
    " (SELECT count(*) FROM delistings)"
)


async def test_every_fact_becomes_one_row_however_often_it_is_told(place: Opened) -> None:
    batch = batch_of(every_kind())

    for _ in range(3):
        await place.history.write(batch)

    assert await place.rows(_COUNTS) == [(6, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1)]


async def test_a_repeated_write_touches_no_row(place: Opened) -> None:
    batch = batch_of(every_kind())
    versions = "SELECT xmin FROM candles UNION ALL SELECT xmin FROM decisions ORDER BY 1"
    await place.history.write(batch)
    before = await place.rows(versions.replace("xmin", "xmin::text"))

    await place.history.write(batch)

    assert await place.rows(versions.replace("xmin", "xmin::text")) == before


async def test_a_fact_is_read_back_as_it_was_told(place: Opened) -> None:
    plan = facts.plan(
        tick="0.0000001", price=0.0001234, atr=0.000002, warnings=("a “quote” \\ ok",)
    )
    signal = facts.signal(score=61.100000000000001)

    await place.history.write(batch_of([plan, signal]))

    [(stored,)] = await place.rows("SELECT fact::text FROM decisions")
    assert TradePlan.model_validate_json(stored) == plan
    assert TradePlan.model_validate_json(stored).stop.as_tuple() == plan.stop.as_tuple()
    [(stored, score)] = await place.rows("SELECT fact::text, score FROM signals")
    assert type(signal).model_validate_json(stored) == signal
    assert score == signal.score


async def test_a_decisions_scalars_are_columns(place: Opened) -> None:
    await place.history.write(
        batch_of([facts.plan(direction=Direction.SHORT), facts.rejection(refused="funding")])
    )

    assert await place.rows(
        "SELECT symbol, kind, direction, confidence, rank, refused, simulated, as_of"
        " FROM decisions ORDER BY symbol"
    ) == [
        ("BTCUSDT", "plan", "short", 63.0, 121.6, [], True, facts.AS_OF),
        ("ETHUSDT", "blocked", "long", 52.0, None, ["funding"], True, facts.AS_OF),
    ]


async def test_candles_are_exact_and_only_new_rows_are_written(place: Opened) -> None:
    since = facts.AS_OF - timedelta(hours=8)

    await place.history.write(batch_of([candle_set(rows=5, since=since, close=100.1)]))

    assert await place.rows(
        "SELECT open_time, timeframe, open, high, low, close, volume, source, simulated, as_of"
        " FROM candles ORDER BY open_time"
    ) == [
        (since, "4h", 99.5, 101.1, 99.0, 100.1, 3.1, "venue", True, facts.AS_OF),
        (
            facts.AS_OF - timedelta(hours=4),
            *("4h", 99.5, 101.1, 99.0, 100.1, 4.1, "venue", True, facts.AS_OF),
        ),
    ]


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize("newest_first", [True, False], ids=["newest first", "oldest first"])
async def test_an_older_candle_never_replaces_a_newer_one(
    place: Opened, *, together: bool, newest_first: bool
) -> None:
    told = [
        candle_set(rows=2, close=100.0, as_of=facts.AS_OF),
        candle_set(rows=3, close=200.0, as_of=_LATER, source=Source.SPOT),
    ]
    if newest_first:
        told.reverse()

    for batch in [batch_of(told)] if together else [batch_of([one]) for one in told]:
        await place.history.write(batch)

    assert (
        await place.rows("SELECT close, source, as_of FROM candles")
        == [(200.0, "spot", _LATER)] * 3
    )


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize("own_first", [True, False], ids=["own first", "own last"])
async def test_a_venues_own_minute_is_kept_whichever_market_told_it_first(
    place: Opened, *, together: bool, own_first: bool
) -> None:
    own = minute()
    told = [minute(close=1.25, source=Source.OTHER_VENUE), own]
    if own_first:
        told.reverse()

    for batch in [batch_of(told)] if together else [batch_of([one]) for one in told]:
        await place.history.write(batch)

    assert await place.rows("SELECT close, source FROM candles") == [(own.close, "venue")]


async def test_an_older_decision_never_replaces_a_newer_one(place: Opened) -> None:
    older = facts.plan(confidence=10.0)
    newer = facts.plan(confidence=20.0).model_copy(update={"as_of": _LATER})

    await place.history.write(batch_of([newer]))
    await place.history.write(batch_of([older]))
    await place.history.write(batch_of([newer, older]))

    assert await place.rows("SELECT confidence FROM decisions") == [(20.0,)]


@pytest.mark.parametrize("started_first", [True, False])
async def test_a_scans_start_and_end_meet_in_one_row_in_any_order(
    place: Opened, *, started_first: bool
) -> None:
    told: list[Fact] = [facts.scan_started(), facts.scan_completed()]
    if not started_first:
        told.reverse()

    for fact in told:
        await place.history.write(batch_of([fact]))
    await place.history.write(batch_of(told[:1]))

    assert await place.rows(
        "SELECT scan_id, started->>'scan_id', completed->>'scan_id' FROM scans"
    ) == [(facts.scan_of(),) * 3]


async def test_a_value_postgres_refuses_fails_the_whole_batch_by_name(place: Opened) -> None:
    poison = facts.rejection(reason="a NUL \0 inside")

    with pytest.raises(InvalidDataError, match="refused a value"):
        await place.history.write(batch_of([facts.plan(), poison]))

    assert await place.rows("SELECT count(*) FROM decisions") == [(0,)]


async def test_a_dead_letter_can_always_be_stored(place: Opened) -> None:
    letter = facts.dead_letter(reason="a NUL \0 and \\u0000 inside")

    await place.history.write(batch_of([letter]))

    [(reason,)] = await place.rows("SELECT reason FROM dead_letters")
    assert reason == "a NUL \ufffd and \\u0000 inside"


async def test_a_candle_beyond_every_calendar_is_refused_not_wrapped(place: Opened) -> None:
    absurd = pl.DataFrame(
        {
            "open_time": [2**62 // Timeframe.H4.milliseconds * Timeframe.H4.milliseconds],
            **{name: [1.0] for name in ("open", "high", "low", "close", "volume")},
        }
    )

    with pytest.raises(InvalidDataError, match="year 9999"):
        await place.history.write(
            batch_of([candle_set().model_copy(update={"frames": {Timeframe.H4: absurd}})])
        )


async def test_prices_stay_exact_strings_inside_the_fact(place: Opened) -> None:
    plan = facts.plan(price=0.10, atr=0.01, tick="0.0001")

    await place.history.write(batch_of([plan]))

    [(stop,)] = await place.rows("SELECT fact->>'stop' FROM decisions")
    assert stop == str(plan.stop)
    assert Decimal(stop) == plan.stop


async def test_what_is_written_is_in_utc(place: Opened) -> None:
    await place.history.write(batch_of([facts.plan()]))

    [(as_of,)] = await place.rows("SELECT as_of FROM decisions")
    assert as_of == datetime(2026, 1, 5, 8, tzinfo=UTC)
