"""A limit on request bodies: the largest question there is has two short fields."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 16_384


class BoundedBodies:
    """Refuse a body that is, or says that it is, longer than allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        got = 0

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > MAX_BODY:
                raise HTTPException(413, f"body must be at most {MAX_BODY} bytes, was longer")
            return message

        await self._app(scope, counted, send)
