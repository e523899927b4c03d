"""Where a request to a venue arrives: it is charged, may meet a fault, is answered and entered."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from common.clock import Clock
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.allowance import POOL_WINDOW, Allowance, Verdict
from exchange_sim.core.fault import ANSWER_KINDS, CANDLE_KINDS, CLOCK_KINDS, Fault
from exchange_sim.core.faults import FaultPlan
from exchange_sim.handlers.damaged import DamagedView
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.view import MarketView
from exchange_sim.handlers.worker import Worker

_FOREVER = 3_600.0
_PAGE = "<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Floor:
    """What every desk of the simulation shares."""

    clock: Clock
    weight_clock: Clock
    faults: FaultPlan
    accounting: Accounting
    worker: Worker


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the limits and the faults see it."""

    path: str
    symbol: str | None
    answer: Callable[[MarketView, int], str]
    weight: int = 0
    pool: str | None = None
    kinds: frozenset[str] = ANSWER_KINDS
    """The kinds of faults that may strike it."""
    at_once: bool = False
    """Whether it is answered without a turn of the thread that reads the market."""
    entry: str = ""
    """What the books call it, by default its path."""


def kinds_of(*, candles: bool, clock: bool) -> frozenset[str]:
    """Return the kinds of faults that may strike an answer of candles or of the time."""
    more = (CANDLE_KINDS if candles else frozenset()) | (CLOCK_KINDS if clock else frozenset())
    return ANSWER_KINDS | more


class Desk(ABC):
    """One venue's REST routes under the clock, its limits and the faults."""

    venue: str
    pool_window = POOL_WINDOW

    def __init__(self, floor: Floor, view: MarketView, allowance: Allowance) -> None:
        self.floor = floor
        self.view = view
        self.allowance = allowance

    async def serve(self, request: web.Request, call: Call) -> web.StreamResponse:
        """Answer one request or refuse it, and enter it in the books."""
        charged_at = milliseconds(self.floor.weight_clock)
        address = request.remote or ""
        verdict = self.allowance.charge(address, call.weight, call.pool, charged_at)
        if verdict.refusal is None:
            response = await self._answer(request, call, address, charged_at)
        else:
            response = self.refuse(verdict, address)
        self.mark(response, verdict)
        self._enter(call, response.status, verdict, charged_at)
        return response

    @abstractmethod
    def refuse(self, verdict: Verdict, address: str) -> web.Response:
        """Return the venue's answer to a request beyond its limits."""

    @abstractmethod
    def mark(self, response: web.Response, verdict: Verdict) -> None:
        """Add the headers that tell how much of the limits is used."""

    @abstractmethod
    async def plain(self, call: Call, view: MarketView, now: int) -> web.Response:
        """Return the answer that no fault strikes, the venue's own refusals included."""

    @abstractmethod
    def status_body(self, status: int) -> str:
        """Return the body that the venue sends with an HTTP status."""

    @abstractmethod
    def coded(self, fault: Fault, now: int) -> web.Response:
        """Return an answer that carries one of the venue's own codes."""

    @abstractmethod
    def nulled(self, answer: object) -> object:
        """Return an answer with nothing in one of its rows."""

    def _enter(self, call: Call, status: int, verdict: Verdict, charged_at: int) -> None:
        books = self.floor.accounting
        books.record(
            call.entry or call.path,
            status,
            weight=call.weight if verdict.charged else 0,
            pool=call.pool if verdict.charged else None,
            now=charged_at,
            venue=self.venue,
            pool_window=self.pool_window,
        )
        books.venues[self.venue].while_banned += not verdict.charged
        books.venues[self.venue].while_told_to_wait += verdict.told_to_wait

    async def _answer(
        self, request: web.Request, call: Call, address: str, charged_at: int
    ) -> web.Response:
        now = milliseconds(self.floor.clock)
        fault = self.floor.faults.take(call.path, call.symbol, call.kinds)
        if fault is None:
            return await self.plain(call, self.view, now)
        self.floor.accounting.inject(self.venue, fault.kind)
        match fault.kind:
            case "reset":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=502)
            case "ban":
                until = charged_at + int(fault.seconds * 1000)
                return self.refuse(self.allowance.ban(address, until, charged_at), address)
            case "status":
                if fault.retry_after is not None:
                    until = charged_at + 1000 * fault.retry_after
                    self.allowance.tell_to_wait(address, until)
                return self._status(fault)
            case "code" | "html":
                page = web.Response(text=_PAGE, content_type="text/html")
                return page if fault.kind == "html" else self.coded(fault, now)
            case _:
                return await self._spoiled(call, fault, now)

    def _status(self, fault: Fault) -> web.Response:
        body = self.status_body(fault.status)
        kind = "text/html" if body.startswith("<") else "application/json"
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return web.Response(status=fault.status, text=body, content_type=kind, headers=headers)

    async def _spoiled(self, call: Call, fault: Fault, now: int) -> web.Response:
        view = DamagedView(self.view, fault) if fault.kind in CANDLE_KINDS else self.view
        if fault.kind in ("latency", "timeout"):
            await asyncio.sleep(fault.seconds if fault.kind == "latency" else _FOREVER)
            now = milliseconds(self.floor.clock)
        if fault.kind == "clock_offset":
            now += fault.offset
        good = await self.plain(call, view, now)
        body = good.body if isinstance(good.body, bytes) else b""
        if fault.kind == "truncated":
            return web.Response(body=body[: len(body) * 2 // 3], content_type=good.content_type)
        if fault.kind == "null_rows":
            return web.json_response(self.nulled(json.loads(body)))
        return good


def nulled_row(rows: list[object]) -> list[object]:
    """Return rows of which the middle one says nothing."""
    if not rows:
        return rows
    middle = len(rows) // 2
    row = rows[middle]
    nothing: object = [None] * len(row) if isinstance(row, list) else None
    if isinstance(row, dict):
        nothing = dict.fromkeys(row)
    return [*rows[:middle], nothing, *rows[middle + 1 :]]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
