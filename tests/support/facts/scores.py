"""A signal with its timeframes, votes and regime."""

from datetime import timedelta
from typing import Any, Final

from common.domain import (
    SCANNED,
    Direction,
    Levels,
    Quality,
    Regime,
    RegimeReading,
    Signal,
    Timeframe,
    TimeframeReading,
    TrendPart,
    Vote,
)
from tests.support.facts.decisions import gates
from tests.support.facts.shared import AS_OF, VENUE, instrument, scan_of

_VOTES: Final = ("ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend")
_WEIGHTS: Final = {Timeframe.D1: 0.35, Timeframe.H4: 0.45, Timeframe.H1: 0.20}


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
