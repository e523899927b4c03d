"""Is it alive, and can it answer?"""

from typing import Final

from fastapi import APIRouter, Depends, Response, status

from api.core.answers import Health, Readiness
from api.handlers.parameters import Responses, no_parameters
from api.ports import History
from common.errors import DatabaseUnavailableError

_NOT_READY: Final[Responses] = {503: {"model": Readiness, "description": "Not ready, and why."}}


def system_routes(history: History) -> APIRouter:
    """Return the routes that watch the service itself."""
    router = APIRouter(tags=["system"], dependencies=[Depends(no_parameters)])
    seen: dict[str, bool | None] = {"simulated": None}

    @router.get("/health")
    async def health() -> Health:
        """Say that the process is alive; asks nobody else."""
        return Health(simulated=seen["simulated"])

    @router.get("/ready", responses=_NOT_READY)
    async def ready(response: Response) -> Readiness:
        """Say whether history can be read now."""
        try:
            seen["simulated"] = await history.simulated()
        except DatabaseUnavailableError as error:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            return Readiness(ready=False, detail=str(error), simulated=seen["simulated"])
        return Readiness(ready=True, simulated=seen["simulated"])

    return router
