"""Any server with OpenAI's chat API: vLLM, llama.cpp, LM Studio; server-sent events over httpx."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import httpx
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
_FOREIGN: Final = (httpx.HTTPError, json.JSONDecodeError, KeyError, IndexError, TypeError)
_END: Final = "[DONE]"
_THINKING: Final[dict[str, dict[str, Any]]] = {
    "default": {},
    "on": {"chat_template_kwargs": {"enable_thinking": True}},
    "off": {"chat_template_kwargs": {"enable_thinking": False}},
}
"""As vLLM and llama.cpp hand it to the model's template; servers without one ignore it."""


class OpenAiStyleModel(Model):
    """A model behind /v1/chat/completions."""

    def __init__(self, settings: AnalystSettings) -> None:
        self._settings = settings
        key = settings.api_key.get_secret_value()
        self._client = httpx.AsyncClient(
            base_url=settings.url.rstrip("/").removesuffix("/v1") + "/v1",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(settings.silence_seconds, connect=5),
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
        body = self._body(messages, temperature=temperature, seed=seed) | {
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        split, usage, ended, answered = ThinkSplitter(), dict[str, int](), "", False
        asked, heard = time.monotonic(), 0.0
        try:
            async with self._client.stream("POST", "/chat/completions", json=body) as response:
                await _refuse(response)
                async for line in response.aiter_lines():
                    data = line.removeprefix("data:").strip()
                    if not line.startswith("data:") or not data:
                        continue
                    if data == _END:
                        ended = ended or "stop"
                        break
                    part = json.loads(data)
                    if "error" in part:
                        raise ModelUnavailableError(f"{self.name} failed: {part['error']}")
                    usage, heard = part.get("usage") or usage, heard or time.monotonic()
                    piece, finished = _piece(part, split)
                    ended = ended or finished
                    answered = answered or bool(piece.text.strip())
                    if piece.text or piece.thinking:
                        yield piece
        except _FOREIGN as error:
            raise self._ours(error) from error
        answer, thought = split.rest()
        answered = answered or bool(answer.strip())
        if answer or thought:
            yield Piece(answer, thought)
        if not ended:
            raise ModelUnavailableError(f"{self.name} broke off in the middle of its answer")
        used = await self._used(gauge, messages, usage)
        texts = [message.content for message in messages]
        self._pace.learn(texts, tokens=used.prompt_tokens, seconds=heard - asked)
        if ended == "length" and not answered:
            raise unanswered(self.name, self._settings.answer_tokens)
        yield used

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
            response = await self._client.post(
                "/embeddings", json={"model": model, "input": list(texts)}
            )
            await _refuse(response)
            return [one["embedding"] for one in response.json()["data"]]
        except _FOREIGN as error:
            raise self._ours(error) from error

    @override
    async def close(self) -> None:
        await self._client.aclose()

    async def _lack_of(self, model: str) -> str | None:
        url = self._settings.url
        try:
            response = await self._client.get("/models", timeout=_LOOK_SECONDS)
            response.raise_for_status()
            served = [one["id"] for one in response.json()["data"]]
        except _FOREIGN as error:
            return str(self._ours(error))
        return None if model in served else f"{model} is not served at {url}, which has {served}"

    async def _used(
        self, gauge: Gauge, messages: Sequence[Message], usage: dict[str, int]
    ) -> Usage:
        counted = usage.get("prompt_tokens") or await self._count(messages)
        cut = gauge.was_cut(
            (message.content for message in messages),
            counted=counted,
            window=self._settings.num_ctx,
        )
        if cut is not None:
            raise PromptTruncatedError(f"{self.name}: {cut}")
        return Usage(counted, usage.get("completion_tokens", 0))

    async def _measured(self) -> Gauge:
        if self._gauge is None:
            asked = time.monotonic()
            counted = await self._count((Message("user", PROBE),))
            self._pace.learn((PROBE,), tokens=counted, seconds=time.monotonic() - asked)
            self._gauge = Gauge.of(tokens=counted)
        return self._gauge

    async def _count(self, messages: Sequence[Message]) -> int:
        """Ask for one token more, unstreamed: some servers tell usage only then."""
        body = self._body(messages, temperature=0, seed=None) | {"max_tokens": 1}
        try:
            response = await self._client.post("/chat/completions", json=body)
            await _refuse(response)
            return int(response.json()["usage"]["prompt_tokens"])
        except _FOREIGN as error:
            raise self._ours(error) from error

    def _body(
        self, messages: Sequence[Message], *, temperature: float | None, seed: int | None
    ) -> dict[str, Any]:
        return {
            "model": self.name,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "temperature": self._settings.temperature if temperature is None else temperature,
            "seed": self._settings.seed if seed is None else seed,
            "max_tokens": self._settings.answer_tokens,
        } | _THINKING[self._settings.thinking]

    def _ours(
        self, error: Exception
    ) -> ModelMissingError | ModelUnavailableError | PromptTruncatedError:
        url = self._settings.url
        if isinstance(error, httpx.HTTPStatusError):
            text = error.response.text
            if error.response.status_code == _MISSING:
                return ModelMissingError(f"{self.name} is not served at {url}")
            if "context" in text.lower():
                return PromptTruncatedError(f"{self.name}: {text[:200]}")
            return ModelUnavailableError(f"{url} could not answer with {self.name}: {text[:200]}")
        if isinstance(error, httpx.ConnectError):
            return ModelUnavailableError(f"no model server answers at {url}")
        if isinstance(error, httpx.TimeoutException):
            return ModelUnavailableError(f"{self.name} has said nothing for too long")
        return ModelUnavailableError(
            f"{self.name} broke off in the middle of its answer: {error!r}"
        )


def _piece(part: dict[str, Any], split: ThinkSplitter) -> tuple[Piece, str]:
    choices = part.get("choices") or []
    if not choices:
        return Piece(), ""
    delta = choices[0].get("delta") or {}
    answer, thought = split.feed(delta.get("content") or "")
    told = delta.get("reasoning_content") or delta.get("reasoning") or ""
    return Piece(answer, told + thought), choices[0].get("finish_reason") or ""


async def _refuse(response: httpx.Response) -> None:
    if response.is_error:
        await response.aread()
        response.raise_for_status()
