"""A stand-in for Ollama that speaks its protocol: NDJSON streams, thinking, faults on demand.

It counts tokens as a server does, cuts prompts that do not fit its
window without a word, and remembers every request.
"""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

Script = Callable[[Sequence[dict[str, str]]], str]
"""Turn a chat's messages into the answer the model writes."""

_TOKEN: Final = re.compile(r"[^\W\d_]{1,4}|\d|\n|[^\w\s]|_")


@dataclass
class OllamaStandIn:
    """What the server will do; change it between requests."""

    models: set[str] = field(default_factory=lambda: {"qwen3:4b", "nomic-embed-text"})
    answer: Script = lambda _: "Nothing to say."
    thinking: str = ""
    """Thoughts sent before the answer, as a field of their own."""
    tool_less: bool = True
    pause_seconds: float = 0.0
    """Between two tokens."""
    error: str = ""
    """Refuse every chat with this sentence."""
    error_after: int | None = None
    """Put an error line into the stream after so many tokens."""
    break_after: int | None = None
    """Drop the connection after so many tokens."""
    window: int | None = None
    """A window smaller than asked for: what a server without num_ctx does."""
    says_prompt_count: bool = True
    reading_speed: float = 1e6
    """Tokens of a prompt it says to read in a second."""
    chats: list[dict[str, Any]] = field(default_factory=list)
    done_reason: str = "stop"
    embedded: list[str] = field(default_factory=list)
    writing: int = 0
    """Chats being written right now."""
    most_writing: int = 0
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of the loopback address."""
        app = web.Application()
        app.router.add_post("/api/chat", self._chat)
        app.router.add_post("/api/embed", self._embed)
        app.router.add_post("/api/show", self._show)
        app.router.add_get("/api/tags", self._tags)
        self._runner = web.AppRunner(app, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["model"] not in self.models:
            return _missing(body["model"])
        if self.error:
            return web.json_response({"error": self.error}, status=500)
        window = self.window or int(body.get("options", {}).get("num_ctx", 4096))
        counted = min(sum(tokens_of(message["content"]) for message in body["messages"]), window)
        if not body.get("stream"):
            return web.json_response(self._last(body["model"], counted, 1, "ok"))
        self.chats.append(body)
        self.writing += 1
        self.most_writing = max(self.most_writing, self.writing)
        try:
            return await self._stream(request, body, counted)
        finally:
            self.writing -= 1

    async def _stream(
        self, request: web.Request, body: dict[str, Any], counted: int
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        words = [("thinking", word) for word in _tokens(self.thinking)]
        words += [("content", word) for word in _tokens(self.answer(body["messages"]))]
        limit = int(body.get("options", {}).get("num_predict", 10_000))
        for place, (kind, word) in enumerate(words[:limit]):
            if self.break_after is not None and place >= self.break_after:
                assert request.transport is not None
                request.transport.abort()
                return response
            if self.error_after is not None and place >= self.error_after:
                await _line(response, {"error": "model runner has unexpectedly stopped"})
                return response
            message = {"role": "assistant", "content": "", kind: word}
            await _line(response, {"model": body["model"], "message": message, "done": False})
            await asyncio.sleep(self.pause_seconds)
        await _line(response, self._last(body["model"], counted, len(words), ""))
        await response.write_eof()
        return response

    def _last(self, model: str, counted: int, written: int, text: str) -> dict[str, Any]:
        last: dict[str, Any] = {
            "model": model,
            "created_at": "2026-01-05T08:00:00Z",
            "message": {"role": "assistant", "content": text},
            "done": True,
            "done_reason": self.done_reason,
            "total_duration": 1,
            "eval_count": written,
        }
        if self.says_prompt_count:
            last["prompt_eval_count"] = counted
            last["prompt_eval_duration"] = int(counted / self.reading_speed * 1e9)
        return last

    async def _embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["model"] not in self.models:
            return _missing(body["model"])
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        self.embedded += texts
        return web.json_response(
            {"model": body["model"], "embeddings": [meaning(text) for text in texts]}
        )

    async def _show(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["model"] not in self.models:
            return _missing(body["model"])
        return web.json_response({"details": {"family": "qwen3"}, "model_info": {}})

    async def _tags(self, _: web.Request) -> web.Response:
        return web.json_response({"models": [{"model": name} for name in sorted(self.models)]})


def tokens_of(text: str) -> int:
    """Count tokens as tokenizers do: pieces of words, single digits and signs."""
    return len(_TOKEN.findall(text)) + 4


def meaning(text: str) -> list[float]:
    """A vector of letter counts: alike texts are near each other, always the same."""
    letters = [text.lower().count(chr(ord("a") + place)) + 0.01 for place in range(26)]
    size = sum(value * value for value in letters) ** 0.5
    return [value / size for value in letters]


def _tokens(text: str) -> list[str]:
    return [f"{word} " for word in text.split(" ")] if text else []


async def _line(response: web.StreamResponse, part: dict[str, Any]) -> None:
    await response.write(json.dumps(part).encode() + b"\n")


def _missing(model: str) -> web.Response:
    return web.json_response({"error": f"model '{model}' not found"}, status=404)
