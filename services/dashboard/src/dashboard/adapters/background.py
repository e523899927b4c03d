"""One feed a process, on a thread with its own event loop, behind the screens' port."""

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final, TypeVar

from typing_extensions import override

from common.domain import (
    AnalystRecord,
    ChatChunk,
    ChatRequest,
    Conversation,
    ConversationReply,
    ConversationRequest,
    Conversations,
    ConversationsRequest,
    ForgetRequest,
    IndicatorFrame,
    PlanRecord,
    RecordRequest,
    RenameRequest,
    ScanReply,
    Timeframe,
)
from common.errors import BusUnavailableError
from dashboard.adapters import talking
from dashboard.core.board import Board, ContractId
from dashboard.core.health import Link
from dashboard.core.venue_time import Instant
from dashboard.handlers import Feed
from dashboard.ports import Live, Talker
from dashboard.settings import DashboardSettings

_LONGEST_ANSWER: Final = 15.0
_RESTART_SECONDS: Final = 2.0
_LOGGER: Final = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class BackgroundFeed(Live, Talker):
    """Runs a feed until the process ends; every method may be called from any thread."""

    def __init__(self, feed: Feed, settings: DashboardSettings, *, trace_url: str = "") -> None:
        self._feed = feed
        self._settings = settings
        self._trace_url = trace_url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start following."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following and let go of the bus."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(timeout=3)

    @property
    @override
    def settings(self) -> DashboardSettings:
        return self._settings

    @property
    @override
    def trace_url(self) -> str:
        return self._trace_url

    @override
    def board(self) -> Board:
        return self._feed.board

    @override
    def link(self) -> Link:
        return self._feed.link

    @override
    def instant(self) -> Instant:
        return self._feed.instant()

    @override
    def chart(self, contract: ContractId, timeframe: Timeframe, scan_id: str) -> IndicatorFrame:
        return self._answered(self._feed.chart(contract, timeframe, scan_id))

    @override
    def scan_now(self, venue: str, *, force: bool) -> ScanReply:
        return self._answered(self._feed.scan_now(venue, force=force))

    @override
    def plan_record(self, since: datetime | None) -> PlanRecord:
        return self._answered(self._feed.plan_record(since))

    @override
    def chat(self, conversation: str, question: str) -> Iterator[ChatChunk]:
        request = ChatRequest(conversation=conversation, text=question)
        return talking.from_thread(talking.chunks(self._feed.bus, request), self._loop)

    @override
    def conversations(self) -> Sequence[Conversation]:
        body = self._answered(talking.asked(self._feed.bus, ConversationsRequest()))
        return Conversations.model_validate_json(body).conversations

    @override
    def conversation(self, name: str) -> ConversationReply:
        request = ConversationRequest(conversation=name)
        body = self._answered(talking.asked(self._feed.bus, request))
        return ConversationReply.model_validate_json(body)

    @override
    def rename(self, name: str, title: str) -> None:
        request = RenameRequest(conversation=name, title=title)
        self._answered(talking.asked(self._feed.bus, request))

    @override
    def record(self) -> AnalystRecord:
        body = self._answered(talking.asked(self._feed.bus, RecordRequest()))
        return AnalystRecord.model_validate_json(body)

    @override
    def forget(self, name: str) -> None:
        self._answered(talking.asked(self._feed.bus, ForgetRequest(conversation=name)))

    def _answered(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout=_LONGEST_ANSWER)
        except concurrent.futures.TimeoutError as error:
            future.cancel()
            raise BusUnavailableError(f"no answer within {_LONGEST_ANSWER:.0f} s") from error

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with closing(self._loop):
            while not self._stopping:
                self._task = self._loop.create_task(self._feed.run())
                self._loop.run_until_complete(asyncio.wait({self._task}))
                if not self._stopping:
                    self._mourn(self._task)
                    self._loop.run_until_complete(asyncio.sleep(_RESTART_SECONDS))

    def _mourn(self, task: asyncio.Task[None]) -> None:
        failure = None if task.cancelled() else task.exception()
        _LOGGER.error("the feed failed and starts again", exc_info=failure)
        self._feed.tell_link(f"the feed failed: {failure}")

    def _cancel(self) -> None:
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
