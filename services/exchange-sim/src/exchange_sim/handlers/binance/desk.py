"""Where a request to Binance's API arrives: it is charged, may meet a fault, and is answered."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from common.clock import Clock
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.allowance import Allowance, Refusal, Verdict
from exchange_sim.core.faults import Fault, FaultPlan
from exchange_sim.handlers.binance.query import BinanceRefusalError, Query
from exchange_sim.handlers.binance.routes import ROUTES, Route
from exchange_sim.handlers.instant import milliseconds
from exchange_sim.handlers.view import MarketView

_FOREVER = 3_600.0
_BODIES = {
    403: "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>",
    408: '{"code":-1007,"msg":"Timeout waiting for response from backend server."}',
    418: '{"code":-1003,"msg":"Way too many requests; IP banned until further notice."}',
    429: '{"code":-1003,"msg":"Too many requests."}',
    451: '{"code":0,"msg":"Service unavailable from a restricted location according to '
    "'b. Eligibility' in the terms of use.\"}",
    500: '{"code":-1000,"msg":"An unknown error occurred while processing the request."}',
    502: "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
    503: '{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}',
}
_PAGE = "<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"


class BinanceDesk:
    """Serves the table of routes under the venue's clock, limits and faults."""

    def __init__(
        self,
        *,
        view: MarketView,
        clock: Clock,
        weight_clock: Clock,
        allowance: Allowance,
        faults: FaultPlan,
        accounting: Accounting,
    ) -> None:
        self._view = view
        self._clock = clock
        self._weight_clock = weight_clock
        self._allowance = allowance
        self._faults = faults
        self._accounting = accounting

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to be served."""
        return [web.get(route.path, self._handler(route)) for route in ROUTES]

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            query = Query(request.query)
            weight = route.weight(query)
            charged_at = milliseconds(self._weight_clock)
            address = request.remote or ""
            verdict = self._allowance.charge(address, weight, route.pool, charged_at)
            if verdict.refusal is None:
                response = await self._answer(request, route, query)
            else:
                response = self._refuse(verdict, address)
            response.headers["X-MBX-USED-WEIGHT-1M"] = str(verdict.used)
            self._accounting.record(
                route.path,
                response.status,
                weight=weight if verdict.charged else 0,
                pool=route.pool if verdict.charged else None,
                now=charged_at,
            )
            if not verdict.charged:
                self._accounting.while_banned += 1
            return response

        return handle

    async def _answer(self, request: web.Request, route: Route, query: Query) -> web.Response:
        fault = self._faults.take(route.path, query.text("symbol"))
        if fault is None:
            return self._plain(route, query)
        self._accounting.faults += 1
        if fault.kind == "reset":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        if fault.kind in ("latency", "timeout"):
            await asyncio.sleep(fault.seconds if fault.kind == "latency" else _FOREVER)
        return _spoil(self._plain(route, query), fault)

    def _plain(self, route: Route, query: Query) -> web.Response:
        try:
            body = route.answer(query, self._view, milliseconds(self._clock))
        except BinanceRefusalError as e:
            return _error(e.status, e.code, str(e))
        return web.Response(text=body, content_type="application/json")

    def _refuse(self, verdict: Verdict, address: str) -> web.Response:
        if verdict.refusal is Refusal.BANNED:
            message = f"Way too many requests; IP({address}) banned until {verdict.until}."
            status = 418
        else:
            limit = self._allowance.limits.weight_per_minute
            message = (
                f"Too many requests; current limit of IP({address}) is {limit} requests per minute."
            )
            status = 429
        response = _error(status, -1003, message)
        response.headers["Retry-After"] = str(verdict.retry_after)
        return response


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message}, status=status)


def _spoil(good: web.Response, fault: Fault) -> web.Response:
    if fault.kind == "html":
        return web.Response(text=_PAGE, content_type="text/html")
    if fault.kind == "status":
        body = _BODIES[fault.status]
        kind = "text/html" if body.startswith("<") else "application/json"
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return web.Response(status=fault.status, text=body, content_type=kind, headers=headers)
    text = good.text or ""
    if fault.kind == "truncated":
        return web.Response(text=text[: len(text) * 2 // 3], content_type="application/json")
    if fault.kind == "null_rows":
        return web.json_response(_nulled(json.loads(text)))
    return good


def _nulled(answer: object) -> object:
    if isinstance(answer, dict):
        return dict.fromkeys(answer)
    if isinstance(answer, list) and answer:
        middle = len(answer) // 2
        row = answer[middle]
        nothing = [None] * len(row) if isinstance(row, list) else dict.fromkeys(row)
        return [*answer[:middle], nothing, *answer[middle + 1 :]]
    return answer
