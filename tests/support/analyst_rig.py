"""The whole analyst in one process: a bus, a market told on it, a model's stand-in, a memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ai_analyst.adapters.memory_plain import PlainMemory
from ai_analyst.adapters.ollama import OllamaModel
from ai_analyst.app import wire_with
from ai_analyst.ports import Memory, Model
from ai_analyst.settings import AnalystSettings
from common.bus import Bus
from common.bus.memory import MemoryBus
from common.clock import ManualClock
from common.domain import ChatChunk, ChatEnd, ChatPart, ChatRequest, Fact
from common.service import Runtime, Service, running
from common.settings import SettingsSource
from tests.support import analyst_market as market
from tests.support.eventually import eventually
from tests.support.ollama import OllamaStandIn


@dataclass
class Analyst:
    """A running analyst and everything around it."""

    bus: Bus
    model: OllamaStandIn
    memory: Memory
    clock: ManualClock
    service: Service

    async def trouble(self) -> str:
        """What the service says is wrong, or nothing."""
        assert self.service.ready is not None
        assert self.service.limits is not None
        return await self.service.ready() or await self.service.limits() or ""

    async def ask(self, text: str, *, conversation: str = "mine") -> list[ChatChunk]:
        """Ask a question; return every part of its answer."""
        request = ChatRequest(conversation=conversation, text=text)
        async with aclosing(self.bus.ask_stream(request)) as parts:  # type: ignore[type-var]  # the buses' are generators
            chunks = []
            async for part in parts:
                assert part.error is None, part.error
                chunks.append(ChatChunk.model_validate_json(part.body))
            return chunks

    async def answer(self, text: str, *, conversation: str = "mine") -> ChatEnd:
        """Ask a question; return the end of its answer."""
        last = (await self.ask(text, conversation=conversation))[-1]
        assert last.part is ChatPart.END
        assert last.end is not None
        return last.end

    def prompt(self, place: int = -1) -> str:
        """What the model was sent, all messages together."""
        return "\n".join(one["content"] for one in self.model.chats[place]["messages"])


@asynccontextmanager
async def analyst(
    *,
    memory: Memory | None = None,
    bus: Bus | None = None,
    told: bool = True,
    model_behind: Model | None = None,
    **choices: Any,
) -> AsyncIterator[Analyst]:
    """Run the analyst while inside; `choices` are its settings."""
    model = OllamaStandIn()
    await model.start()
    # the stand-in counts four characters a token: all facts fit in a window of this size
    fields: dict[str, Any] = {
        "url": model.url, "num_ctx": 16_384, "notes_per_scan": 0, "repeats": 1, "mirror": False
    }  # fmt: skip
    settings = AnalystSettings(**(fields | choices))
    the_bus, the_memory = bus or MemoryBus(), memory or PlainMemory()
    clock = ManualClock(market.NOW)
    runtime = Runtime(
        name="ai-analyst",
        instance="test",
        bus=the_bus,
        clock=clock,
        settings=SettingsSource({}),
    )
    service = wire_with(
        runtime, settings, model=model_behind or OllamaModel(settings), memory=the_memory
    )
    if told:
        for fact in facts():
            await the_bus.publish(fact)
    try:
        async with running(runtime, service):
            rig = Analyst(the_bus, model, the_memory, clock, service)
            if told:
                await eventually(_filled(service), saying="the board is filled")
            yield rig
    finally:
        await model.stop()


def facts() -> tuple[Fact, ...]:
    """The market's facts in the order a scan tells them."""
    return (
        *market.derivatives(),
        market.btc_signal(),
        market.sol_signal(),
        market.eth_signal(),
        market.doge_signal(),
        market.btc_plan(),
        market.sol_plan(),
        market.eth_rejection(),
        market.doge_rejection(),
        market.completed(),
    )


def _filled(service: Service) -> Callable[[], bool]:
    board = service.tasks[1].__self__.board  # type: ignore[attr-defined]  # a bound method of the desk
    return lambda: len(board.decisions) == 4 and len(board.signals) == 4
