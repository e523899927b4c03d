"""What a caller may do here: each route says which permission it needs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from api.core.callers import Caller
from api.core.errors import ErrorAnswer, ForbiddenError
from api.core.keys import Permission
from api.handlers.parameters import Responses

# They only describe: the door has read the headers before.
_BEARER: Final = HTTPBearer(auto_error=False, description="An API key.")
_HEADER: Final = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key.")

REFUSED: Final[Responses] = {
    401: {"model": ErrorAnswer, "description": "No API key, or one that is not valid."},
    403: {"model": ErrorAnswer, "description": "The API key may not do this."},
    429: {"model": ErrorAnswer, "description": "Too many requests or streams; see Retry-After."},
}


async def caller_of(request: Request) -> Caller:
    """Return who asks, as the door knows them."""
    caller: Caller = request.state.caller
    return caller


Asker = Annotated[Caller, Depends(caller_of)]


def needs(permission: Permission) -> Callable[..., Awaitable[None]]:
    """Return a dependency that raises ForbiddenError without that permission."""

    async def check(
        caller: Asker,
        _bearer: Annotated[object, Security(_BEARER)],
        _header: Annotated[object, Security(_HEADER)],
    ) -> None:
        if permission not in caller.permissions:
            may = ", ".join(sorted(caller.permissions))
            raise ForbiddenError(f"{caller.name} may not {permission}; it may: {may}")

    return check


async def while_valid(lines: AsyncIterator[str], caller: Caller) -> AsyncIterator[str]:
    """Pass a stream on until its caller's key is revoked."""
    async for line in lines:
        if not caller.stands():
            return
        yield line
