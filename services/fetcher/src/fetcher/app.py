"""Puts the fetcher together: the only place that builds its parts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from common.domain import ClockRequest, DerivativesRequest, ScanRequest
from common.machine import MachineSettings, read_machine
from common.service import Responder, Runtime, Service
from fetcher.handlers.afterwards import Afterwards
from fetcher.handlers.bars import BarTeller, HourlyBars
from fetcher.handlers.borrowing import Lender
from fetcher.handlers.candles import CandleWindows
from fetcher.handlers.choosing import UniverseChoice
from fetcher.handlers.closes import Closes
from fetcher.handlers.derivatives import DerivativesDesk
from fetcher.handlers.desk import ScanDesk
from fetcher.handlers.dispatch import Dispatch
from fetcher.handlers.exchange_time import ExchangeTime
from fetcher.handlers.helping import Helper
from fetcher.handlers.history import ScanHistory
from fetcher.handlers.listings import ListingTeller
from fetcher.handlers.live import LiveDesk
from fetcher.handlers.market import MarketDesk
from fetcher.handlers.marks import MarksTeller
from fetcher.handlers.minutes import MinuteBars
from fetcher.handlers.now import DerivativesNow
from fetcher.handlers.pace import Pace
from fetcher.handlers.places import AtVenue
from fetcher.handlers.rounds import DerivativesRounds
from fetcher.handlers.scan import ScanLimits, Scanner
from fetcher.handlers.sharing import Sharing
from fetcher.handlers.sourcing import Sourcing
from fetcher.handlers.tally import Tally
from fetcher.handlers.telling import Teller
from fetcher.handlers.watched import Watched
from fetcher.settings import (
    DerivativesSettings,
    FallbackSettings,
    FetcherSettings,
    ScanSettings,
    UniverseSettings,
)
from fetcher.venues import Asked, asked_of


def wire(runtime: Runtime) -> Service:
    """Build the fetcher of the venue that the settings name."""
    settings = runtime.settings.read(FetcherSettings)
    fallback = runtime.settings.read(FallbackSettings)
    return assemble(
        runtime,
        asked_of(settings, fallback, runtime.bus, runtime.clock),
        settings=settings,
        scan=runtime.settings.read(ScanSettings),
        universe=runtime.settings.read(UniverseSettings),
    )


def assemble(
    runtime: Runtime,
    asked: Asked,
    *,
    settings: FetcherSettings,
    scan: ScanSettings,
    universe: UniverseSettings,
) -> Service:
    """Build the fetcher around any venue, with streams and what stands in for it or without."""
    reader, streams = asked.reader, asked.streams
    bus, clock, venue, busy = runtime.bus, runtime.clock, settings.venue, asyncio.Lock()
    exchange_time, schedule = ExchangeTime(clock, reader), scan.schedule()
    sourcing = Sourcing(
        AtVenue(venue, reader),
        asked.stand_ins,
        clock,
        patience=timedelta(seconds=runtime.settings.read(FallbackSettings).patience_seconds),
    )
    windows = CandleWindows(
        sourcing,
        exchange_time,
        clock,
        bars=settings.bars,
        overlap=settings.overlap_bars,
        grace=timedelta(seconds=scan.grace_seconds),
    )
    teller = Teller(bus)
    listings = ListingTeller(teller, clock, venue=venue)
    partition, rules = settings.share(), universe.rules()
    market = MarketDesk(reader, clock, rules, listings=listings if partition.first else None)
    around = runtime.settings.read(DerivativesSettings)
    derivatives = DerivativesDesk(reader, clock, windows, sourcing, venue=venue, rule=around.rule())
    now = DerivativesNow(derivatives, market)
    watched, tally = Watched(bus, venue=venue), Tally(bus, venue=venue)
    bars, history = BarTeller(teller, watched), ScanHistory(venue=venue)
    pace = Pace(
        places=settings.concurrency,
        machine=read_machine,
        limits=runtime.settings.read(MachineSettings),
    )
    closes = Closes(
        clock,
        grace=timedelta(seconds=scan.grace_seconds),
        listening=streams.listening if streams is not None else _nothing_is_heard,
    )
    afterwards = Afterwards(bars, teller)
    lender = Lender(bus, asked.other, clock, rules, venue=venue) if asked.other else None
    dispatch = Dispatch(
        venue=venue,
        clock=clock,
        sourcing=sourcing,
        windows=windows,
        derivatives=derivatives,
        history=history,
        tally=tally,
        teller=teller,
        bars=bars,
        pace=pace,
        afterwards=afterwards,
        closes=closes,
        retry_pause=timedelta(seconds=scan.retry_seconds),
    )
    scanner = Scanner(
        venue=venue,
        clock=clock,
        schedule=schedule,
        limits=ScanLimits(
            step=timedelta(seconds=scan.deadline_seconds),
            longest_wall=timedelta(seconds=scan.longest_wall_seconds),
            in_flight=timedelta(seconds=scan.in_flight_seconds),
        ),
        universe=UniverseChoice(
            exchange_time=exchange_time,
            market=market,
            windows=windows,
            sourcing=sourcing,
            closes=closes,
            lender=lender,
        ),
        windows=windows,
        dispatch=dispatch,
        history=history,
        tally=tally,
        teller=teller,
        sharing=Sharing(
            bus,
            windows,
            partition,
            venue=venue,
            patience=timedelta(seconds=settings.cover_seconds),
        ),
        cluster_rule=scan.cluster_rule(),
    )
    desk = ScanDesk(
        scanner=scanner,
        history=history,
        market=market,
        clock=clock,
        schedule=schedule,
        closes=closes,
        on_start=scan.on_start,
        retry_seconds=scan.retry_seconds,
        busy=busy,
    )
    hourly = HourlyBars(
        windows=windows,
        bars=bars,
        watched=watched,
        market=market,
        clock=clock,
        delay=timedelta(seconds=scan.delay_seconds),
        busy=busy,
    )
    rounds = DerivativesRounds(
        desk=derivatives,
        market=market,
        teller=teller,
        clock=clock,
        pace=pace,
        busy=busy,
        every=timedelta(seconds=around.every_seconds),
        look_seconds=around.look_seconds,
    )
    marks = MarksTeller(
        derivatives, bus, market, venue=venue, every_seconds=settings.marks_every_seconds
    )

    minutes = MinuteBars(
        sourcing=sourcing,
        windows=windows,
        teller=teller,
        watched=watched,
        market=market,
        exchange_time=exchange_time,
        clock=clock,
        venue=venue,
        every=timedelta(seconds=settings.minutes_every_seconds),
    )
    live: tuple[Callable[[], Awaitable[None]], ...] = ()
    if streams is not None:
        desk_of_streams = LiveDesk(
            streams=streams,
            closes=closes,
            windows=windows,
            minutes=minutes if partition.first else None,
            market=market,
            derivatives=derivatives,
            watched=watched,
            exchange_time=exchange_time,
            clock=clock,
            schedule=schedule,
            pace=pace,
            lead=timedelta(seconds=settings.ready_seconds),
            mine=partition.has,
            busy=busy,
        )
        live = (
            streams.run,
            desk_of_streams.follow,
            desk_of_streams.heal,
            desk_of_streams.keep_listening,
            desk_of_streams.keep_ready,
        )

    async def limits() -> str | None:
        lacks = (
            sourcing.trouble(),
            market.lacking(),
            exchange_time.trouble,
            *(budget.lacking() for budget in asked.budgets),
            pace.slowed(),
            streams.trouble() if streams is not None else None,
        )
        return "; ".join(lack for lack in lacks if lack is not None) or None

    async def rebuild() -> None:
        for budget in asked.budgets:
            await budget.open()
        sets = await history.rebuild(bus, clock.now())
        market.restore(sets)
        for candle_set in sets:
            windows.restore(candle_set)
            bars.restore(candle_set)
        if partition.first:
            await listings.rebuild(bus)
            await minutes.rebuild(bus)
            desk.open()

    if not partition.first:
        helper = Helper(
            bus, venue=venue, scanner=scanner, history=history, market=market, busy=busy
        )
        return Service(
            tasks=(
                watched.follow,
                helper.follow,
                afterwards.run,
                pace.run,
                *live,
                *(budget.follow for budget in asked.budgets),
            ),
            start=rebuild,
            stop=asked.close,
            ready=helper.ready,
            limits=limits,
        )
    return Service(
        answers=(
            Responder(subject=ScanRequest.subject, answer=desk.answer_scan, target=venue),
            Responder(subject=ClockRequest.subject, answer=desk.answer_clock, target=venue),
            Responder(subject=DerivativesRequest.subject, answer=now.answer, target=venue),
        ),
        tasks=(
            tally.follow_decisions,
            tally.follow_dead_letters,
            watched.follow,
            desk.serve_orders,
            desk.keep_schedule,
            hourly.run,
            minutes.run,
            minutes.follow,
            afterwards.run,
            marks.run,
            rounds.run,
            pace.run,
            *live,
            *(budget.follow for budget in asked.budgets),
        ),
        start=rebuild,
        stop=asked.close,
        ready=desk.ready,
        limits=limits,
    )


def _nothing_is_heard() -> bool:
    return False
