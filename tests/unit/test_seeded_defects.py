"""Every defect of candles, put in by a seed, is named and counted in the signal it reaches.

The whole way is the real one: a venue's rows are parsed and certified, indicators and signals are
computed from what was let through, and the planner decides.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pytest
from typing_extensions import override

from common.clock import ManualClock
from common.codec import decode, encode
from common.domain import SCANNED, CandleSet, Rejection, Signal, Timeframe, Verdict
from common.settings import SettingsSource
from fetcher.core.parsing import milliseconds
from fetcher.core.windows import Span
from fetcher.handlers.candles import CandleReading, CandleWindows
from fetcher.handlers.exchange_time import ExchangeTime
from indicators.handlers import CandleHandler
from planner.core.page import Page
from planner.settings import PlannerSettings
from signals.handlers import FrameHandler
from tests.support.facts import instrument, scan_of
from tests.unit.fetcher.fake_venue import LISTED, FakeVenue
from tests.unit.fetcher.harness import CLOSE, sourcing_of
from tests.unit.signals.frames import CONFIG, load_rules

SYMBOL: Final = "BTCUSDT"
BARS: Final = {Timeframe.D1: 80, Timeframe.H4: 160, Timeframe.H1: 320}
POISON: Final = "87654321.0"
"""A price that no other row has: where it turns up, a defect has leaked."""

Rows = list[list[object]]
Seed = Callable[[random.Random, Rows], Rows]


@dataclass
class SpoiledVenue(FakeVenue):
    """A venue that always tells the rows of one timeframe with the same defects."""

    spoils: dict[Timeframe, Callable[[Rows], Rows]] = field(default_factory=dict)
    ahead: timedelta = timedelta(0)

    @override
    async def time(self) -> datetime:
        return self.clock.now() + self.ahead

    @override
    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        spoil = self.spoils.get(timeframe)
        if spoil is None:
            return await super().candles(symbol, timeframe, span)
        end = milliseconds(timeframe.floor(CLOSE))
        whole = Span(end - BARS[timeframe] * timeframe.milliseconds, end)
        told = await super().candles(symbol, timeframe, whole)
        rows = spoil([list(row) for row in told if isinstance(row, list)])
        return rows if span == whole else [row for row in rows if _opens_in(row, span)]


def _opens_in(row: list[object], span: Span) -> bool:
    return isinstance(row[0], int) and span.start <= row[0] < span.end


def changed(row: list[object], **fields: object) -> list[object]:
    names = ("time", "open", "high", "low", "close", "volume")
    return [*(fields.get(name, value) for name, value in zip(names, row, strict=False)), *row[6:]]


def some(draw: random.Random, rows: Rows, count: int) -> list[int]:
    """Places of rows that lie apart, none at an end."""
    return sorted(draw.sample(range(4, len(rows) - 4, 2), count))


def at_places(count: int, spoil: Callable[[list[object]], Rows]) -> Seed:
    def seeded(draw: random.Random, rows: Rows) -> Rows:
        places = some(draw, rows, count)
        return [
            new
            for place, row in enumerate(rows)
            for new in (spoil(row) if place in places else [row])
        ]

    return seeded


def out_of_order(draw: random.Random, rows: Rows) -> Rows:
    for place in some(draw, rows, 3):
        rows[place], rows[place + 1] = rows[place + 1], rows[place]
    return rows


def idle(draw: random.Random, rows: Rows) -> Rows:
    start = len(rows) - draw.randrange(30, 70)
    return [
        changed(row, volume="0") if start <= place < start + 25 else row
        for place, row in enumerate(rows)
    ]


def spiked(draw: random.Random, rows: Rows) -> Rows:
    place = len(rows) - draw.randrange(2, 15)
    rows[place] = changed(rows[place], high=POISON)
    return rows


def still_forming(_: random.Random, rows: Rows) -> Rows:
    step = int(str(rows[-1][0])) - int(str(rows[-2][0]))
    return [*rows, changed(rows[-1], time=int(str(rows[-1][0])) + step, high=POISON)]


SEEDS: Final[dict[str, tuple[Seed, dict[str, int]]]] = {
    "gaps": (at_places(9, lambda _: []), {"gap": 9}),
    "rows told twice": (at_places(3, lambda row: [row, row]), {"duplicate": 3}),
    "rows told twice, differently": (
        at_places(3, lambda row: [row, changed(row, high=POISON)]),
        {"duplicate": 3, "gap": 3},
    ),
    "rows off the grid": (
        at_places(2, lambda row: [row, changed(row, time=int(str(row[0])) + 1, high=POISON)]),
        {"misaligned": 2},
    ),
    "rows out of order": (out_of_order, {"out_of_order": 3}),
    "idle candles": (idle, {"zero_volume_run": 25}),
    "an outlier wick": (spiked, {"outlier_wick": 1}),
    "a stale tail": (lambda _, rows: rows[:-2], {"stale_tail": 2}),
    "infinite prices": (
        at_places(2, lambda row: [changed(row, high="inf")]),
        {"not_finite": 2, "gap": 2},
    ),
    "impossible prices": (
        at_places(2, lambda row: [changed(row, low=POISON)]),
        {"inconsistent": 2, "gap": 2},
    ),
    "null rows": (at_places(2, lambda _: [[None] * 6]), {"malformed": 2, "gap": 2}),
    "a forming candle": (still_forming, {"forming": 1}),
    "a short history": (lambda _, rows: rows[-45:], {"short_history": 0}),
}
"""How rows are spoiled, and what the certificate must count."""


async def reading_of(venue: SpoiledVenue) -> CandleReading:
    time = ExchangeTime(venue.clock, venue)
    await time.refresh()
    windows = CandleWindows(
        sourcing_of(venue), time, venue.clock, bars=BARS, overlap=3, grace=timedelta(0)
    )
    return await windows.read(instrument(SYMBOL, listed_since=LISTED), CLOSE)


async def signal_of(reading: CandleReading) -> Signal:
    candle_set = CandleSet(
        venue="binance",
        symbol=SYMBOL,
        simulated=True,
        scan_id=scan_of(CLOSE),
        as_of=CLOSE,
        deadline=CLOSE + timedelta(minutes=15),
        instrument=instrument(SYMBOL, listed_since=LISTED),
        quality=reading.quality,
        new_since=dict.fromkeys(SCANNED),
        incomplete=reading.incomplete,
        frames=reading.frames,
    )
    [[frame]] = await CandleHandler().handle([decode(CandleSet.name(), encode(candle_set))])
    [[signal]] = await FrameHandler(load_rules()).handle([frame])
    assert isinstance(signal, Signal)
    return signal


def spoiled(name: str, timeframe: Timeframe, seed: int) -> SpoiledVenue:
    sow, _ = SEEDS[name]
    venue = SpoiledVenue(ManualClock(CLOSE + timedelta(minutes=1)))
    venue.spoils[timeframe] = lambda rows: sow(random.Random(seed), rows)
    return venue


async def test_sound_candles_reach_the_signal_without_a_mark() -> None:
    venue = SpoiledVenue(ManualClock(CLOSE + timedelta(minutes=1)))

    signal = await signal_of(await reading_of(venue))

    assert signal.quality.score == 1.0
    assert not signal.quality.defects


@pytest.mark.parametrize("name", SEEDS)
async def test_a_seeded_defect_is_counted_in_the_signal_and_leaks_nowhere(name: str) -> None:
    for seed, timeframe in enumerate(SCANNED):
        expected = {
            defect: count or BARS[timeframe] - 45 for defect, count in SEEDS[name][1].items()
        }
        if name == "a stale tail" and timeframe is not Timeframe.H1:
            expected = {}  # built from the hours
        reading = await reading_of(spoiled(name, timeframe, seed))
        signal = await signal_of(reading)

        found = {
            defect.name: defect.count
            for defect in signal.quality.defects
            if defect.timeframe is timeframe
        }
        assert found == expected, (timeframe, seed)
        assert {defect.timeframe for defect in signal.quality.defects} <= {timeframe}
        marked = "outlier_wick" in expected
        assert (reading.frames[timeframe]["high"].max() == float(POISON)) is marked


async def test_a_clock_that_is_off_is_counted_in_the_signal() -> None:
    venue = SpoiledVenue(ManualClock(CLOSE + timedelta(minutes=1)), ahead=timedelta(seconds=90))

    signal = await signal_of(await reading_of(venue))

    assert [(one.name, one.timeframe, one.count) for one in signal.quality.defects] == [
        ("clock_offset", None, 90)
    ]
    assert (
        refused_quality(signal) == "data quality 0.75, at least 0.8: 90 seconds between the clocks"
    )


async def test_many_defects_at_once_are_each_counted_and_refuse_the_signal_by_name() -> None:
    together = (
        "gaps",
        "rows told twice, differently",
        "rows off the grid",
        "a stale tail",
        "null rows",
    )
    for seed in range(3):
        venue = SpoiledVenue(ManualClock(CLOSE + timedelta(minutes=1)))

        def spoil(rows: Rows, seed: int = seed) -> Rows:
            draw = random.Random(seed)
            for name in together:
                rows = SEEDS[name][0](draw, rows)
            return rows

        venue.spoils[Timeframe.H1] = spoil  # what is late of the others is built from hours
        signal = await signal_of(await reading_of(venue))

        found = {one.name for one in signal.quality.defects}
        assert found == {"duplicate", "gap", "malformed", "misaligned", "stale_tail"}
        assert "gaps in 1h" in refused_quality(signal)
        decision = decided(signal)
        assert isinstance(decision, Rejection)
        assert refused_quality(signal) in decision.reason


def refused_quality(signal: Signal) -> str:
    gate = next(gate for gate in signal.gates if gate.name == "quality")
    assert gate.verdict is Verdict.REFUSED
    return gate.detail


def decided(signal: Signal) -> object:
    rules = SettingsSource.load({"SCANNER_CONFIG": str(CONFIG)}).read(PlannerSettings).rules
    return Page(rules).answer_signal(signal)[0]
