"""The only place that builds the api's parts."""

from datetime import timedelta

from api.adapters.history import PostgresHistory
from api.adapters.server import WebServer
from api.adapters.web import build_web
from api.handlers.chat import chat_routes
from api.handlers.events import Events
from api.handlers.history import history_routes
from api.handlers.live import live_routes
from api.handlers.marks import LatestMarks
from api.handlers.requests import ScanDesk
from api.handlers.system import system_routes
from api.handlers.universe import universe_routes
from api.settings import ApiSettings
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.sections import TelemetrySettings
from common.service import Runtime, Service


def wire(runtime: Runtime) -> Service:
    """Build the api."""
    settings = runtime.settings.read(ApiSettings)
    engine = open_engine(
        runtime.settings.read(DatabaseSettings),
        name="api",
        connections=settings.connections,
        read_only=True,
    )
    history = PostgresHistory(engine, timeout_seconds=settings.query_timeout_seconds)
    marks = LatestMarks(runtime.bus)
    events = Events(runtime.bus, streams=settings.event_streams, backlog=settings.event_backlog)
    desk = ScanDesk(runtime.bus, history, within=timedelta(seconds=settings.scan_timeout_seconds))
    web = build_web(
        (
            history_routes(history, trace_url=runtime.settings.read(TelemetrySettings).trace_url),
            live_routes(
                marks=marks,
                events=events,
                desk=desk,
                heartbeat=timedelta(seconds=settings.heartbeat_seconds),
            ),
            universe_routes(history),
            system_routes(history),
            chat_routes(runtime.bus),
        ),
        cors_origins=settings.cors_origins,
    )
    server = WebServer(web, host=settings.host, port=settings.port, on_end=events.close)
    return Service(
        start=server.listen,
        tasks=(server.serve, marks.follow, events.follow),
        stop=history.close,
        ready=history.problem,
    )
