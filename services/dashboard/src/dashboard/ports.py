"""What the screens need: the board, the state of the line, charts on demand, a scan on demand."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from common.domain import (
    AnalystRecord,
    ChatChunk,
    Conversation,
    ConversationReply,
    IndicatorFrame,
    PlanRecord,
    ScanReply,
    Timeframe,
)
from dashboard.core.board import Board, ContractId
from dashboard.core.health import Link
from dashboard.core.venue_time import Instant
from dashboard.settings import DashboardSettings


@runtime_checkable
class Live(Protocol):
    """The market as it is known now; safe to use from any thread."""

    @property
    def settings(self) -> DashboardSettings:
        """The dashboard's settings."""

    @property
    def trace_url(self) -> str:
        """Where a trace is shown, with `{trace_id}`; empty when nowhere."""

    def board(self) -> Board:
        """Return the newest board."""

    def link(self) -> Link:
        """Return whether the broker answers."""

    def instant(self) -> Instant:
        """Return this moment, to judge ages by."""

    def chart(self, contract: ContractId, timeframe: Timeframe, scan_id: str) -> IndicatorFrame:
        """Return a window of candles and indicators as of a scan; raise ScannerError when not."""

    def scan_now(self, venue: str, *, force: bool) -> ScanReply:
        """Ask the venue's fetcher to scan; raise ScannerError when it cannot."""

    def plan_record(self, since: datetime | None) -> PlanRecord:
        """Return how the plans ended that were proposed since then; raise ScannerError when not."""


@runtime_checkable
class Talker(Protocol):
    """A line to the analyst; safe to use from any thread. All raise ScannerError without one."""

    def chat(self, conversation: str, question: str) -> Iterator[ChatChunk]:
        """Ask, and yield the answer's parts; leaving early stops the model."""

    def conversations(self) -> Sequence[Conversation]:
        """Return all conversations, newest first."""

    def conversation(self, name: str) -> ConversationReply:
        """Return one conversation with all its messages."""

    def rename(self, name: str, title: str) -> None:
        """Give a conversation a title."""

    def record(self) -> AnalystRecord:
        """Return how each model's verdicts fared."""

    def forget(self, name: str) -> None:
        """Delete a conversation."""
