"""The only place that builds the recorder's parts."""

from datetime import timedelta
from typing import Final

from common.bus import Consumer
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
from common.service import Runtime, Service, Stage
from common.settings import SettingsSource
from recorder.adapters.migrating import Migrator
from recorder.adapters.postgres import PostgresHistory
from recorder.handlers import Recorder
from recorder.settings import RecorderSettings, RoleSettings

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


def _migrator(database: DatabaseSettings, settings: RecorderSettings) -> Migrator:
    return Migrator(database, compress_after_days=settings.compress_after_days)


def _consumer(facts: tuple[type[Fact], ...], settings: RecorderSettings) -> Consumer:
    return Consumer(
        name="recorder",
        facts=facts,
        batch=settings.candle_batch if CandleSet in facts else settings.batch,
        retry_forever=True,
    )
