"""Puts the venue together: the only place that builds its parts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from common.clock import Clock, ClockReading, SimulatedClock, SystemClock
from common.errors import SettingsError
from exchange_sim.adapters.candle_files import CandleFiles
from exchange_sim.adapters.clock_file import ClockFile
from exchange_sim.adapters.synthetic import SyntheticMarket
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.allowance import Allowance
from exchange_sim.core.faults import FaultPlan
from exchange_sim.core.opening import opening
from exchange_sim.handlers.binance.desk import BinanceDesk
from exchange_sim.handlers.binance.routes import LIMITS
from exchange_sim.handlers.control import ControlDesk
from exchange_sim.handlers.view import MarketView
from exchange_sim.ports import Market
from exchange_sim.settings import Settings

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


def wire(settings: Settings) -> Venue:
    """Build the venue that the settings describe."""
    market, latest, identity = _market(settings)
    file = ClockFile(settings.state, market=identity)
    reading = file.load() or _first_reading(settings, latest)
    if latest is not None:
        _refuse_time_after(latest, reading, settings)
    file.keep(reading)
    clock = SimulatedClock(reading)
    weight_clock: Clock = clock if settings.weight_clock == "venue" else SystemClock()
    view, faults, accounting = MarketView(market), FaultPlan(), Accounting()
    binance = BinanceDesk(
        view=view,
        clock=clock,
        weight_clock=weight_clock,
        allowance=Allowance(LIMITS),
        faults=faults,
        accounting=accounting,
    )
    control = ControlDesk(
        clock=clock,
        weight_clock=weight_clock,
        faults=faults,
        accounting=accounting,
        keep=file.keep,
    )
    app = web.Application()
    app.add_routes([*binance.routes(), *control.routes()])
    return Venue(settings, clock, view, faults, accounting, app)


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


def _market(settings: Settings) -> tuple[Market, datetime | None, str]:
    if settings.market == "synthetic" or settings.folder is None:
        synthetic = SyntheticMarket(seed=settings.seed, symbols=settings.symbols)
        return synthetic, None, f"synthetic {settings.seed}"
    files = CandleFiles(settings.folder, seed=settings.seed)
    latest = datetime.fromtimestamp(files.busiest_end() / 1000, UTC)
    return files, latest, f"files {settings.folder.resolve()}"


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
