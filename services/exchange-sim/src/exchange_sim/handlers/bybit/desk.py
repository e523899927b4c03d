"""Bybit's desk: one visit a request, codes under status 200, 403 for who visits too often."""

import json

from aiohttp import web
from typing_extensions import override

from exchange_sim.core.allowance import VISITS_WINDOW, Verdict
from exchange_sim.core.fault import Fault
from exchange_sim.handlers.bybit.query import BybitRefusalError, Query
from exchange_sim.handlers.bybit.routes import ROUTES, Route
from exchange_sim.handlers.desk import Call, Desk, Handler, kinds_of, nulled_row
from exchange_sim.handlers.view import MarketView

VISITS = "visits"

_TOO_OFTEN = "<html><head><title>403</title></head><body>access too frequent</body></html>"
_BODIES = {
    403: '{"error":"The Amazon CloudFront distribution is configured to block access from '
    'your country."}',
    408: "<html><head><title>408 Request Time-out</title></head><body></body></html>",
    418: "<html><head><title>418</title></head><body></body></html>",
    429: "Too many requests",
    451: "<html><head><title>451</title></head><body></body></html>",
    500: "<html><head><title>500 Internal Server Error</title></head><body></body></html>",
    502: "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
    503: "<html><head><title>503 Service Unavailable</title></head><body></body></html>",
    504: "<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
}
_MESSAGES = {
    10000: "Server Timeout",
    10002: "The request time exceeds the time window range.",
    10006: "Too many visits. Exceeded the API Rate Limit.",
    10016: "Server error.",
    10024: "The product or service you are seeking to access is not available to you.",
}
_TOO_MANY_VISITS = 10006
_ROUTE_LIMIT = 120


class BybitDesk(Desk):
    """Serves the table of Bybit's routes."""

    venue = "bybit"
    pool_window = VISITS_WINDOW

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to be served."""
        return [web.get(route.path, self._handler(route)) for route in ROUTES]

    @override
    def refuse(self, verdict: Verdict, address: str) -> web.Response:
        """Return 403 without a word on how long: ten minutes is what the documentation says."""
        del verdict, address
        return web.Response(status=403, text=_TOO_OFTEN, content_type="text/html")

    @override
    def mark(self, response: web.Response, verdict: Verdict) -> None:
        """Add nothing: Bybit's public routes tell of their limit only when it is exceeded."""

    @override
    async def plain(self, call: Call, view: MarketView, now: int) -> web.Response:
        """Return the answer in Bybit's envelope, or its refusal of a wrong request."""
        try:
            if call.at_once:
                result = call.answer(view, now)
            else:
                result = await self.floor.worker.run(call.answer, view, now)
        except BybitRefusalError as e:
            return _refusal(e.code, str(e), now)
        return _enveloped(0, "OK", result, now)

    @override
    def status_body(self, status: int) -> str:
        """Return Bybit's body for a status."""
        return _BODIES[status]

    @override
    def coded(self, fault: Fault, now: int) -> web.Response:
        """Return one of Bybit's codes; 10006 comes with the limit that was exceeded."""
        code = _TOO_MANY_VISITS if fault.code is None else fault.code
        response = _refusal(code, _MESSAGES.get(code, "An injected error."), now)
        if code == _TOO_MANY_VISITS:
            response.headers["X-Bapi-Limit"] = str(_ROUTE_LIMIT)
            response.headers["X-Bapi-Limit-Status"] = "0"
            reset = now + int(fault.seconds * 1000)
            response.headers["X-Bapi-Limit-Reset-Timestamp"] = str(reset)
        return response

    @override
    def nulled(self, answer: object) -> object:
        """Return an answer with nothing in one row of its list, or no result at all."""
        if not isinstance(answer, dict):
            return answer
        result = answer.get("result")
        if isinstance(result, dict) and isinstance(result.get("list"), list):
            return {**answer, "result": {**result, "list": nulled_row(result["list"])}}
        return {**answer, "result": None}

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            query = Query(request.query)
            call = Call(
                path=route.path,
                symbol=query.text("symbol"),
                answer=lambda view, now: route.answer(query, view, now),
                pool=VISITS,
                kinds=kinds_of(candles=route.candles, clock=route.clock),
                at_once=route.clock,
            )
            return await self.serve(request, call)

        return handle


def _refusal(code: int, message: str, now: int) -> web.Response:
    return _enveloped(code, message, "{}", now)


def _enveloped(code: int, message: str, result: str, now: int) -> web.Response:
    head = f'{{"retCode":{code},"retMsg":{json.dumps(message)}'
    text = f'{head},"result":{result},"retExtInfo":{{}},"time":{now}}}'
    return web.Response(text=text, content_type="application/json")
