"""Questions about what a venue listed on a day, and what of it was scanned."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.core.answers import UniverseDay
from api.core.errors import NotFoundError
from api.core.queries import UniverseQuery
from api.handlers.parameters import NOT_FOUND
from api.ports import History
from common.domain import KnownVenue


def universe_routes(history: History) -> APIRouter:
    """Return the route that reads past universes from `history`."""
    router = APIRouter(prefix="/v1", tags=["history"])

    @router.get("/universe/{venue}", responses=NOT_FOUND)
    async def universe(
        venue: Annotated[KnownVenue, Path(description="The venue: `binance`.")],
        query: Annotated[UniverseQuery, Query()],
    ) -> UniverseDay:
        """Show everything a venue listed on a UTC day: scanned, or why not.

        A backtest that scans a past day's contracts as they were listed then forgets none that
        ended since. `asset` and `units` find the same contract on another venue.
        """
        found = await history.universe(venue, query)
        if found is None:
            day = "" if query.day is None else f" on {query.day}"
            raise NotFoundError(f"no universe is recorded{day}, was {venue!r}")
        return UniverseDay(universe=found, simulated=found.simulated)

    return router
