"""The analyst's settings: the `[analyst]` table."""

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from ai_analyst.core.prompts import CHAT_RULES, NOTE_RULES
from common.settings import Section


class AnalystSettings(Section):
    """Which model answers, how long it may take, and what it is told."""

    section: ClassVar[str] = "analyst"

    server: Literal["ollama", "openai"] = "ollama"
    """`openai` is any server with its chat API: vLLM, llama.cpp, LM Studio."""
    url: str = "http://127.0.0.1:11434"
    api_key: SecretStr = SecretStr("")
    """Only for servers that ask for one."""
    model: str = "qwen3:4b"
    embedding_model: str = "nomic-embed-text"
    """Meaning is searched with it; empty: words are."""
    temperature: float = Field(default=0.2, ge=0, le=2)
    num_ctx: int = Field(default=8192, ge=1024)
    """The model's window in tokens: prompt and answer together."""
    answer_tokens: int = Field(default=700, ge=32)
    thinking: Literal["default", "on", "off"] = "off"
    """Whether a model that can think is asked to: its thoughts cost `answer_tokens` and time."""
    keep_alive: str = "10m"
    seed: int = 7
    parallel: int = Field(default=1, ge=1)
    """Answers the model writes at once; the others wait."""
    waiting: int = Field(default=64, ge=1)
    """Chats that may wait; more are answered by the facts themselves."""
    answer_seconds: float = Field(default=180, gt=0)
    """What takes longer is answered by the facts; a turn of the model is awaited as long before."""
    reading_seconds: float = Field(default=60, gt=0)
    """How long the model may read a prompt: a slow machine is told the most telling facts only."""
    silence_seconds: float = Field(default=120, gt=0)
    """A model that says nothing for so long is given up."""
    ask_again: bool = True
    """Ask once more when the check strikes something."""
    fresh_seconds: float = Field(default=60, gt=0)
    """Funding and open interest older than this are read again."""
    history_messages: int = Field(default=6, ge=0)
    """Earlier messages of a conversation that are told word by word."""
    summarise_after: int = Field(default=20, ge=4)
    recollections: int = Field(default=4, ge=0)
    notes_per_scan: int = Field(default=3, ge=0)
    """The best plans of each scan that get a verdict; 0 is none."""
    notes_seconds: float = Field(default=600, gt=0)
    """What is not written so long after a scan is dropped."""
    notes_tokens: int = Field(default=60_000, ge=0)
    """Tokens all notes of one scan may use."""
    repeats: int = Field(default=3, ge=1, le=5)
    """How often each verdict is asked for at temperature 0, to see it disagree with itself."""
    mirror: bool = True
    """Ask for each verdict again with all prices flipped: the argument must flip with them."""
    connections: int = Field(default=4, ge=1)
    chat_rules: str = CHAT_RULES
    note_rules: str = NOTE_RULES
