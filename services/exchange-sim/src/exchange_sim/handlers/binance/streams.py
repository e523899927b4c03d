"""Binance's market streams: candles, mark prices and tickers, subscribed to by name."""

import json
import re

from aiohttp import web
from typing_extensions import override

from exchange_sim.core.contracts import Contract
from exchange_sim.core.timeframes import TIMEFRAMES, Timeframe
from exchange_sim.handlers.binance import prices
from exchange_sim.handlers.streams.desk import StreamDesk
from exchange_sim.handlers.streams.dialect import Reply, Row, Topic
from exchange_sim.handlers.view import MarketView

_NAME = re.compile(r"(?P<symbol>[a-z0-9_]+)@(?P<kind>[a-zA-Z]+)(?:[_@](?P<detail>\w+))?")
_ALL = {
    topic.name: topic
    for topic in (
        Topic("!markPrice@arr", "mark", None, every=3.0),
        Topic("!markPrice@arr@1s", "mark", None, every=1.0),
        Topic("!miniTicker@arr", "mini", None, every=1.0),
        Topic("!ticker@arr", "ticker", None, every=1.0),
    )
}
_MOST_TOPICS = 1_024
_TURNS = 5  # an array of tickers holds those that changed: a fifth of them at a time


class BinanceStream:
    """What `/market/ws` speaks."""

    venue = "binance"
    route = "/market/ws"
    most_connects = 300
    most_messages = 10
    refused_connect = 429
    pings = True

    def __init__(self, view: MarketView) -> None:
        self.view = view
        self._turn = 0

    def topic(self, name: str) -> Topic | None:
        """Return the topic of that name, None where Binance would send nothing."""
        if name in _ALL:
            return _ALL[name]
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        symbol, detail = match["symbol"].upper(), match["detail"]
        known = {
            ("kline", detail): Topic(name, "kline", symbol, TIMEFRAMES.get(detail or "")),
            ("markPrice", None): Topic(name, "mark", symbol, every=3.0),
            ("markPrice", "1s"): Topic(name, "mark", symbol, every=1.0),
            ("miniTicker", None): Topic(name, "mini", symbol),
            ("ticker", None): Topic(name, "ticker", symbol),
        }
        topic = known.get((match["kind"], detail))
        return None if topic is None or _formless(topic) else topic

    def reply(self, text: str, subscribed: tuple[str, ...], now: int) -> Reply:
        """Return what SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS bring about."""
        del now
        message = _read(text)
        if message is None:
            return Reply(_error(3, "Invalid JSON: expected an object", None))
        number, names = message.get("id"), message.get("params", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return Reply(_error(2, "Invalid request: params must be strings", number))
        match message.get("method"):
            case "SUBSCRIBE":
                return self._subscribe(names, subscribed, number)
            case "UNSUBSCRIBE":
                return Reply(_done(None, number), unsubscribe=tuple(names))
            case "LIST_SUBSCRIPTIONS":
                return Reply(_done(list(subscribed), number))
            case method:
                return Reply(_error(2, f"Invalid request: unknown variant `{method}`", number))

    def closed(self, topic: Topic, opened: int) -> str | None:
        """Return the candle's last message, the one with `x` true."""
        frame = topic.timeframe
        contract = self._contract(topic, opened)
        if frame is None or contract is None:
            return None
        closes = frame.close_time(opened)
        row = self._candle(contract, frame, opened, closes, closed=True)
        return None if row is None else json.dumps(row, separators=(",", ":"))

    def update(self, topic: Topic, now: int) -> Row | list[Row] | None:
        """Return the forming candle, the mark price or the ticker as it stands."""
        if topic.symbol is None:
            return self._everyone(topic, now)
        contract = self._contract(topic, now)
        if contract is None or contract.status(now) != "TRADING":
            return None
        if topic.timeframe is not None:
            opened = topic.timeframe.open_time(now)
            return self._candle(contract, topic.timeframe, opened, now, closed=False)
        return next(iter(self._rows(topic, [contract], now)), None)

    def compose(self, topic: Topic, update: Row | list[Row], memory: Row, now: int) -> str | None:
        """Return the update as it is: Binance's messages are whole."""
        del topic, memory, now
        return json.dumps(update, separators=(",", ":"))

    def ends(self, topic: Topic) -> int:
        """Return when the topic's contract settles."""
        contract = self.view.market.contract(topic.symbol or "")
        return 0 if contract is None else contract.settles

    def _subscribe(self, names: list[str], subscribed: tuple[str, ...], number: object) -> Reply:
        if len(set(subscribed) | set(names)) > _MOST_TOPICS:
            return Reply(_error(2, "Invalid request: too many streams", number))
        return Reply(_done(None, number), subscribe=_topics(self, names))

    def _contract(self, topic: Topic, now: int) -> Contract | None:
        return self.view.contract(topic.symbol or "", now)

    def _everyone(self, topic: Topic, now: int) -> list[Row]:
        trading = [one for one in self.view.contracts(now) if one.status(now) == "TRADING"]
        if topic.kind != "mark":
            self._turn += 1
            trading = trading[self._turn % _TURNS :: _TURNS]
        return self._rows(topic, trading, now)

    def _rows(self, topic: Topic, contracts: list[Contract], now: int) -> list[Row]:
        if topic.kind == "mark":
            return _marks(self.view, contracts, now)
        days = (prices.day_row(contract, self.view, now) for contract in contracts)
        write = _mini if topic.kind == "mini" else _ticker
        return [write(day) for day in days if day is not None]

    def _candle(
        self, contract: Contract, frame: Timeframe, opened: int, now: int, *, closed: bool
    ) -> Row | None:
        bars = self.view.candles(contract.symbol, frame, now=now, limit=1, start=opened, end=opened)
        if not len(bars):
            return None
        first = opened // 1_000
        trades = int(bars.trades[0])
        return {
            "e": "kline",
            "E": now,
            "s": contract.symbol,
            "k": {
                "t": opened,
                "T": frame.close_time(opened) - 1,
                "s": contract.symbol,
                "i": frame.name,
                "f": first,
                "L": first + trades - 1,
                "o": contract.price(int(bars.open[0])),
                "c": contract.price(int(bars.close[0])),
                "h": contract.price(int(bars.high[0])),
                "l": contract.price(int(bars.low[0])),
                "v": contract.quantity(int(bars.volume[0])),
                "n": trades,
                "x": closed,
                "q": contract.turnover(int(bars.quote_volume[0])),
                "V": contract.quantity(int(bars.taker_volume[0])),
                "Q": contract.turnover(int(bars.taker_quote_volume[0])),
                "B": "0",
            },
        }


def stream_routes(desk: StreamDesk, stream: BinanceStream) -> list[web.RouteDef]:
    """Return the routes of Binance's streams.

    What is not below `/market` has not carried market streams since April 2026: it confirms
    subscriptions and stays silent.
    """

    async def raw(request: web.Request) -> web.StreamResponse:
        names = request.match_info.get("streams", "").split("/")
        return await desk.attend(request, stream, topics=_topics(stream, names))

    async def combined(request: web.Request) -> web.StreamResponse:
        names = request.query.get("streams", "").split("/")
        return await desk.attend(request, stream, topics=_topics(stream, names), combined=True)

    silent = SilentStream(stream.view)

    async def retired(request: web.Request) -> web.StreamResponse:
        return await desk.attend(request, silent)

    return [
        web.get("/market/ws", raw),
        web.get("/market/ws/{streams:.+}", raw),
        web.get("/market/stream", combined),
        web.get("/ws", retired),
        web.get("/ws/{streams:.+}", retired),
        web.get("/public/ws", retired),
        web.get("/public/ws/{streams:.+}", retired),
    ]


class SilentStream(BinanceStream):
    """A retired address: every subscription is confirmed and none is served."""

    route = "/ws"

    @override
    def topic(self, name: str) -> Topic | None:
        """Return None: nothing is sent from here."""
        del name
        return None


def _formless(topic: Topic) -> bool:
    return topic.kind == "kline" and topic.timeframe is None


def _read(text: str) -> dict[str, object] | None:
    try:
        message = json.loads(text)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _topics(stream: BinanceStream, names: list[str]) -> tuple[Topic, ...]:
    topics = (stream.topic(name) for name in names)
    return tuple(topic for topic in topics if topic is not None)


def _marks(view: MarketView, contracts: list[Contract], now: int) -> list[Row]:
    rows = zip(contracts, view.marks(contracts, now), strict=True)
    premiums = [prices.premium_row(contract, mark, now) for contract, mark in rows if mark]
    return [
        {
            "e": "markPriceUpdate",
            "E": now,
            "s": row["symbol"],
            "p": row["markPrice"],
            "i": row["indexPrice"],
            "P": row["estimatedSettlePrice"],
            "r": row["lastFundingRate"],
            "T": row["nextFundingTime"],
            "st": 1,
        }
        for row in premiums
    ]


def _mini(day: Row) -> Row:
    return {
        "e": "24hrMiniTicker",
        "E": day["closeTime"],
        "s": day["symbol"],
        "c": day["lastPrice"],
        "o": day["openPrice"],
        "h": day["highPrice"],
        "l": day["lowPrice"],
        "v": day["volume"],
        "q": day["quoteVolume"],
    }


def _ticker(day: Row) -> Row:
    return {
        "e": "24hrTicker",
        "E": day["closeTime"],
        "s": day["symbol"],
        "p": day["priceChange"],
        "P": day["priceChangePercent"],
        "w": day["weightedAvgPrice"],
        "c": day["lastPrice"],
        "Q": day["lastQty"],
        "o": day["openPrice"],
        "h": day["highPrice"],
        "l": day["lowPrice"],
        "v": day["volume"],
        "q": day["quoteVolume"],
        "O": day["openTime"],
        "C": day["closeTime"],
        "F": day["firstId"],
        "L": day["lastId"],
        "n": day["count"],
        "st": 1,
    }


def _done(result: list[str] | None, number: object) -> str:
    return json.dumps({"result": result, "id": number})


def _error(code: int, message: str, number: object) -> str:
    return json.dumps({"error": {"code": code, "msg": message}, "id": number})
