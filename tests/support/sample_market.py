"""A small made-up market for screens: plans in every state, blocked setups, one failure.

`facts` is what one scan tells; `answer_charts` answers a dashboard's chart requests from seeded
random walks, so that a screen can be filled without any other service.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from common import codec
from common.bus import Bus, Reply
from common.domain import (
    ClockReply,
    ClockRequest,
    Direction,
    EntryKind,
    Fact,
    Failure,
    FrameRequest,
    OutcomeStep,
    RejectionKind,
    ScanReply,
    ScanRequest,
    TradePlan,
)
from tests.support import facts

FOUR_HOURS: Final = timedelta(hours=4)

_LONG, _SHORT = Direction.LONG, Direction.SHORT
_MARKET, _PULLBACK = EntryKind.MARKET, EntryKind.PULLBACK

# symbol, direction, price, tick, entry, mark in ATR from entry in the trade's direction, confidence
PLANS: Final = (
    ("BTCUSDT", _LONG, 91_250.4, "0.1", _MARKET, 0.12, 71.0),
    ("SOLUSDT", _SHORT, 138.42, "0.01", _PULLBACK, 0.9, 66.0),
    ("XRPUSDT", _LONG, 2.1345, "0.0001", _MARKET, 0.74, 62.0),
    ("1000PEPEUSDT", _LONG, 0.0068123, "0.0000001", _MARKET, 2.5, 58.0),
    ("LINKUSDT", _SHORT, 13.871, "0.001", _MARKET, -0.2, 57.0),
    ("AVAXUSDT", _LONG, 14.263, "0.001", _PULLBACK, -0.3, 54.0),
    ("NEARUSDT", _SHORT, 1.7315, "0.0001", _MARKET, -1.7, 49.0),
    ("INJUSDT", _LONG, 5.214, "0.001", _MARKET, -1.6, 47.0),
)
BLOCKED: Final = (
    ("ETHUSDT", "overextension", 3122.5, 64.0),
    ("DOGEUSDT", "btc_conflict", 0.14211, -57.0),
    ("ADAUSDT", "trap_wick", 0.42117, 55.0),
    ("SUIUSDT", "regime_conflict", 1.6723, 53.0),
    ("OPUSDT", "net_rr", 0.31122, -51.0),
)
NO_SETUP: Final = ("APTUSDT", "ARBUSDT", "ATOMUSDT", "DOTUSDT", "FILUSDT", "LTCUSDT", "UNIUSDT")
FAILED: Final = Failure(symbol="TIAUSDT", stage="fetcher", reason="klines: the venue answered 500")


def scan_facts(as_of: datetime = facts.AS_OF) -> Sequence[Fact]:
    """Tell one whole scan: its decisions, their signals and derivatives, and its completion."""
    told: list[Fact] = []
    for place, (symbol, direction, price, tick, kind, _, confidence) in enumerate(PLANS):
        atr = _atr(price)
        told += [
            facts.signal(symbol, score=direction.sign * (72.0 - 3 * place), as_of=as_of),
            facts.derivatives(symbol, mark_price=price, index_price=price, observed_at=as_of),
            facts.plan(
                symbol,
                direction,
                price=price,
                atr=atr,
                tick=tick,
                kind=kind,
                as_of=as_of,
                confidence=confidence,
                score=direction.sign * (72.0 - 3 * place),
                rank=confidence * 1.93,
                warnings=("resistance at 0.9 R",) if place == 0 else (),
            ),
        ]
    for symbol, refused, price, score in BLOCKED:
        way = _LONG if score > 0 else _SHORT
        told += [
            facts.signal(symbol, score=score, as_of=as_of),
            facts.rejection(
                symbol, refused=refused, as_of=as_of, reference=price, score=score, direction=way
            ),
        ]
    told += [
        facts.rejection(symbol, RejectionKind.NO_SETUP, refused=None, as_of=as_of)
        for symbol in NO_SETUP
    ]
    stopped = next(
        fact for fact in told if isinstance(fact, TradePlan) and fact.symbol == "INJUSDT"
    )
    told.append(facts.outcome(stopped, OutcomeStep.STOPPED))
    told.append(
        facts.scan_completed(
            planned=[plan[0] for plan in PLANS],
            blocked=[blocked[0] for blocked in BLOCKED],
            no_setup=NO_SETUP,
            failures=[FAILED],
            as_of=as_of,
        )
    )
    return told


def plan_of(symbol: str) -> TradePlan:
    """Return the plan this market has for a contract."""
    return next(
        fact for fact in scan_facts() if isinstance(fact, TradePlan) and fact.symbol == symbol
    )


def labels(plan: TradePlan) -> list[str]:
    """Write what a chart must say about a market entry, from the highest price down."""
    tp1, tp2 = plan.targets
    ladder = [
        (tp2.price, f"TP2 {tp2.price:,} · 3.0 R"),
        (tp1.price, f"TP1 {tp1.price:,} · 1.5 R"),
        (plan.entry.do_not_chase, f"Do not chase {plan.entry.do_not_chase:,}"),
        (plan.entry.price, f"Entry {plan.entry.price:,}"),
        (plan.stop, f"Stop {plan.stop:,} · −1 R"),
    ]
    return [label for _, label in sorted(ladder, reverse=True)]


def marks_fact(as_of: datetime = facts.AS_OF, *, moved: Mapping[str, float] | None = None) -> Fact:
    """Tell where every contract's mark price is; `moved` puts some elsewhere, in ATR from entry."""
    prices = {
        symbol: price + direction.sign * (moved or {}).get(symbol, away) * _atr(price)
        for symbol, direction, price, _, _, away, _ in PLANS
    }
    prices |= {symbol: price * 1.004 for symbol, _, price, _ in BLOCKED}
    return facts.marks(prices, at=as_of + timedelta(minutes=21))


def operations_facts(services: Sequence[str]) -> Sequence[Fact]:
    """Tell that these services are alive, and what they use."""
    told: list[Fact] = [facts.dead_letter()]
    for service in services:
        told += [facts.heartbeat(service), facts.resource_usage(service)]
    return told


async def answer_questions(bus: Bus) -> None:
    """Answer what a dashboard asks: charts, the venue's time, scans."""

    async def chart(body: bytes) -> Reply:
        asked = FrameRequest.model_validate_json(body)
        price = next((plan[2] for plan in PLANS if plan[0] == asked.symbol), 50.0)
        drawn = facts.chart_frame(
            asked.symbol,
            asked.timeframe,
            rows=asked.rows,
            last=price,
            seed=sum(map(ord, asked.symbol)),
        )
        return Reply(body=codec.encode(drawn))

    async def clock(body: bytes) -> Reply:
        ClockRequest.model_validate_json(body)
        told = ClockReply(
            now=facts.AS_OF + timedelta(minutes=21),
            speed=1.0,
            next_close=facts.AS_OF + timedelta(hours=4),
            simulated=True,
        )
        return Reply(body=told.model_dump_json().encode())

    async def scan(body: bytes) -> Reply:
        asked = ScanRequest.model_validate_json(body)
        told = ScanReply(scan_id=facts.scan_of(venue=asked.venue), reused=not asked.force)
        return Reply(body=told.model_dump_json().encode())

    await bus.answer(FrameRequest.subject, chart)
    await bus.answer(ClockRequest.subject, clock, target=facts.VENUE)
    await bus.answer(ScanRequest.subject, scan, target=facts.VENUE)


def _atr(price: float) -> float:
    return float(Decimal(str(price)) * Decimal("0.018"))
