"""Gates, plans, rejections, outcomes and what the analyst says of a plan."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from common.domain import (
    AnalystNote,
    Costs,
    Direction,
    Entry,
    EntryKind,
    Eta,
    Gate,
    Outcome,
    OutcomeStep,
    Regime,
    Rejection,
    RejectionKind,
    Source,
    Stance,
    Target,
    Timeframe,
    TradePlan,
    Verdict,
)
from tests.support.facts.shared import AS_OF, VENUE, scan_of


def gate(name: str = "overextension", verdict: Verdict = Verdict.PASSED, **changes: Any) -> Gate:
    fields: dict[str, Any] = {
        "name": name,
        "verdict": verdict,
        "value": 0.6,
        "threshold": 2.0,
        "unit": "ATR",
        "timeframe": Timeframe.H4,
        "detail": "distance to EMA 21 in the trade's direction",
        "flip": None,
    }
    return Gate(**(fields | changes))


def gates(refused: str | None = None) -> tuple[Gate, ...]:
    """Every gate of the rules; `refused` names the one that says no."""
    known = (
        gate("overextension", value=0.6, threshold=2.0, unit="ATR"),
        gate("trap_wick", value=0.2, threshold=0.6, unit="ATR", detail="adverse wick"),
        gate("oversized", value=1.1, threshold=2.5, unit="ATR", detail="true range"),
        gate("htf_conflict", value=31.0, threshold=-40.0, unit="points", timeframe=Timeframe.D1),
        gate("regime_conflict", value=44.0, threshold=10.0, unit="points", detail="trend of 4h"),
        gate("btc_conflict", value=12.0, threshold=-60.0, unit="points", timeframe=None),
        gate("liquidity", value=350.0, threshold=20.0, unit="M USDT", timeframe=None),
        gate("funding", value=0.01, threshold=0.10, unit="%", timeframe=None),
        gate("quality", value=1.0, threshold=0.8, unit="", timeframe=None, detail=""),
        gate("net_rr", value=1.9, threshold=1.2, unit="R", timeframe=None, detail=""),
        gate("open_plan", Verdict.NOT_EVALUATED, value=None, threshold=None, unit="", detail=""),
    )
    return tuple(
        one.model_copy(
            update={
                "verdict": Verdict.REFUSED,
                "value": 2.6,
                "flip": f"needs {one.threshold} {one.unit}, has 2.6",
            }
        )
        if one.name == refused
        else one
        for one in known
    )


def plan(
    symbol: str = "BTCUSDT",
    direction: Direction = Direction.LONG,
    *,
    price: float = 100.0,
    atr: float = 2.0,
    tick: str = "0.01",
    kind: EntryKind = EntryKind.MARKET,
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
    **changes: Any,
) -> TradePlan:
    """A plan at `price`: 1.5 ATR stop, targets at 1.5 R and 3 R, do-not-chase at 0.5 ATR.

    A pull-back is proposed 1 ATR away from its entry.
    """
    sign = direction.sign
    step = Decimal(tick)

    def level(atrs: float) -> Decimal:
        return Decimal(str(round((price + sign * atrs * atr) / float(step)))) * step

    entry, stop = level(0), level(-1.5)
    deep = level(-0.5) if kind is EntryKind.PULLBACK else entry
    risk = abs(entry - stop)
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(as_of, venue=venue, number=number),
        "as_of": as_of,
        "direction": direction,
        "score": sign * 68.0,
        "trend_score": sign * 44.0,
        "confidence": 63.0,
        "regime": Regime.TRENDING_UP if sign > 0 else Regime.TRENDING_DOWN,
        "reference": price + sign * atr if kind is EntryKind.PULLBACK else price,
        "gates": gates(),
        "quality_score": 1.0,
        "source": Source.VENUE,
        "entry": Entry(
            kind=kind,
            price=entry,
            zone_low=min(entry, deep),
            zone_high=max(entry, deep),
            do_not_chase=level(0.5),
            fill_by=as_of + timedelta(hours=12),
        ),
        "stop": stop,
        "stop_kind": "atr",
        "targets": (
            Target(
                name="TP1",
                price=level(2.25),
                close_share=0.5,
                gross_r=1.5,
                net_r=1.4,
                eta=Eta(p25_hours=20, p50_hours=35, p75_hours=56),
            ),
            Target(
                name="TP2",
                price=level(4.5),
                close_share=0.5,
                gross_r=3.0,
                net_r=2.8,
                eta=Eta(p25_hours=64, p50_hours=100, p75_hours=153),
            ),
        ),
        "break_even": level(0.1),
        "risk": risk,
        "gross_rr": 2.25,
        "net_rr": 1.93,
        "costs": Costs(
            taker_fee=0.0005,
            spread_bps=1.2,
            spread_assumed=False,
            slippage_bps=2.0,
            funding_settlements=12,
            funding_signed=0.0012,
            funding_charged=0.0012,
            total=price * 0.0025,
        ),
        "max_leverage": 13,
        "max_leverage_note": "isolated margin assumed, maintenance about 1 %",
        "expires_at": as_of + timedelta(hours=153),
        "rank": 121.6,
        "tick_size": step,
        "anchor_atr": atr,
    }
    return TradePlan(**(fields | changes))


def rejection(
    symbol: str = "ETHUSDT",
    kind: RejectionKind = RejectionKind.BLOCKED,
    *,
    refused: str | None = "overextension",
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
    **changes: Any,
) -> Rejection:
    known = kind is not RejectionKind.NO_DATA
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(as_of, venue=venue, number=number),
        "as_of": as_of,
        "direction": Direction.LONG if known else None,
        "score": (61.0 if kind is RejectionKind.BLOCKED else 22.0) if known else None,
        "trend_score": 40.0 if known else None,
        "confidence": 52.0 if known else None,
        "regime": Regime.RANGING if known else None,
        "reference": 50.0 if known else None,
        "gates": gates(refused) if known else (),
        "quality_score": 1.0,
        "source": Source.VENUE,
        "kind": kind,
        "reason": f"{refused} refused" if refused else f"{kind}",
        "nearest_flip": None,
    }
    return Rejection(**(fields | changes))


def outcome(of: TradePlan, step: OutcomeStep, *, after: timedelta = timedelta(hours=1)) -> Outcome:
    return Outcome(
        venue=of.venue,
        symbol=of.symbol,
        simulated=of.simulated,
        scan_id=of.scan_id,
        as_of=of.as_of + after,
        step=step,
        direction=of.direction,
        occurred_at=of.as_of + after,
        price=of.entry.price,
        gross_r=-1.0 if step is OutcomeStep.STOPPED else None,
        net_r=-1.1 if step is OutcomeStep.STOPPED else None,
        resolution=Timeframe.H1,
    )


def note(on: TradePlan, stance: Stance = Stance.CAUTION, **changes: Any) -> AnalystNote:
    """What the analyst said of a plan."""
    fields: dict[str, Any] = {
        "venue": on.venue,
        "symbol": on.symbol,
        "simulated": on.simulated,
        "scan_id": on.scan_id,
        "as_of": on.as_of,
        "stance": stance,
        "reasons": ("Resistance stands before the first target.",),
        "model": "qwen3:4b",
        "prompt_version": "abc",
    }
    return AnalystNote(**(fields | changes))
