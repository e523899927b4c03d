"""Puts the venue together: the only place that builds its parts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiohttp import web

from common.clock import Clock, ClockReading, SimulatedClock, SystemClock
from common.errors import SettingsError
from exchange_sim.adapters.candle_files import CandleFiles
from exchange_sim.adapters.clock_file import ClockFile
from exchange_sim.adapters.delistings import DelistableMarket
from exchange_sim.adapters.no_market import NoMarket
from exchange_sim.adapters.siblings import SiblingMarket
from exchange_sim.adapters.synthetic import SyntheticMarket
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.allowance import Allowance
from exchange_sim.core.bybit_listing import BYBIT_DISTANCE, bybit_contract
from exchange_sim.core.faults import FaultPlan
from exchange_sim.core.noise import key_of
from exchange_sim.core.opening import opening
from exchange_sim.core.spot_listing import SPOT_DISTANCE, spot_contract
from exchange_sim.handlers.binance import spot as spot_api
from exchange_sim.handlers.binance import streams as binance_streams
from exchange_sim.handlers.binance.desk import BinanceDesk
from exchange_sim.handlers.binance.routes import LIMITS, ROUTES
from exchange_sim.handlers.bybit import streams as bybit_streams
from exchange_sim.handlers.bybit.desk import BybitDesk
from exchange_sim.handlers.bybit.routes import LIMITS as BYBIT_LIMITS
from exchange_sim.handlers.control import ControlDesk
from exchange_sim.handlers.desk import Floor
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.metrics import OwnMetrics
from exchange_sim.handlers.streams.desk import StreamDesk
from exchange_sim.handlers.view import MarketView
from exchange_sim.handlers.vision.desk import VisionDesk
from exchange_sim.handlers.worker import Worker
from exchange_sim.ports import Market
from exchange_sim.settings import Settings

FUTURES, BYBIT, SPOT = (
    "/fapi/v1/exchangeInfo",
    "/v5/market/instruments-info",
    "/api/v3/exchangeInfo",
)
"""The routes by which a delisting names its venue."""

_WARMED_TOGETHER = 8
_CLOSING_PATIENCE = 0.5  # seconds a request in progress may still take at the end


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue that is wired but not yet listening."""

    settings: Settings
    clock: SimulatedClock
    view: MarketView
    faults: FaultPlan
    accounting: Accounting
    app: web.Application
    bybit_view: MarketView
    spot_view: MarketView


@dataclass(frozen=True, slots=True)
class _Markets:
    binance: Market
    bybit: Market
    spot: Market


def wire(settings: Settings) -> Venue:
    """Build the venue that the settings describe."""
    markets, latest, identity = _markets(settings)
    file = ClockFile(settings.state, market=identity)
    reading = file.load() or _first_reading(settings, latest)
    if latest is not None:
        _refuse_time_after(latest, reading, settings)
    file.keep(reading)
    clock = SimulatedClock(reading)
    weight_clock: Clock = clock if settings.weight_clock == "venue" else SystemClock()
    faults, accounting, worker = FaultPlan(), Accounting(), Worker()
    floor = Floor(clock, weight_clock, faults, accounting, worker)
    view = MarketView(DelistableMarket(markets.binance, faults, route=FUTURES))
    bybit_view = MarketView(DelistableMarket(markets.bybit, faults, route=BYBIT), venue="bybit")
    spot_view = MarketView(DelistableMarket(markets.spot, faults, route=SPOT), venue="spot")
    futures = BinanceDesk(floor, view, Allowance(LIMITS), venue="binance", routes=ROUTES)
    spot = BinanceDesk(
        floor, spot_view, Allowance(spot_api.LIMITS), venue="spot", routes=spot_api.ROUTES
    )
    bybit = BybitDesk(floor, bybit_view, Allowance(BYBIT_LIMITS))
    archive = VisionDesk(floor, futures=view, spot=spot_view)
    streams = StreamDesk(floor, every=settings.stream_seconds)
    control = ControlDesk(
        clock=clock,
        weight_clock=weight_clock,
        faults=faults,
        accounting=accounting,
        keep=file.keep,
    )
    own, app = OwnMetrics(), web.Application()
    app.add_routes(
        [
            *futures.routes(),
            *spot.routes(),
            *bybit.routes(),
            *archive.routes(),
            *binance_streams.stream_routes(streams, binance_streams.BinanceStream(view)),
            *bybit_streams.stream_routes(streams, bybit_streams.BybitStream(bybit_view)),
            *control.routes(),
            *own.routes(),
        ]
    )
    app.on_shutdown.append(streams.end)
    app.cleanup_ctx.extend([_thread(worker, view, clock), streams.alive, own.alive])
    return Venue(settings, clock, view, faults, accounting, app, bybit_view, spot_view)


async def listen(venue: Venue) -> tuple[web.AppRunner, str]:
    """Open the port; return what ends it again, and the venue's base address."""
    settings = venue.settings
    runner = web.AppRunner(
        venue.app,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=_CLOSING_PATIENCE,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as e:
        await runner.cleanup()
        msg = f"the venue cannot listen on {settings.host}:{settings.port}, it was: {e.strerror}"
        raise SettingsError(msg) from e
    host, port = runner.addresses[0][:2]
    return runner, f"http://{host}:{port}"


def _markets(settings: Settings) -> tuple[_Markets, datetime | None, str]:
    seed = settings.seed
    if settings.market == "synthetic" or settings.folder is None:
        synthetic = SyntheticMarket(seed=seed, symbols=settings.symbols)
        listed, basis = key_of(seed, "bybit lists"), key_of(seed, "bybit basis")
        bybit = SiblingMarket(
            synthetic,
            listed_as=partial(bybit_contract, key=listed),
            distance=BYBIT_DISTANCE,
            key=basis,
        )
        spot = SiblingMarket(
            synthetic,
            listed_as=partial(spot_contract, key=key_of(seed, "spot lists")),
            distance=SPOT_DISTANCE,
            key=key_of(seed, "spot basis"),
        )
        return _Markets(synthetic, bybit, spot), None, f"synthetic {seed}"
    files = CandleFiles(settings.folder, seed=seed)
    latest = datetime.fromtimestamp(files.busiest_end() / 1000, UTC)
    beside = settings.folder.parent
    markets = _Markets(
        files,
        _recorded(settings.bybit_folder or beside / "bybit", settings, settings.bybit_folder),
        _recorded(settings.spot_folder or beside / "binance-spot", settings, settings.spot_folder),
    )
    return markets, latest, f"files {settings.folder.resolve()}"


def _recorded(folder: Path, settings: Settings, named: Path | None) -> Market:
    if named is None and not folder.is_dir():
        return NoMarket()
    return CandleFiles(folder, seed=settings.seed)


def _thread(
    worker: Worker, view: MarketView, clock: Clock
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def alive(_: web.Application) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm(worker, view, clock))
        yield
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        worker.close()

    return alive


# Draws what every first request would have to wait for, a few contracts at a time.
async def _warm(worker: Worker, view: MarketView, clock: Clock) -> None:
    now = milliseconds(clock)
    contracts = view.contracts(now)
    for first in range(0, len(contracts), _WARMED_TOGETHER):
        await worker.run(view.marks, contracts[first : first + _WARMED_TOGETHER], now)


def _first_reading(settings: Settings, latest: datetime | None) -> ClockReading:
    wall = SystemClock().now()
    start = settings.start or opening(
        latest or wall,
        speed=settings.speed,
        closes_ahead=settings.closes if latest is not None else 0,
    )
    return ClockReading(wall_origin=wall, venue_origin=start, speed=settings.speed)


def _refuse_time_after(latest: datetime, reading: ClockReading, settings: Settings) -> None:
    now = reading.at(SystemClock().now())
    if now >= latest:
        told = "set start" if settings.state is None else f"set start and delete {settings.state}"
        msg = f"venue time must be before {latest}, when the candles end, was {now}: {told}"
        raise SettingsError(msg)
