"""The only place that builds the api's parts."""

from datetime import timedelta
from pathlib import Path

from api.adapters.door import Entrance
from api.adapters.history import PostgresHistory
from api.adapters.key_file import KeyFile
from api.adapters.refusing import Refusals
from api.adapters.server import WebServer
from api.adapters.web import build_web
from api.core.allowances import Allowances
from api.core.callers import is_loopback
from api.core.keys import Permission
from api.handlers.chat import ChatDesk, chat_routes
from api.handlers.events import Events
from api.handlers.history import history_routes
from api.handlers.live import live_routes, scan_routes
from api.handlers.marks import LatestMarks
from api.handlers.record import record_answer, record_routes
from api.handlers.requests import ScanDesk
from api.handlers.system import system_routes
from api.handlers.universe import universe_routes
from api.settings import ApiSettings
from common.database.engine import open_engine
from common.database.settings import DatabaseSettings
from common.domain import PlanRecordRequest
from common.sections import TelemetrySettings
from common.service import Responder, Runtime, Service


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
    events = Events(
        runtime.bus,
        streams=settings.event_streams,
        streams_per_caller=settings.event_streams_per_caller,
        backlog=settings.event_backlog,
    )
    chats = ChatDesk(runtime.bus, chats=settings.chats, chats_per_caller=settings.chats_per_caller)
    keys, refusals = KeyFile(Path(settings.keys_file)), Refusals()
    desk = ScanDesk(runtime.bus, history, within=timedelta(seconds=settings.scan_timeout_seconds))
    trace_url = runtime.settings.read(TelemetrySettings).trace_url
    web = build_web(
        {
            Permission.READ: (
                history_routes(history, trace_url=trace_url),
                live_routes(
                    marks=marks,
                    events=events,
                    heartbeat=timedelta(seconds=settings.heartbeat_seconds),
                ),
                universe_routes(history),
                record_routes(history),
            ),
            Permission.CHAT: (chat_routes(chats),),
            Permission.SCAN: (scan_routes(desk),),
            None: (system_routes(history),),
        },
        door=Entrance(
            keys=keys,
            required=settings.require_keys == "always" or not is_loopback(settings.host),
            allowances=Allowances(
                per_minute=settings.requests_per_minute, burst=settings.request_burst
            ),
        ),
        refusals=refusals,
        cors_origins=settings.cors_origins,
    )
    server = WebServer(
        web,
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
        on_end=events.close,
    )

    async def start() -> None:
        keys.check()
        await server.listen()

    return Service(
        answers=(Responder(subject=PlanRecordRequest.subject, answer=record_answer(history)),),
        start=start,
        tasks=(server.serve, marks.follow, events.follow),
        stop=history.close,
        ready=history.problem,
        tallies=lambda: (refusals.tally(),),
    )
