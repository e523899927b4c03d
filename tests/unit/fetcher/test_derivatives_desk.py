"""What is asked contract by contract: remembered, asked again in time, never guessed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from typing_extensions import override

from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.domain import Derivatives, Timeframe
from common.errors import VenueUnavailableError
from common.machine import MachineReading, MachineSettings
from fetcher.core.derivatives import AccountRatio, QuadrantRule
from fetcher.core.interest import InterestPoint
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.pace import Pace
from fetcher.handlers.places import OtherVenue
from fetcher.handlers.rounds import DerivativesRounds
from fetcher.handlers.sourcing import Sourcing
from fetcher.handlers.telling import Teller
from fetcher.settings import UniverseSettings
from tests.support.eventually import eventually
from tests.support.facts import instrument
from tests.unit.fetcher.fake_venue import FakeVenue
from tests.unit.fetcher.harness import BARS, CLOSE, Stage, sourcing_of

BTC = "BTCUSDT"


@dataclass
class CountingVenue(FakeVenue):
    """A venue that tells a day of open interest and counts who asks."""

    amount: float | None = 110.0
    """None: the budget is spent."""
    counts: dict[str, int] = field(default_factory=lambda: {"history": 0, "ratio": 0})

    @override
    async def open_interest(self, symbol: str) -> InterestPoint | None:
        self._stumble("interest")
        return None if self.amount is None else InterestPoint(self.clock.now(), self.amount)

    @override
    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint] | None:
        self.counts["history"] += 1
        newest = Timeframe.H1.floor(self.clock.now())
        return [InterestPoint(newest - timedelta(hours=back), 100.0) for back in range(25, 0, -1)]

    @override
    async def account_ratio(self, symbol: str) -> AccountRatio | None:
        self.counts["ratio"] += 1
        self._stumble("ratio")
        return AccountRatio(Timeframe.M1.floor(self.clock.now()), 0.6)


@dataclass
class Reading:
    """A desk at a venue whose clock a test moves."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(CLOSE + timedelta(seconds=5)))
    venue: CountingVenue = field(init=False)
    sourcing: Sourcing = field(init=False)
    windows: CandleWindows = field(init=False)
    desk: DerivativesDesk = field(init=False)

    def __post_init__(self) -> None:
        self.venue = CountingVenue(self.clock)
        other = OtherVenue("bybit", lambda: self.venue, self.clock)
        self.sourcing = sourcing_of(self.venue, other)
        self.windows = CandleWindows(
            self.sourcing,
            ExchangeTime(self.clock, self.venue),
            self.clock,
            bars=BARS,
            overlap=2,
            grace=timedelta(0),
        )
        self.desk = DerivativesDesk(
            self.venue,
            self.clock,
            self.windows,
            self.sourcing,
            venue="binance",
            rule=QuadrantRule(price=0.005, interest=0.01),
        )

    async def read(self) -> Derivatives:
        premiums = await self.desk.premiums()
        found = await self.desk.read(premiums[BTC], simulated=True)
        assert found is not None
        return found


async def test_the_venues_history_is_asked_for_once_an_hour() -> None:
    at = Reading()
    asked, changes = [], set()
    for _ in range(14):
        changes.add((await at.read()).open_interest_change_4h)
        asked.append(at.venue.counts["history"])
        at.clock.advance(timedelta(minutes=5))

    assert asked == [1] * 12 + [2] * 2
    assert changes == {110 / 100 - 1}


async def test_between_full_hours_our_own_readings_are_compared() -> None:
    at = Reading()
    for minutes in (0, 20, 60):
        at.clock.move_to(CLOSE + timedelta(minutes=minutes))
        at.venue.amount = 100.0 + minutes
        await at.read()
    at.clock.move_to(CLOSE + timedelta(minutes=80))
    at.venue.amount = 240.0
    told = await at.read()

    assert told.open_interest_change_1h == 240 / 120 - 1
    assert told.open_interest_at == at.clock.now()


async def test_a_history_without_prices_is_priced_by_the_closed_candles_of_its_hours() -> None:
    at = Reading()
    unpriced = await at.read()
    await at.windows.read(instrument(BTC), CLOSE)
    priced = await at.read()

    frame = at.windows.held(BTC, Timeframe.H1, CLOSE - timedelta(hours=4))
    close_then = float(frame["close"][-1])
    assert unpriced.price_change_4h is None
    assert unpriced.open_interest_usd_change_4h is None
    assert priced.price_change_4h == 100.0 / close_then - 1
    assert priced.quadrant_4h is not None


async def test_candles_of_another_place_price_no_open_interest() -> None:
    at = Reading()
    premium = (await at.desk.premiums())[BTC]
    assert at.sourcing.lose_venue(VenueUnavailableError("HTTP 503 from the venue"))

    reading = await at.windows.read(instrument(BTC), CLOSE)
    told = await at.desk.read(premium, simulated=True)

    assert reading.foreign
    assert told is not None
    assert told.price_change_4h is None


async def test_nothing_read_by_a_clock_that_was_ahead_is_taken_for_young() -> None:
    at = Reading()
    at.clock.advance(timedelta(hours=3))
    await at.read()
    at.clock.move_to(CLOSE)
    at.venue.amount = None

    assert at.desk.recent(BTC, since=CLOSE) is None
    assert (await at.read()).open_interest is None


async def test_a_spent_budget_leaves_the_last_reading_with_its_own_time() -> None:
    at = Reading()
    read_at = at.clock.now()
    await at.read()
    at.venue.amount = None
    at.clock.advance(timedelta(minutes=10))
    later = await at.read()

    assert later.observed_at == at.clock.now()
    assert (later.open_interest, later.open_interest_at) == (110.0, read_at)


async def test_a_reading_that_is_too_old_is_unknown_and_not_told_as_new() -> None:
    at = Reading()
    await at.read()
    at.venue.errors["interest"] = [VenueUnavailableError("no answer")]
    at.venue.errors["ratio"] = [VenueUnavailableError("no answer")]
    at.clock.advance(timedelta(minutes=16))
    later = await at.read()

    assert later.mark_price == 100.0
    assert (later.open_interest, later.open_interest_change_1h) == (None, None)
    assert (later.long_share, later.long_short_at) == (None, None)


async def test_the_long_short_ratio_is_asked_for_every_five_minutes() -> None:
    at = Reading()
    for _ in range(4):
        await at.read()
        at.clock.advance(timedelta(minutes=2))

    assert at.venue.counts["ratio"] == 2


async def test_every_contract_is_read_again_between_scans() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher(look_seconds=0.01):
        await stage.completed()
        await _told(stage, count=3)
        stage.clock.advance(timedelta(minutes=5))
        await _told(stage, count=6)

    told = await stage.told(Derivatives)
    assert {one.symbol for one in told[3:]} == set(stage.venue.symbols)
    assert {one.observed_at for one in told[3:]} == {stage.clock.now()}


async def test_a_round_survives_a_venue_that_stumbles() -> None:
    stage = Stage()
    async with stage.planner(), stage.fetcher(look_seconds=0.01):
        await stage.completed()
        stage.venue.errors["interest"] = [VenueUnavailableError("no answer")] * 3
        stage.clock.advance(timedelta(minutes=5))
        await _told(stage, count=6)


async def test_a_round_holds_no_place_while_it_waits_for_the_end_of_a_scan() -> None:
    at, busy, bus = Reading(), asyncio.Lock(), MemoryBus()
    calm = MachineReading(memory_share=0.3, load_per_core=0.1)
    pace = Pace(places=1, machine=lambda: calm, limits=MachineSettings())
    market = MarketDesk(at.venue, at.clock, UniverseSettings().rules())
    await market.read()
    rounds = DerivativesRounds(
        desk=at.desk,
        market=market,
        teller=Teller(bus),
        clock=at.clock,
        pace=pace,
        busy=busy,
        every=timedelta(minutes=5),
        look_seconds=1.0,
    )

    async with busy:  # a scan
        waiting = asyncio.create_task(rounds.make())
        for _ in range(20):
            await asyncio.sleep(0)
        async with asyncio.timeout(5), pace.place():
            assert not waiting.done()
    await waiting

    told = [one async for one in bus.replay(Derivatives) if isinstance(one, Derivatives)]
    assert [one.symbol for one in told] == list(at.venue.symbols)


async def _told(stage: Stage, *, count: int) -> None:
    async def reached() -> bool:
        return len(await stage.told(Derivatives)) == count

    await eventually(reached, within=20, saying=f"{count} derivatives")
