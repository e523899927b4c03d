"""What every route checks before it asks anything."""

from collections import Counter
from typing import Any, Final

from fastapi import Request

from api.core.errors import ErrorAnswer, InvalidParameterError
from common.domain import KnownVenue

Responses = dict[int | str, dict[str, Any]]

ERRORS: Final[Responses] = {
    422: {"model": ErrorAnswer, "description": "A parameter cannot be meant."},
    503: {"model": ErrorAnswer, "description": "The database or the bus is away; try again."},
}
"""How every route may fail; routes that can fail otherwise say so themselves."""

NOT_FOUND: Final[Responses] = {
    404: {"model": ErrorAnswer, "description": "Nothing is known under that name."}
}


async def each_once(request: Request) -> None:
    """Refuse a parameter that is given twice: one of the two would be ignored."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    for name, count in counts.items():
        if count > 1:
            raise InvalidParameterError(
                f"{name} must be given once, was given {count} times", field=name
            )


async def no_parameters(request: Request) -> None:
    """Refuse query parameters on a route that has none."""
    for name in request.query_params:
        raise InvalidParameterError(f"unknown query parameter, was {name!r}", field=name)


def require_known(venue: str | None) -> None:
    """Refuse a venue that nobody reads; none is any."""
    if venue is not None and venue not in set(KnownVenue):
        raise InvalidParameterError(
            f"venue must be {' or '.join(KnownVenue)}, was {venue!r}", field="venue"
        )
