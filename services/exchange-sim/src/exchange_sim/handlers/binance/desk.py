"""Binance's desks, USD-M futures and spot data: their limits, refusals and errors."""

from collections.abc import Sequence

from aiohttp import web
from typing_extensions import override

from exchange_sim.core.allowance import Allowance, Refusal, Verdict
from exchange_sim.core.fault import Fault
from exchange_sim.handlers.binance.query import BinanceRefusalError, Query
from exchange_sim.handlers.binance.routes import Route
from exchange_sim.handlers.desk import Call, Desk, Floor, Handler, kinds_of, nulled_row
from exchange_sim.handlers.view import MarketView

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
    504: "<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
}

_TOO_MANY = -1003


class BinanceDesk(Desk):
    """Serves a table of Binance's routes."""

    def __init__(
        self,
        floor: Floor,
        view: MarketView,
        allowance: Allowance,
        *,
        venue: str,
        routes: Sequence[Route],
    ) -> None:
        super().__init__(floor, view, allowance)
        self.venue = venue
        self._routes = routes

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to be served."""
        return [web.get(route.path, self._handler(route)) for route in self._routes]

    @override
    def refuse(self, verdict: Verdict, address: str) -> web.Response:
        """Return 418 to a banned address, 429 to one over its limit."""
        if verdict.refusal is Refusal.BANNED:
            message = f"Way too many requests; IP({address}) banned until {verdict.until}."
            status = 418
        else:
            limit = self.allowance.limits.weight_per_minute
            message = (
                f"Too many requests; current limit of IP({address}) is {limit} requests per minute."
            )
            status = 429
        response = _error(status, _TOO_MANY, message)
        response.headers["Retry-After"] = str(verdict.retry_after)
        return response

    @override
    def mark(self, response: web.Response, verdict: Verdict) -> None:
        """Tell the weight used in this minute."""
        response.headers["X-MBX-USED-WEIGHT-1M"] = str(verdict.used)

    @override
    async def plain(self, call: Call, view: MarketView, now: int) -> web.Response:
        """Return the answer or Binance's refusal of a wrong request."""
        try:
            if call.at_once:
                body = call.answer(view, now)
            else:
                body = await self.floor.worker.run(call.answer, view, now)
        except BinanceRefusalError as e:
            return _error(e.status, e.code, str(e))
        return web.Response(text=body, content_type="application/json")

    @override
    def status_body(self, status: int) -> str:
        """Return Binance's body for a status."""
        return _BODIES[status]

    @override
    def coded(self, fault: Fault, now: int) -> web.Response:
        """Return a code under status 200, as -1003 has been seen."""
        del now
        return _error(200, _TOO_MANY if fault.code is None else fault.code, "An injected error.")

    @override
    def nulled(self, answer: object) -> object:
        """Return an answer with nothing in one of its rows."""
        if isinstance(answer, dict):
            return dict.fromkeys(answer)
        return nulled_row(answer) if isinstance(answer, list) else answer

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            query = Query(request.query)
            call = Call(
                path=route.path,
                symbol=query.text("symbol"),
                answer=lambda view, now: route.answer(query, view, now),
                weight=route.weight(query),
                pool=route.pool,
                kinds=kinds_of(candles=route.candles, clock=route.clock),
                at_once=route.clock,
            )
            return await self.serve(request, call)

        return handle


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message}, status=status)
