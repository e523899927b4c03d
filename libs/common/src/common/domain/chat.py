"""A conversation with the analyst over the bus: a question, and an answer that comes in parts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from common.domain.base import Model, Utc, Venue
from common.domain.requests import Request

ConversationName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""A conversation as its user names it."""

Words = Annotated[str, Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
"""What people write, in any language: not blank, and without NUL, which no database keeps."""


class ChatRequest(Request):
    """Ask the analyst; the answer streams to the asker until its last part."""

    subject = "analyst.request.chat"
    answered_with = "ChatChunk"

    conversation: ConversationName
    text: Words = Field(max_length=4000)
    venue: Venue | None = None
    """Which venue's facts count; null is the only venue heard of, or the first."""


class ChatPart(StrEnum):
    """What one part of a streamed answer carries."""

    STATE = "state"
    """What the analyst is doing, for people: `reading facts`, `asking again`."""
    THINKING = "thinking"
    """The model's thoughts, kept apart from its answer; never checked, never stored."""
    TEXT = "text"
    """Unchecked words, as the model writes them."""
    END = "end"
    """The checked answer; nothing follows."""


class AnsweredBy(StrEnum):
    """Who wrote an answer."""

    MODEL = "model"
    TEMPLATE = "template"
    """The facts themselves, because the model could not answer."""


class StruckSentence(Model):
    """A sentence removed from an answer, and why."""

    sentence: str
    reasons: tuple[str, ...]


class CitedFact(Model):
    """A fact an answer rests on, complete, so that a citation can be opened."""

    id: str
    shown: str
    """Value and unit as people read them."""
    observed_at: Utc
    age_seconds: float = Field(ge=0)


class ChatEnd(Model):
    """The end result of an answer: what stands, what was struck, what it rests on."""

    text: str
    by: AnsweredBy
    model: str
    notice: str = ""
    """Why the model did not answer, or what its answer had to do without, and what to do."""
    struck: tuple[StruckSentence, ...] = ()
    asked_again: bool = False
    cited: tuple[CitedFact, ...] = ()
    title: str = ""
    """The conversation's title."""


class ChatChunk(Model):
    """One part of a streamed answer."""

    part: ChatPart
    text: str = ""
    end: ChatEnd | None = None


class ConversationsRequest(Request):
    """Ask for all conversations, newest first."""

    subject = "analyst.request.conversations"
    answered_with = "Conversations"


class ConversationRequest(Request):
    """Ask for one conversation with all its messages: to resume or to export it."""

    subject = "analyst.request.conversation"
    answered_with = "ConversationReply"

    conversation: ConversationName


class RenameRequest(Request):
    """Give a conversation a title."""

    subject = "analyst.request.rename"
    answered_with = "Conversations"

    conversation: ConversationName
    title: Words = Field(max_length=120)


class ForgetRequest(Request):
    """Delete a conversation with all its messages."""

    subject = "analyst.request.forget"
    answered_with = "Conversations"

    conversation: ConversationName


class Conversation(Model):
    """A conversation in a list."""

    name: ConversationName
    title: str
    messages: int = Field(ge=0)
    updated_at: Utc


class Conversations(Model):
    """All conversations, newest first."""

    conversations: tuple[Conversation, ...]


class ChatMessage(Model):
    """One message of a conversation, as stored."""

    role: str
    """`user` or `analyst`."""
    text: str
    at: Utc
    end: ChatEnd | None = None
    """The check's result, for the analyst's messages."""


class ConversationReply(Model):
    """One conversation, complete."""

    name: ConversationName
    title: str
    summary: str = ""
    """What older messages came to, when the conversation is long."""
    messages: tuple[ChatMessage, ...]
