"""The analyst over HTTP: a question whose answer streams, and the conversations it belongs to."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.core.errors import BusyError, ErrorAnswer, ErrorDetail, NotFoundError, RefusedError
from api.handlers.access import Asker, while_valid
from api.handlers.parameters import NOT_FOUND, Responses, no_parameters, require_known
from common.bus import Bus, Reply
from common.domain import (
    AnalystRecord,
    ChatChunk,
    ChatRequest,
    ConversationReply,
    ConversationRequest,
    Conversations,
    ConversationsRequest,
    ForgetRequest,
    Model,
    RecordRequest,
    RenameRequest,
    Request,
)
from common.domain.chat import Words
from common.errors import BusUnavailableError

_STREAM: Final[Responses] = {
    200: {
        "description": "`event` is `state`, `thinking`, `text` or `end`; `data` a ChatChunk. Words "
        "are unchecked until `end`, which carries the answer as it stands after the number check, "
        "what was struck, and the facts it cites. `error` ends a stream that cannot go on; its "
        "`data` is an ErrorAnswer.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    409: {"model": ErrorAnswer, "description": "The analyst refused, and says why."},
}
_PATIENCE: Final = timedelta(seconds=10)
_SILENCE: Final = timedelta(seconds=30)

Name = Annotated[
    str, Path(description="The conversation: `mine`.", pattern=r"^[A-Za-z0-9_-]{1,64}$")
]


class Title(Model):
    """A conversation's new title."""

    title: Words = Field(max_length=120)


class ChatDesk:
    """Passes questions on to the analyst and its answers back."""

    def __init__(self, bus: Bus, *, chats: int, chats_per_caller: int) -> None:
        self._bus = bus
        self._limit = chats
        self._limit_of_each = chats_per_caller
        self._open: Counter[str] = Counter()

    async def stream(self, request: ChatRequest, caller: str) -> AsyncIterator[str]:
        """Ask, and return the answer's events once the first part is there.

        Raises BusyError, BusUnavailableError, InvalidParameterError or RefusedError before
        anything is sent.
        """
        require_known(request.venue)
        if self._open.total() >= self._limit:
            raise BusyError(f"at most {self._limit} chats may be open")
        if self._open[caller] >= self._limit_of_each:
            raise BusyError(f"at most {self._limit_of_each} chats of {caller} may be open")
        self._open[caller] += 1
        lines = self._lines(request, caller)
        try:
            first = await anext(lines)
        except BaseException:
            await lines.aclose()
            raise
        return _with(first, lines)

    async def ask(self, request: Request) -> Reply:
        """Ask about conversations; raise NotFoundError for one that is unknown."""
        reply = await self._bus.ask(request, within=_PATIENCE)
        if reply.error is None:
            return reply
        if "must exist" in reply.error:
            raise NotFoundError(reply.error)
        raise RefusedError(reply.error)

    async def _lines(self, request: ChatRequest, caller: str) -> AsyncGenerator[str]:
        sent = False
        try:
            async with aclosing(self._chunks(request)) as chunks:
                async for chunk in chunks:
                    yield f"event: {chunk.part}\ndata: {chunk.model_dump_json()}\n\n"
                    sent = True
        except (RefusedError, BusUnavailableError) as error:
            if not sent:  # there is still a status to tell it with
                raise
            code = "refused" if isinstance(error, RefusedError) else "unavailable"
            told = ErrorAnswer(error=ErrorDetail(code=code, message=str(error)))
            yield f"event: error\ndata: {told.model_dump_json()}\n\n"
        finally:
            self._open[caller] -= 1
            self._open += Counter()  # forgets who has none open

    async def _chunks(self, request: ChatRequest) -> AsyncGenerator[ChatChunk]:
        async with aclosing(self._bus.ask_stream(request, silence=_SILENCE)) as parts:  # type: ignore[type-var]  # the buses' are generators
            async for part in parts:
                if part.error is not None:
                    raise RefusedError(part.error)
                yield ChatChunk.model_validate_json(part.body)


def chat_routes(desk: ChatDesk) -> APIRouter:
    """Return the routes of the analyst."""
    router = APIRouter(prefix="/v1/chat", tags=["analyst"], dependencies=[Depends(no_parameters)])

    @router.post("", response_class=StreamingResponse, responses=_STREAM)
    async def chat(request: ChatRequest, caller: Asker) -> StreamingResponse:
        """Ask the analyst about this scan's facts (server-sent events); leaving stops the model."""
        return StreamingResponse(
            while_valid(await desk.stream(request, caller.name), caller),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/conversations")
    async def conversations() -> Conversations:
        """List all conversations, newest first."""
        reply = await desk.ask(ConversationsRequest())
        return Conversations.model_validate_json(reply.body)

    @router.get("/record")
    async def record() -> AnalystRecord:
        """Show how each model's verdicts fared: in the mirror, asked again, against outcomes."""
        reply = await desk.ask(RecordRequest())
        return AnalystRecord.model_validate_json(reply.body)

    @router.get("/conversations/{name}", responses=NOT_FOUND)
    async def conversation(name: Name) -> ConversationReply:
        """Export one conversation with all its messages and what was struck from them."""
        reply = await desk.ask(ConversationRequest(conversation=name))
        return ConversationReply.model_validate_json(reply.body)

    @router.put("/conversations/{name}/title", status_code=204, responses=NOT_FOUND)
    async def rename(name: Name, body: Title) -> None:
        """Give a conversation a title."""
        await desk.ask(RenameRequest(conversation=name, title=body.title))

    @router.delete("/conversations/{name}", status_code=204, responses=NOT_FOUND)
    async def forget(name: Name) -> None:
        """Delete a conversation and everything said in it."""
        await desk.ask(ForgetRequest(conversation=name))

    return router


async def _with(first: str, lines: AsyncGenerator[str]) -> AsyncIterator[str]:
    async with aclosing(lines):
        yield first
        async for line in lines:
            yield line
