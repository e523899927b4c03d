"""Ollama by its official client and native /api/chat: window set, prompt length checked."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import Final

import httpx
import ollama
from typing_extensions import override

from ai_analyst.core.gauge import PROBE, Gauge
from ai_analyst.core.pace import Pace
from ai_analyst.core.prompts import Message
from ai_analyst.core.thinking import ThinkSplitter
from ai_analyst.ports import (
    Model,
    ModelMissingError,
    ModelUnavailableError,
    Piece,
    PromptTruncatedError,
    Usage,
    unanswered,
)
from ai_analyst.settings import AnalystSettings

_MISSING: Final = 404
_LOOK_SECONDS: Final = 5.0
"""How long a look whether a model is there may take: a sign of life waits for it."""
_FOREIGN: Final = (ollama.ResponseError, httpx.HTTPError, ConnectionError, json.JSONDecodeError)
_THINKING: Final[dict[str, bool | None]] = {"default": None, "on": True, "off": False}


class OllamaModel(Model):
    """A model served by Ollama."""

    def __init__(self, settings: AnalystSettings) -> None:
        self._settings = settings
        self._client = ollama.AsyncClient(
            host=settings.url, timeout=httpx.Timeout(settings.silence_seconds, connect=5)
        )
        self._gauge: Gauge | None = None
        self._pace = Pace(seconds=settings.reading_seconds)

    @property
    @override
    def name(self) -> str:
        return self._settings.model

    @override
    async def problem(self) -> str | None:
        return await self._lack_of(self.name)

    @override
    async def embedding_problem(self) -> str | None:
        model = self._settings.embedding_model
        return await self._lack_of(model) if model else None

    @override
    async def chat(
        self,
        messages: Sequence[Message],
        *,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> AsyncIterator[Piece | Usage]:
        gauge = await self._measured()
        warmth = self._settings.temperature if temperature is None else temperature
        last: ollama.ChatResponse | None = None
        split = ThinkSplitter()
        answered = False
        try:
            stream = await self._client.chat(
                self.name,
                [{"role": one.role, "content": one.content} for one in messages],
                stream=True,
                think=_THINKING[self._settings.thinking],
                keep_alive=self._settings.keep_alive,
                options=self._options(warmth, seed),
            )
            async with aclosing(stream) as parts:  # type: ignore[type-var]  # the client's is a generator
                async for part in parts:
                    last = part
                    answer, thought = split.feed(part.message.content or "")
                    thought = (part.message.thinking or "") + thought
                    answered = answered or bool(answer.strip())
                    if answer or thought:
                        yield Piece(answer, thought)
        except _FOREIGN as error:
            raise _ours(error, self.name, self._settings.url) from error
        answer, thought = split.rest()
        answered = answered or bool(answer.strip())
        if answer or thought:
            yield Piece(answer, thought)
        if last is None or not last.done:
            raise ModelUnavailableError(f"{self.name} broke off in the middle of its answer")
        counted = last.prompt_eval_count or 0
        cut = gauge.was_cut(
            (message.content for message in messages),
            counted=counted,
            window=self._settings.num_ctx,
        )
        if cut is not None:
            raise PromptTruncatedError(f"{self.name}: {cut}")
        self._learn((message.content for message in messages), last)
        if last.done_reason == "length" and not answered:
            raise unanswered(self.name, self._settings.answer_tokens)
        yield Usage(counted, last.eval_count or 0)

    @override
    async def room(self, besides: Sequence[Message]) -> int:
        gauge = await self._measured()
        window = self._settings.num_ctx - self._settings.answer_tokens
        taken = gauge.tokens(message.content for message in besides)
        return gauge.characters(min(window, self._pace.tokens()) - taken)

    @override
    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        model = self._settings.embedding_model
        if not model or not texts:
            return []
        try:
            response = await self._client.embed(model, list(texts), truncate=True)
        except _FOREIGN as error:
            raise _ours(error, model, self._settings.url) from error
        return [list(map(float, vector)) for vector in response.embeddings]

    @override
    async def close(self) -> None:
        await self._client.close()  # type: ignore[no-untyped-call]  # the client's is untyped

    async def _lack_of(self, model: str) -> str | None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._client.show(model)
        except _FOREIGN as error:
            return str(_ours(error, model, self._settings.url))
        except TimeoutError:
            return f"Ollama at {self._settings.url} has said nothing for {_LOOK_SECONDS:g} s"
        return None

    async def _measured(self) -> Gauge:
        if self._gauge is None:
            try:
                response = await self._client.chat(
                    self.name,
                    [{"role": "user", "content": PROBE}],
                    keep_alive=self._settings.keep_alive,
                    options=self._options(0, None) | {"num_predict": 1},
                )
            except _FOREIGN as error:
                raise _ours(error, self.name, self._settings.url) from error
            counted = response.prompt_eval_count or 0
            if counted <= 0:
                raise PromptTruncatedError(
                    f"{self.name}: the server does not say how much of a prompt it reads"
                )
            self._gauge = Gauge.of(tokens=counted)
            self._learn((PROBE,), response)
        return self._gauge

    def _learn(self, texts: Iterable[str], response: ollama.ChatResponse) -> None:
        self._pace.learn(
            texts,
            tokens=response.prompt_eval_count or 0,
            seconds=(response.prompt_eval_duration or 0) / 1e9,
        )

    def _options(self, temperature: float, seed: int | None) -> dict[str, float | int]:
        return {
            "num_ctx": self._settings.num_ctx,
            "num_predict": self._settings.answer_tokens,
            "temperature": temperature,
            "seed": self._settings.seed if seed is None else seed,
        }


def _ours(
    error: Exception, model: str, url: str
) -> ModelMissingError | ModelUnavailableError | PromptTruncatedError:
    if isinstance(error, ollama.ResponseError):
        if error.status_code == _MISSING or "not found" in error.error:
            return ModelMissingError(f"{model} is not on this Ollama; run: ollama pull {model}")
        if "context" in error.error and "exceed" in error.error:
            return PromptTruncatedError(f"{model}: {error.error}")
        return ModelUnavailableError(f"Ollama could not answer with {model}: {error.error}")
    if isinstance(error, httpx.ConnectError | ConnectionError):
        return ModelUnavailableError(f"Ollama does not answer at {url}; start it: ollama serve")
    if isinstance(error, httpx.TimeoutException):
        return ModelUnavailableError(f"{model} has said nothing for too long")
    return ModelUnavailableError(f"{model} broke off in the middle of its answer: {error!r}")
