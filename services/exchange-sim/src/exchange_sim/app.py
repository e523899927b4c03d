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
    market, latest = _market(settings)
    file = ClockFile(settings.state)
    reading = file.load() or _first_reading(settings, latest)
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


def _market(settings: Settings) -> tuple[Market, datetime | None]:
    if settings.market == "synthetic" or settings.folder is None:
        return SyntheticMarket(seed=settings.seed, symbols=settings.symbols), None
    files = CandleFiles(settings.folder, seed=settings.seed)
    return files, datetime.fromtimestamp(files.busiest_end() / 1000, UTC)


def _first_reading(settings: Settings, latest: datetime | None) -> ClockReading:
    wall = SystemClock().now()
    start = settings.start
    if start is None and latest is None:
        start = opening(wall, speed=settings.speed)
    elif start is None and latest is not None:
        start = opening(latest, speed=settings.speed, closes_ahead=settings.closes)
    return ClockReading(wall_origin=wall, venue_origin=start or wall, speed=settings.speed)
