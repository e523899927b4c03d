"""The only place that builds the recorder's parts."""

from datetime import timedelta
from typing import Final

import aiohttp

from common.bus import Consumer
from common.clock import Clock, SystemClock
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.domain import (
    AnalystNote,
    Bar,
    CandleSet,
    DeadLetter,
    Delisting,
    Derivatives,
    Fact,
    Outcome,
    Rejection,
    ResourceUsage,
    ScanCompleted,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
)
from common.sections import ClockSettings
from common.service import Runtime, Service, Stage
from common.settings import SettingsSource
from common.venue_clock import VenueClockFollower, unread_clock
from recorder.adapters.binance_candles import BinanceCandles
from recorder.adapters.ledger import PostgresLedger
from recorder.adapters.migrating import Migrator
from recorder.adapters.postgres import PostgresHistory
from recorder.adapters.vision import VisionArchive
from recorder.core.backfills import BackfillReport, BackfillRequest
from recorder.handlers.backfilling import Backfill
from recorder.handlers.filling import Filler
from recorder.handlers.recording import Recorder
from recorder.ports import Progress
from recorder.settings import BackfillSettings, RecorderSettings, RoleSettings

STREAMS: Final[tuple[tuple[type[Fact], ...], ...]] = (
    (CandleSet,),
    (Bar, Derivatives),
    (Signal,),
    (TradePlan, Rejection),
    (Outcome, AnalystNote),
    (ScanStarted, ScanCompleted, UniverseSnapshot, Delisting),
    (ResourceUsage, DeadLetter),
)
"""What is recorded, stream by stream: every durable fact but IndicatorFrame and WatchList."""


def wire(runtime: Runtime) -> Service:
    """Build the recorder."""
    settings = runtime.settings.read(RecorderSettings)
    database = runtime.settings.read(DatabaseSettings)
    engine = open_engine(database, name="recorder", connections=settings.connections)
    history = PostgresHistory(engine, _migrator(database, settings), settings)
    recorder = Recorder(history)

    async def prune() -> None:
        await recorder.prune(every=timedelta(hours=settings.prune_every_hours))

    return Service(
        stages=tuple(
            Stage(consumer=_consumer(facts, settings), handle=recorder.record) for facts in STREAMS
        ),
        tasks=(prune,),
        start=history.prepare,
        stop=history.close,
        ready=history.problem,
    )


def migrate(source: SettingsSource) -> None:
    """Bring the tables and the roles to the newest version, once."""
    recorder = source.read(RecorderSettings)
    Migrator(
        source.read(DatabaseSettings),
        compress_after_days=recorder.compress_after_days,
        role_settings=source.read(RoleSettings),
    ).migrate()


async def backfill(
    source: SettingsSource, request: BackfillRequest, progress: Progress
) -> BackfillReport:
    """Fill history from the archive's files, once."""
    settings, recorder = source.read(BackfillSettings), source.read(RecorderSettings)
    database = source.read(DatabaseSettings)
    clock = await _clock(source.read(ClockSettings))
    engine = open_engine(database, name="backfill", connections=settings.concurrency)
    history = PostgresHistory(engine, _migrator(database, recorder), recorder)
    patience = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    wait = timedelta(seconds=settings.retry_wait_seconds)
    try:
        async with aiohttp.ClientSession(timeout=patience) as session:
            archive = VisionArchive(
                session,
                base_url=settings.archive_url,
                attempts=settings.attempts,
                retry_wait=wait,
            )
            venue = BinanceCandles(
                session,
                clock,
                base_url=settings.venue_url,
                attempts=settings.attempts,
                retry_wait=wait,
                weight_share=settings.weight_share,
            )
            return await Backfill(
                filler=Filler(archive, venue),
                venue=venue,
                history=history,
                ledger=PostgresLedger(engine),
                clock=clock,
                progress=progress,
                concurrency=settings.concurrency,
                keep_days=recorder.keep_days(),
            ).run(request)
    finally:
        await history.close()


async def _clock(settings: ClockSettings) -> Clock:
    if not settings.url:
        return SystemClock()
    clock = unread_clock()
    await VenueClockFollower(settings.url, clock).read()
    return clock


def _migrator(database: DatabaseSettings, settings: RecorderSettings) -> Migrator:
    return Migrator(database, compress_after_days=settings.compress_after_days)


def _consumer(facts: tuple[type[Fact], ...], settings: RecorderSettings) -> Consumer:
    return Consumer(
        name="recorder",
        facts=facts,
        batch=settings.candle_batch if CandleSet in facts else settings.batch,
        retry_forever=True,
    )
