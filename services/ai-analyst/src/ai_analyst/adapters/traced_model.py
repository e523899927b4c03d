"""Any model with a span around each of its calls: which model, how many tokens, how long."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from typing_extensions import override

from ai_analyst.core.prompts import Message
from ai_analyst.ports import Model, Piece, Usage
from common import telemetry


class TracedModel(Model):
    """Asks another model and notes what it cost."""

    def __init__(self, model: Model, *, provider: str, embedding_model: str) -> None:
        self._model = model
        self._provider = provider
        self._embedding_model = embedding_model

    @property
    @override
    def name(self) -> str:
        return self._model.name

    @override
    async def problem(self) -> str | None:
        return await self._model.problem()

    @override
    async def embedding_problem(self) -> str | None:
        return await self._model.embedding_problem()

    @override
    async def chat(
        self,
        messages: Sequence[Message],
        *,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> AsyncIterator[Piece | Usage]:
        asked, first = time.monotonic(), 0.0
        with telemetry.model_call("chat", model=self.name, provider=self._provider) as span:
            pieces = self._model.chat(messages, temperature=temperature, seed=seed)
            async with aclosing(pieces):  # type: ignore[type-var]  # models are generators
                async for piece in pieces:
                    now = time.monotonic()
                    if isinstance(piece, Usage):
                        span.set_attribute(telemetry.INPUT_TOKENS, piece.prompt_tokens)
                        span.set_attribute(telemetry.OUTPUT_TOKENS, piece.answer_tokens)
                        span.set_attribute(telemetry.WRITING_SECONDS, now - first if first else 0.0)
                    elif not first:
                        first = now
                        span.set_attribute(telemetry.FIRST_WORD_SECONDS, first - asked)
                    yield piece

    @override
    async def room(self, besides: Sequence[Message]) -> int:
        return await self._model.room(besides)

    @override
    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not self._embedding_model or not texts:
            return await self._model.embed(texts)
        with telemetry.model_call(
            "embeddings", model=self._embedding_model, provider=self._provider
        ):
            return await self._model.embed(texts)

    @override
    async def close(self) -> None:
        await self._model.close()
