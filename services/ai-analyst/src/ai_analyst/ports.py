"""What the analyst needs from outside: a model that writes, and a memory that lasts.

::

    ScannerError
    ├── ModelMissingError       the server has no such model; the message says what to pull
    ├── PromptTruncatedError    the model read less than it was sent: its answer is thrown away
    └── TransientError
        └── ModelUnavailableError   the server is down, slow or broke off; facts answer instead
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ai_analyst.core.periods import EVER, Period
from ai_analyst.core.prompts import Message
from ai_analyst.core.verdicts import Judged, Verdict
from common.domain import ChatEnd, Conversation, ConversationReply, Outcome
from common.errors import ScannerError, TransientError


class ModelMissingError(ScannerError):
    """The server does not have the model: people are told which command brings it."""


class PromptTruncatedError(ScannerError):
    """The model read less than it was sent: what it wrote is no answer to the question."""


class ModelUnavailableError(TransientError):
    """The model's server does not answer, answers too slowly, or broke off."""


def unanswered(model: str, answer_tokens: int) -> ModelUnavailableError:
    """Return the error of a model that thought until its tokens were used up."""
    return ModelUnavailableError(
        f"{model} used all {answer_tokens} answer_tokens before its answer began; "
        'set thinking = "off" or allow more'
    )


@dataclass(frozen=True)
class Piece:
    """A few words of an answer as they come; thoughts are kept apart."""

    text: str = ""
    thinking: str = ""


@dataclass(frozen=True)
class Usage:
    """What an answer cost; comes last, and only if the whole prompt was read."""

    prompt_tokens: int
    answer_tokens: int


class Model(Protocol):
    """A language model behind some server."""

    @property
    def name(self) -> str:
        """The model's name, as its server knows it."""

    async def problem(self) -> str | None:
        """Say in one sentence why the model cannot answer now, or None."""

    async def embedding_problem(self) -> str | None:
        """Say why the embedding model cannot answer now; None too when none is set."""

    def chat(
        self,
        messages: Sequence[Message],
        *,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> AsyncIterator[Piece | Usage]:
        """Yield an answer piece by piece, then its usage; leaving early frees the model.

        Raises ModelMissingError, PromptTruncatedError or ModelUnavailableError.
        """

    async def room(self, besides: Sequence[Message]) -> int:
        """Return how many characters of facts a prompt can carry `besides` what else it says."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return what texts mean as vectors; an empty list when no model for that is set."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True)
class Recollection:
    """Something said before that may matter now."""

    text: str
    at: datetime


class Memory(Protocol):
    """Conversations, verdicts and what became of them."""

    @property
    def by_meaning(self) -> bool:
        """Whether meaning is searched, or words only."""

    async def prepare(self) -> None:
        """Create or update what is kept; raises DatabaseUnavailableError."""

    async def problem(self) -> str | None:
        """Say in one sentence why nothing can be remembered now, or None."""

    async def conversations(self) -> tuple[Conversation, ...]:
        """Return all conversations, newest first."""

    async def conversation(self, name: str) -> ConversationReply | None:
        """Return one conversation with all its messages."""

    async def say(
        self,
        name: str,
        role: str,
        text: str,
        *,
        at: datetime,
        end: ChatEnd | None = None,
        vector: Sequence[float] = (),
    ) -> str:
        """Add a message and return its conversation's title.

        A user's begins the conversation if it is new; what answers one that was deleted meanwhile
        is not kept, and its title is empty.
        """

    async def rename(self, name: str, title: str) -> bool:
        """Give a conversation a title; False when there is none."""

    async def forget(self, name: str) -> bool:
        """Delete a conversation and everything said in it; False when there is none."""

    async def summarise(self, name: str, summary: str, *, messages: int) -> None:
        """Keep what the first `messages` messages of a conversation came to, if it has as many."""

    async def unsummarised(self, name: str) -> int:
        """Return how many messages the conversation's summary does not cover."""

    async def keep_verdict(self, verdict: Verdict, *, vector: Sequence[float] = ()) -> bool:
        """Store a verdict once; False when it is there or its plan's end is already known."""

    async def verdicts(self, venue: str, symbol: str) -> tuple[Verdict, ...]:
        """Return a contract's verdicts, newest first."""

    async def judged(self) -> tuple[Judged, ...]:
        """Return every verdict, asked again and mirrored ones too, with what came of its plan."""

    async def keep_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Store steps of plans' lives, each once."""

    async def recall(
        self,
        text: str,
        *,
        venue: str,
        symbols: Sequence[str],
        before: datetime,
        limit: int,
        conversation: str = "",
        vector: Sequence[float] = (),
        period: Period = EVER,
    ) -> tuple[Recollection, ...]:
        """Return verdicts and words that matter, with outcomes known at `before` and none later.

        Only what was judged and asked in `period` counts.
        """

    async def close(self) -> None:
        """Let go of connections."""
