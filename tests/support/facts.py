"""Sample facts for tests: each builder returns a valid fact and takes what the test cares about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl

from common.domain import (
    SCANNED,
    AnalystNote,
    Barometer,
    Cluster,
    Costs,
    DeadLetter,
    Delisting,
    Derivatives,
    Direction,
    Entry,
    EntryKind,
    Eta,
    Exclusion,
    ExclusionRule,
    Failure,
    Gate,
    Heartbeat,
    IndicatorFrame,
    Instrument,
    Levels,
    ListedContract,
    Marks,
    Outcome,
    OutcomeStep,
    Quality,
    Regime,
    RegimeReading,
    Rejection,
    RejectionKind,
    ResourceUsage,
    ScanCompleted,
    ScanKind,
    ScanStarted,
    ServiceState,
    Signal,
    Source,
    StageTiming,
    Stance,
    Target,
    Timeframe,
    TimeframeReading,
    TradePlan,
    TrendPart,
    Underlying,
    UniverseSnapshot,
    Verdict,
    Vote,
    scan_id,
)

VENUE: Final = "binance"
AS_OF: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""Close time of the newest candle in every fact, unless the test says otherwise."""

_VOTES: Final = ("ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend")
_WEIGHTS: Final = {Timeframe.D1: 0.35, Timeframe.H4: 0.45, Timeframe.H1: 0.20}


def scan_of(as_of: datetime = AS_OF, *, venue: str = VENUE, number: int = 0) -> str:
    return scan_id(venue, as_of, ScanKind.SCHEDULED, number)


def instrument(symbol: str = "BTCUSDT", *, venue: str = VENUE, **changes: Any) -> Instrument:
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "base": symbol.removesuffix("USDT") or symbol,
        "quote": "USDT",
        "settle": "USDT",
        "tick_size": Decimal("0.01"),
        "step_size": Decimal("0.001"),
        "min_notional": Decimal(5),
        "max_leverage": 75,
        "quote_volume_24h": 350e6,
        "spread_bps": 1.2,
        "listed_since": datetime(2020, 1, 1, tzinfo=UTC),
        "simulated": True,
    }
    return Instrument(**(fields | changes))


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


def signal(symbol: str = "BTCUSDT", *, score: float = 68.0, **changes: Any) -> Signal:
    lean = max(-1.0, min(1.0, score / 80))
    fields: dict[str, Any] = {
        "venue": VENUE,
        "symbol": symbol,
        "simulated": True,
        "scan_id": scan_of(changes.get("as_of", AS_OF), venue=changes.get("venue", VENUE)),
        "as_of": AS_OF,
        "deadline": AS_OF + timedelta(minutes=5),
        "direction": Direction.LONG if score > 0 else Direction.SHORT,
        "score": score,
        "trend_score": score * 0.7,
        "confidence": 63.0,
        "candidate": abs(score) >= 50,
        "candidate_threshold": 50.0,
        "regime": Regime.TRENDING_UP if score > 0 else Regime.TRENDING_DOWN,
        "coverage": 1.0,
        "timeframes": tuple(reading(timeframe, lean) for timeframe in SCANNED),
        "modifiers": (),
        "confidence_factors": (),
        "gates": gates(),
        "levels": Levels(
            reference=100.0,
            anchor_ema_21=99.0,
            anchor_atr=2.0,
            anchor_swing_highs=(104.0,),
            anchor_swing_lows=(95.0,),
            daily_swing_highs=(110.0,),
            daily_swing_lows=(90.0,),
        ),
        "instrument": instrument(symbol),
        "quality": Quality(score=1.0),
    }
    return Signal(**(fields | changes))


def reading(timeframe: Timeframe, lean: float) -> TimeframeReading:
    spread = (0.9, 0.5, 0.2, -0.3, 0.6, 1.0)
    votes = tuple(
        Vote(name=name, value=max(-1.0, min(1.0, lean * share)), weight=1 / len(_VOTES))
        for name, share in zip(_VOTES, spread, strict=True)
    )
    return TimeframeReading(
        timeframe=timeframe,
        weight=_WEIGHTS[timeframe],
        bars=300,
        close=100.0,
        atr=2.0,
        ema_21=99.0,
        distance_to_ema_21_atr=0.5 * lean,
        regime=RegimeReading(
            regime=Regime.TRENDING_UP if lean > 0 else Regime.TRENDING_DOWN,
            trendiness=0.8,
            squeeze=False,
            adx=27.0,
            plus_di=26.0,
            minus_di=14.0,
            bollinger_width_percentile=55.0,
            atr_percentile=48.0,
        ),
        votes=votes,
        score=100 * lean * 0.6,
        trend_parts=(TrendPart(name="ema_vote", value=lean, weight=1.0),),
        trend_score=100 * lean * 0.7,
    )


def derivatives(symbol: str = "BTCUSDT", *, venue: str = VENUE, **changes: Any) -> Derivatives:
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "simulated": True,
        "observed_at": AS_OF,
        "mark_price": 100.1,
        "index_price": 100.0,
        "basis_bps": 10.0,
        "funding_rate": 0.00005,
        "funding_interval_hours": 4.0,
        "funding_rate_8h": 0.0001,
        "funding_rate_year": 0.1095,
        "next_funding_at": AS_OF + timedelta(hours=4),
        "open_interest": 81_234.5,
        "open_interest_usd": 8_131_573.0,
        "open_interest_change_1h": 0.012,
        "open_interest_change_4h": None,
        "open_interest_change_24h": -0.034,
        "open_interest_at": AS_OF - timedelta(seconds=7),
        "open_interest_usd_change_1h": 0.014,
        "open_interest_usd_change_24h": -0.052,
        "price_change_4h": 0.008,
        "long_share": 0.625,
        "long_short_ratio": 1.6667,
        "long_short_at": AS_OF - timedelta(minutes=5),
    }
    return Derivatives(**(fields | changes))


def listed(symbol: str = "BTCUSDT", **changes: Any) -> ListedContract:
    fields: dict[str, Any] = {
        "symbol": symbol,
        "base": symbol.removesuffix("USDT"),
        "quote": "USDT",
        "settle": "USDT",
        "asset": symbol.removesuffix("USDT"),
        "units": 1,
        "underlying": Underlying.COIN,
        "perpetual": True,
        "status": "TRADING",
        "listed_since": datetime(2020, 1, 1, tzinfo=UTC),
        "ends_at": None,
        "quote_volume_24h": 350e6,
        "spread_bps": 1.2,
        "excluded": None,
    }
    return ListedContract(**(fields | changes))


def universe_snapshot(
    *contracts: ListedContract, as_of: datetime = AS_OF, venue: str = VENUE, **changes: Any
) -> UniverseSnapshot:
    """A venue that lists one scanned coin and one stock, unless the test says otherwise."""
    stock = Exclusion(rule=ExclusionRule.UNDERLYING, reason="it must follow a coin, was stock")
    fields: dict[str, Any] = {
        "venue": venue,
        "simulated": True,
        "day": as_of.date(),
        "as_of": as_of,
        "contracts": contracts
        or (listed("AAPLUSDT", underlying=Underlying.STOCK, excluded=stock), listed()),
        "unreadable": {},
    }
    return UniverseSnapshot(**(fields | changes))


def delisting(
    symbol: str = "ETHUSDT", *, venue: str = VENUE, ends_at: datetime = AS_OF + timedelta(days=7)
) -> Delisting:
    return Delisting(venue=venue, symbol=symbol, simulated=True, ends_at=ends_at, observed_at=AS_OF)


def marks(prices: dict[str, float], *, at: datetime = AS_OF, venue: str = VENUE) -> Marks:
    return Marks(venue=venue, simulated=True, observed_at=at, prices=prices)


def barometer(as_of: datetime = AS_OF, *, venue: str = VENUE) -> Barometer:
    return Barometer(
        scan_id=scan_of(as_of, venue=venue),
        as_of=as_of,
        counted=4,
        share_long=0.62,
        mean_trend=11.0,
        btc_trend=34.0,
        btc_regime=Regime.TRENDING_UP,
    )


def scan_started(
    symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT"),
    *,
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
) -> ScanStarted:
    return ScanStarted(
        venue=venue,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue, number=number),
        kind=ScanKind.SCHEDULED,
        as_of=as_of,
        deadline=as_of + timedelta(minutes=5),
        symbols=tuple(symbols),
    )


def scan_completed(
    *,
    planned: Sequence[str] = ("BTCUSDT",),
    blocked: Sequence[str] = ("ETHUSDT",),
    no_setup: Sequence[str] = (),
    no_data: Sequence[str] = (),
    failures: Sequence[Failure] = (),
    clusters: Sequence[Cluster] = (),
    as_of: datetime = AS_OF,
    venue: str = VENUE,
    number: int = 0,
) -> ScanCompleted:
    return ScanCompleted(
        venue=venue,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue, number=number),
        kind=ScanKind.SCHEDULED,
        as_of=as_of,
        universe=sum(map(len, (planned, blocked, no_setup, no_data, failures))),
        planned=tuple(planned),
        blocked=tuple(blocked),
        no_setup=tuple(no_setup),
        no_data=tuple(no_data),
        failures=tuple(failures),
        duration_seconds=6.4,
        stages=(
            StageTiming(stage="fetcher", first_seconds=0.2, last_seconds=4.1),
            StageTiming(stage="planner", first_seconds=0.9, last_seconds=6.4),
        ),
        barometer=barometer(as_of, venue=venue),
        clusters=tuple(clusters),
        next_close=as_of + timedelta(hours=4),
    )


def heartbeat(
    service: str = "fetcher",
    *,
    instance: str = "1",
    state: ServiceState = ServiceState.RUNNING,
    detail: str = "",
    at: datetime = AS_OF,
) -> Heartbeat:
    return Heartbeat(service=service, instance=instance, state=state, detail=detail, at=at)


def resource_usage(service: str = "fetcher", *, at: datetime = AS_OF) -> ResourceUsage:
    return ResourceUsage(
        service=service,
        instance="1",
        at=at,
        scan_id=scan_of(),
        window_seconds=60.0,
        cpu_seconds=9.0,
        core_equivalents=0.15,
        rss_peak_bytes=180_000_000,
        open_files=41,
        event_loop_lag_seconds=0.004,
        pending_messages=0,
    )


def dead_letter(service: str = "signals", *, sequence: int = 7, reason: str = "") -> DeadLetter:
    return DeadLetter(
        service=service,
        subject=f"indicators.frame.{VENUE}.BTCUSDT",
        fact="IndicatorFrame/1",
        reason=reason or "close must be positive, was -1",
        deliveries=5,
        stream_sequence=sequence,
        venue=VENUE,
        symbol="BTCUSDT",
        scan_id=scan_of(),
        body_base64="AAAA",
    )


def chart_frame(
    symbol: str = "BTCUSDT",
    timeframe: Timeframe = Timeframe.H4,
    *,
    rows: int = 300,
    last: float = 100.0,
    seed: int = 7,
    as_of: datetime = AS_OF,
    venue: str = VENUE,
) -> IndicatorFrame:
    """Candles of a seeded random walk that ends at `last`, with the EMAs a chart shows."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 0.006, rows) + 0.002 * np.sin(np.arange(rows) / 23)
    closes = np.exp(np.cumsum(steps))
    closes *= last / closes[-1]
    opens = np.concatenate(([closes[0]], closes[:-1]))
    wicks = np.abs(random.normal(0, 0.004, (2, rows)))
    end = int(timeframe.floor(as_of).timestamp() * 1000)
    frame = pl.DataFrame(
        {
            "open_time": [end - (rows - row) * timeframe.milliseconds for row in range(rows)],
            "open": opens,
            "high": np.maximum(opens, closes) * (1 + wicks[0]),
            "low": np.minimum(opens, closes) * (1 - wicks[1]),
            "close": closes,
            "volume": random.lognormal(10, 0.5, rows),
        }
    ).with_columns(
        pl.col("close").ewm_mean(span=span, adjust=False).alias(f"ema_{span}")
        for span in (9, 21, 50, 200)
    )
    return IndicatorFrame(
        venue=venue,
        symbol=symbol,
        simulated=True,
        scan_id=scan_of(as_of, venue=venue),
        as_of=as_of,
        deadline=as_of + timedelta(minutes=5),
        instrument=instrument(symbol, venue=venue),
        quality=Quality(score=1.0),
        bars={timeframe: rows},
        frames={timeframe: frame},
    )
