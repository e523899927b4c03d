"""A scan on demand: a question to the venue's fetcher."""

from datetime import timedelta

from pydantic import ValidationError

from api.core.answers import ScanRequested
from api.core.errors import RefusedError
from api.handlers.parameters import require_known
from api.ports import History
from common.bus import Bus
from common.domain import ScanReply, ScanRequest
from common.errors import BusUnavailableError, DatabaseUnavailableError


class ScanDesk:
    """Passes scan requests on."""

    def __init__(self, bus: Bus, history: History, *, within: timedelta) -> None:
        self._bus = bus
        self._history = history
        self._within = within

    async def request(self, request: ScanRequest) -> ScanRequested:
        """Ask the fetcher of the request's venue.

        Raises BusUnavailableError when it does not answer, RefusedError when it says no,
        InvalidParameterError when there is no such venue.
        """
        require_known(request.venue)
        reply = await self._bus.ask(request, within=self._within, target=request.venue)
        if reply.error is not None:
            raise RefusedError(f"{request.venue} refused to scan: {reply.error}")
        try:
            answer = ScanReply.model_validate_json(reply.body)
        except ValidationError as error:
            raise BusUnavailableError(
                f"the fetcher of {request.venue} must answer with a scan, was {reply.body[:80]!r}"
            ) from error
        return ScanRequested(
            scan_id=answer.scan_id,
            reused=answer.reused,
            simulated=await self._simulated(request.venue),
        )

    async def _simulated(self, venue: str) -> bool | None:
        try:
            return await self._history.simulated(venue)
        except DatabaseUnavailableError:
            return None  # the scan was requested all the same
