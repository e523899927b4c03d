"""Questions about now: mark prices, the stream of events, a scan on demand."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.core.answers import Page, ScanRequested
from api.core.errors import ErrorAnswer
from api.core.queries import EventQuery, MarksQuery
from api.handlers.access import Asker, while_valid
from api.handlers.events import Events
from api.handlers.marks import LatestMarks
from api.handlers.parameters import Responses, no_parameters
from api.handlers.requests import ScanDesk
from common.domain import Marks, ScanRequest

_EVENTS: Final[Responses] = {
    200: {
        "description": "An endless stream. `event` is the fact's name (`TradePlan`, `Rejection`, "
        "`Outcome`, `Delisting`), `id` its key, `data` the fact itself. `overflow` says that this "
        "listener was too slow and the stream ends; comments keep an idle stream open. A new "
        "connection hears what is told from then on; what was missed is in the lists, by `since`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_REFUSED: Final[Responses] = {
    409: {"model": ErrorAnswer, "description": "The fetcher refused, and says why."}
}


def live_routes(*, marks: LatestMarks, events: Events, heartbeat: timedelta) -> APIRouter:
    """Return the routes that look at the bus."""
    router = APIRouter(prefix="/v1", tags=["live"])

    @router.get("/marks")
    async def latest_marks(query: Annotated[MarksQuery, Query()]) -> Page[Marks]:
        """Show the newest mark prices of each venue, told about every ten seconds."""
        return marks.page(query)

    @router.get("/events", response_class=StreamingResponse, responses=_EVENTS)
    async def stream(query: Annotated[EventQuery, Query()], caller: Asker) -> StreamingResponse:
        """Follow decisions, outcomes and delistings as they are told (server-sent events)."""
        events.require_room(caller.name)
        return StreamingResponse(
            while_valid(_lines(events, query, heartbeat, caller.name), caller),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


def scan_routes(desk: ScanDesk) -> APIRouter:
    """Return the route that asks for a scan."""
    router = APIRouter(prefix="/v1", tags=["live"])

    @router.post("/scans", responses=_REFUSED, dependencies=[Depends(no_parameters)])
    async def request_scan(request: ScanRequest) -> ScanRequested:
        """Ask the venue's fetcher to scan the newest 1h close now.

        When a scan of that close exists it is the answer (`reused`), unless `force` is true.
        """
        return await desk.request(request)

    return router


async def _lines(
    events: Events, query: EventQuery, heartbeat: timedelta, caller: str
) -> AsyncGenerator[str]:
    # Registered here and not before: a generator that never starts has no end to leave by.
    listener = events.listen(query, caller)
    try:
        yield ": connected\n\n"
        async for event in listener.events(heartbeat):
            yield event
    finally:
        events.leave(listener)
