"""The whole of scoring: one frame in, one signal with everything it was made of out."""

from common.domain import (
    ANCHOR,
    SCANNED,
    Gate,
    IndicatorFrame,
    Levels,
    Signal,
    Source,
    Timeframe,
    TimeframeReading,
)
from signals.core.confidence import weigh_confidence
from signals.core.consensus import Consensus, fuse
from signals.core.gates.candles import overextension, oversized, trap_wick
from signals.core.gates.context import btc_conflict, htf_conflict, regime_conflict
from signals.core.gates.market import coverage, funding, history, liquidity, quality
from signals.core.reading import read_timeframe
from signals.core.rules import SignalRules
from signals.core.window import Window, read_window

Windows = dict[Timeframe, Window]


def score_frame(frame: IndicatorFrame, rules: SignalRules) -> Signal:
    """Score one contract; nothing is remembered, and what is missing is said to be missing."""
    windows = _windows(frame, rules)
    reference = windows[Timeframe.H1].last.close
    readings = [read_timeframe(windows[timeframe], reference, rules) for timeframe in SCANNED]
    consensus = fuse(readings, windows[ANCHOR], rules.score)
    told = {reading.told.timeframe: reading.told for reading in readings}
    confidence, factors = weigh_confidence(
        consensus, tuple(told.values()), frame.quality, frame.barometer, rules
    )
    return Signal(
        venue=frame.venue,
        symbol=frame.symbol,
        simulated=frame.simulated,
        scan_id=frame.scan_id,
        as_of=frame.as_of,
        deadline=frame.deadline,
        direction=consensus.direction,
        score=consensus.score,
        trend_score=consensus.trend,
        confidence=confidence,
        candidate=consensus.candidate,
        candidate_threshold=consensus.threshold,
        regime=consensus.regime,
        coverage=consensus.coverage,
        timeframes=tuple(told.values()),
        modifiers=consensus.modifiers,
        confidence_factors=factors,
        gates=_gates(frame, windows, told, consensus, rules),
        levels=_levels(windows, reference),
        instrument=frame.instrument,
        quality=frame.quality,
        derivatives=frame.derivatives,
        barometer=frame.barometer,
    )


def _windows(frame: IndicatorFrame, rules: SignalRules) -> Windows:
    return {
        timeframe: read_window(
            timeframe,
            frame.frames.get(timeframe),
            bars=frame.bars.get(timeframe, 0),
            slope_bars=rules.trend.slope_bars,
            with_swings=timeframe is not Timeframe.H1,
            with_volume=frame.quality.source_of(timeframe) is not Source.SPOT,
        )
        for timeframe in SCANNED
    }


def _gates(
    frame: IndicatorFrame,
    windows: Windows,
    told: dict[Timeframe, TimeframeReading],
    consensus: Consensus,
    rules: SignalRules,
) -> tuple[Gate, ...]:
    direction = consensus.direction
    limits = rules.gates
    anchor, trigger = windows[ANCHOR], windows[Timeframe.H1]
    return (
        overextension(told[ANCHOR].distance_to_ema_21_atr, direction, limits),
        trap_wick((anchor, trigger), direction, limits),
        oversized(anchor, trigger, limits),
        htf_conflict(told[Timeframe.D1], direction, limits),
        regime_conflict(told[ANCHOR], direction, limits),
        btc_conflict(frame.instrument.base, direction, frame.barometer, limits),
        liquidity(frame.instrument, limits),
        funding(frame.derivatives, direction, limits),
        quality(frame.quality, limits),
        coverage(consensus.coverage, limits),
        history(frame.bars, limits),
    )


def _levels(windows: Windows, reference: float | None) -> Levels | None:
    if reference is None or reference <= 0.0:
        return None
    anchor, daily = windows[ANCHOR], windows[Timeframe.D1]
    return Levels(
        reference=reference,
        anchor_ema_21=anchor.last.ema_21,
        anchor_atr=anchor.last.atr,
        anchor_swing_highs=anchor.swing_highs,
        anchor_swing_lows=anchor.swing_lows,
        daily_swing_highs=daily.swing_highs,
        daily_swing_lows=daily.swing_lows,
    )
