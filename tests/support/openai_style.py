"""A stand-in for OpenAI-style servers: server-sent events, reasoning, faults on demand."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.ollama import tokens_of


@dataclass
class OpenAiStandIn:
    """What the server will do; change it between requests."""

    model: str = "qwen3:4b"
    answer: str = "Nothing to say."
    reasoning: str = ""
    window: int = 100_000
    refuses_long: bool = False
    """Refuse a prompt that does not fit, as llama.cpp does, and not cut it."""
    tells_usage: bool = True
    break_after: int | None = None
    finish_reason: str = "stop"
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of the loopback address."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": self.model}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["model"] != self.model:
            return web.json_response({"error": {"message": "no such model"}}, status=404)
        sent = sum(tokens_of(message["content"]) for message in body["messages"])
        if self.refuses_long and sent > self.window:
            message = "the request exceeds the available context size"
            return web.json_response({"error": {"message": message}}, status=400)
        usage = {"prompt_tokens": min(sent, self.window), "completion_tokens": 3}
        if not body.get("stream"):
            return web.json_response({"choices": [], "usage": usage})
        self.requests.append(body)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        parts = [("reasoning_content", self.reasoning)] if self.reasoning else []
        parts += [("content", f"{word} ") for word in self.answer.split(" ")]
        for place, (name, text) in enumerate(parts):
            if self.break_after is not None and place >= self.break_after:
                assert request.transport is not None
                request.transport.abort()
                return response
            await _event(response, {"choices": [{"delta": {name: text}, "finish_reason": None}]})
            await asyncio.sleep(0)
        await _event(response, {"choices": [{"delta": {}, "finish_reason": self.finish_reason}]})
        if self.tells_usage:
            await _event(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response


async def _event(response: web.StreamResponse, part: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(part)}\n\n".encode())
