"""Bybit's public linear stream: candles with `confirm`, tickers as a snapshot and its changes."""

import json

from aiohttp import web

from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import TIMEFRAMES, Timeframe
from exchange_sim.handlers.bybit.query import INTERVALS
from exchange_sim.handlers.bybit.tickers import ticker
from exchange_sim.handlers.streams.desk import StreamDesk
from exchange_sim.handlers.streams.dialect import Reply, Row, Topic
from exchange_sim.handlers.view import MarketView

PATH = "/v5/public/linear"

_CONNECTION = "d8bu1olkndm7simulated-0001"
_LONGEST_ARGS = 21_000
_CANDLE_PARTS, _TICKER_PARTS = 3, 2
_REST_ONLY = frozenset(
    {"predictedDeliveryPrice", "basisRate", "deliveryFeeRate", "deliveryTime", "basis",
     "basisRateYear"}
)  # fmt: skip


class BybitStream:
    """What `/v5/public/linear` speaks."""

    venue = "bybit"
    route = PATH
    most_connects = 500
    most_messages = None
    refused_connect = 403
    pings = False

    def __init__(self, view: MarketView) -> None:
        self._view = view

    def topic(self, name: str, now: int) -> Topic | None:
        """Return the topic of that name, None where Bybit refuses it."""
        parts = name.split(".")
        symbol = parts[-1]
        if self._view.contract(symbol, now) is None:
            return None
        if len(parts) == _CANDLE_PARTS and parts[0] == "kline" and parts[1] in INTERVALS:
            return Topic(name, "kline", symbol, TIMEFRAMES[INTERVALS[parts[1]]])
        if len(parts) == _TICKER_PARTS and parts[0] == "tickers":
            return Topic(name, "ticker", symbol)
        return None

    def reply(self, text: str, subscribed: tuple[str, ...], now: int) -> Reply:
        """Return what subscribe, unsubscribe and ping bring about; unknown keys are ignored."""
        try:
            message = json.loads(text)
        except ValueError:
            return Reply(_answer("", "", success=False, said="Invalid JSON"))
        if not isinstance(message, dict):
            return Reply(_answer("", "", success=False, said="Invalid request"))
        number, operation = str(message.get("req_id", "")), message.get("op")
        names = message.get("args", [])
        match operation:
            case "ping":
                return Reply(_answer("ping", number, said="pong"))
            case "subscribe":
                return self._subscribe(names, subscribed, number, now)
            case "unsubscribe":
                return Reply(_answer("unsubscribe", number), unsubscribe=tuple(names))
            case _:
                said = f"error:request,op:{operation}"
                return Reply(_answer(str(operation), number, success=False, said=said))

    def closed(self, topic: Topic, opened: int) -> str | None:
        """Return the message that holds the closed candle and the next one, just opened."""
        frame, contract = topic.timeframe, self._contract(topic, opened)
        if frame is None or contract is None:
            return None
        closes = frame.close_time(opened)
        rows = [
            self._candle(contract, frame, opened, closes, closed=True),
            self._candle(contract, frame, closes, closes, closed=False),
        ]
        known = [row for row in rows if row is not None]
        return _candles(topic, known, closes) if rows[0] is not None else None

    def update(self, topic: Topic, now: int) -> Row | list[Row] | None:
        """Return the forming candle or the ticker as it stands."""
        contract = self._contract(topic, now)
        if contract is None or contract.status(now) != "TRADING":
            return None
        if topic.timeframe is not None:
            opened = topic.timeframe.open_time(now)
            return self._candle(contract, topic.timeframe, opened, now, closed=False)
        mark = self._view.marks([contract], now)[0]
        if mark is None:
            return None
        row = ticker(contract, mark, self._view, now)
        kept = {key: value for key, value in row.items() if key not in _REST_ONLY}
        return {**kept, "tickDirection": "ZeroPlusTick"}

    def compose(self, topic: Topic, update: Row | list[Row], memory: Row, now: int) -> str | None:
        """Return a candle whole; of a ticker everything at first, then what has changed."""
        if isinstance(update, list):
            return None
        if topic.timeframe is not None:
            return _candles(topic, [update], now)
        kind = "delta" if memory else "snapshot"
        changed = {key: value for key, value in update.items() if memory.get(key) != value}
        memory |= update
        if not changed:
            return None
        data = {"symbol": update["symbol"], **changed}
        return json.dumps({"topic": topic.name, "type": kind, "data": data, "cs": now, "ts": now})

    def ends(self, topic: Topic) -> int:
        """Return when the topic's contract settles."""
        contract = self._view.market.contract(topic.symbol or "")
        return 0 if contract is None else contract.settles

    def _subscribe(
        self, names: object, subscribed: tuple[str, ...], number: str, now: int
    ) -> Reply:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            said = "error:args must be strings"
            return Reply(_answer("subscribe", number, success=False, said=said))
        if len("".join((*subscribed, *names))) > _LONGEST_ARGS:
            said = f"args size >{_LONGEST_ARGS}"
            return Reply(_answer("subscribe", number, success=False, said=said))
        topics = [self.topic(name, now) for name in names]
        for name, topic in zip(names, topics, strict=True):
            if topic is None:  # one wrong topic refuses them all
                said = f"Invalid topic: {name}"
                return Reply(_answer("subscribe", number, success=False, said=said))
        chosen = tuple(topic for topic in topics if topic is not None)
        return Reply(_answer("subscribe", number), subscribe=chosen)

    def _contract(self, topic: Topic, now: int) -> Contract | None:
        return self._view.contract(topic.symbol or "", now)

    def _candle(
        self, contract: Contract, frame: Timeframe, opened: int, now: int, *, closed: bool
    ) -> Row | None:
        bars = self._view.candles(
            contract.symbol, frame, now=now, limit=1, start=opened, end=opened
        )
        if not len(bars):
            return None
        name = next(name for name, unified in INTERVALS.items() if unified == frame.name)
        return {
            "start": opened,
            "end": frame.close_time(opened) - 1,
            "interval": name,
            "open": _short(contract.price(int(bars.open[0]))),
            "close": _short(contract.price(int(bars.close[0]))),
            "high": _short(contract.price(int(bars.high[0]))),
            "low": _short(contract.price(int(bars.low[0]))),
            "volume": _short(contract.quantity(int(bars.volume[0]))),
            "turnover": _short(contract.turnover(int(bars.quote_volume[0]))),
            "confirm": closed,
            "timestamp": now,
        }


def stream_routes(desk: StreamDesk, stream: BybitStream) -> list[web.RouteDef]:
    """Return the route of Bybit's stream."""

    async def linear(request: web.Request) -> web.StreamResponse:
        return await desk.attend(request, stream)

    return [web.get(PATH, linear)]


def _candles(topic: Topic, rows: list[Row], now: int) -> str:
    message = {"topic": topic.name, "data": rows, "ts": now, "type": "snapshot"}
    return json.dumps(message, separators=(",", ":"))


def _answer(operation: str, number: str, *, success: bool = True, said: str = "") -> str:
    return json.dumps(
        {
            "success": success,
            "ret_msg": said,
            "conn_id": _CONNECTION,
            "req_id": number,
            "op": operation,
        }
    )


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
