"""A signal: one score, and everything it was made of."""

from enum import StrEnum

from pydantic import Field
from typing_extensions import override

from common.domain.base import Model, Percent, Points, ScanFact, Signed, Unit, Utc
from common.domain.derivatives import Derivatives
from common.domain.direction import Direction
from common.domain.frames import IndicatorFrames
from common.domain.market import Instrument, Quality
from common.domain.scans import Barometer, Regime
from common.domain.timeframes import Timeframe


class IndicatorFrame(ScanFact):
    """The last rows of every timeframe with every indicator and pattern as a column."""

    deadline: Utc
    instrument: Instrument
    quality: Quality
    derivatives: Derivatives | None = None
    barometer: Barometer | None = None
    incomplete: tuple[Timeframe, ...] = ()
    bars: dict[Timeframe, int]
    """How many closed candles the columns were computed from."""
    frames: IndicatorFrames

    @property
    @override
    def key(self) -> str:
        return f"frame.{self.venue}.{self.symbol}.{self.scan_id}"


class Verdict(StrEnum):
    """What a gate said."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_EVALUATED = "not_evaluated"
    """Its input is missing, or the gate is not built yet: it passes, visibly."""


class GateName(StrEnum):
    """The gates a decision is made of, in the order they are listed."""

    OVEREXTENSION = "overextension"
    TRAP_WICK = "trap_wick"
    OVERSIZED = "oversized"
    HTF_CONFLICT = "htf_conflict"
    REGIME_CONFLICT = "regime_conflict"
    BTC_CONFLICT = "btc_conflict"
    LIQUIDITY = "liquidity"
    FUNDING = "funding"
    QUALITY = "quality"
    COVERAGE = "coverage"
    HISTORY = "history"
    NO_ENTRY = "no_entry"
    STOP_TOO_WIDE = "stop_too_wide"
    NET_RR = "net_rr"
    OPEN_PLAN = "open_plan"
    COOLDOWN = "cooldown"


class Gate(Model):
    """One condition a setup must meet, with what was found and what would change the verdict."""

    name: str
    verdict: Verdict
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    """What value and threshold are measured in: `ATR`, `%`, `bps`, `points` …"""
    timeframe: Timeframe | None = None
    detail: str = ""
    """One short sentence for people."""
    flip: str | None = None
    """The nearest change that would turn the verdict."""


class Vote(Model):
    """One indicator's opinion on one timeframe; null value: it could not vote."""

    name: str
    value: Signed | None
    weight: Unit
    """Its share among the votes that were cast, in this timeframe's regime; 0 when it has none."""


class RegimeReading(Model):
    """A timeframe's regime and the numbers that decided it."""

    regime: Regime
    trendiness: Unit
    """0 is a range, 1 a trend: what the weights of the votes are mixed by."""
    squeeze: bool
    adx: float | None
    plus_di: float | None
    minus_di: float | None
    bollinger_width_percentile: Percent | None
    atr_percentile: Percent | None


class TrendPart(Model):
    """One term of a trend score: value times weight, summed and renormalised, times 100."""

    name: str
    value: Signed | None
    weight: Unit


class TimeframeReading(Model):
    """What one timeframe says."""

    timeframe: Timeframe
    weight: Unit
    bars: int = Field(ge=0)
    close: float | None
    atr: float | None
    ema_21: float | None
    distance_to_ema_21_atr: float | None
    """Signed: positive when the reference price is above the EMA."""
    regime: RegimeReading | None
    votes: tuple[Vote, ...]
    score: Points | None
    trend_parts: tuple[TrendPart, ...]
    trend_score: Points | None


class Modifier(Model):
    """A small correction of the score by a pattern or a streak."""

    name: str
    points: float


class Factor(Model):
    """One factor or term of the confidence."""

    name: str
    value: float


class Levels(Model):
    """The prices a plan is built from, all known at `as_of`."""

    reference: float = Field(gt=0)
    """Close of the newest closed 1h candle."""
    anchor_ema_21: float | None
    anchor_atr: float | None
    anchor_swing_highs: tuple[float, ...]
    """Confirmed 4h swing highs, newest first."""
    anchor_swing_lows: tuple[float, ...]
    daily_swing_highs: tuple[float, ...]
    daily_swing_lows: tuple[float, ...]


class Signal(ScanFact):
    """A contract's score in one scan, taken apart; the planner needs nothing else."""

    deadline: Utc
    direction: Direction | None
    """The score's sign; null when there is no score or it is exactly zero."""
    score: Points | None
    trend_score: Points | None
    confidence: Percent | None
    """A conviction from 0 to 100; not a probability."""
    candidate: bool
    """True when the score is strong enough to be planned."""
    candidate_threshold: Percent
    regime: Regime | None
    coverage: Unit
    """Share of the timeframes' weight whose votes could be cast."""
    timeframes: tuple[TimeframeReading, ...]
    modifiers: tuple[Modifier, ...]
    confidence_factors: tuple[Factor, ...]
    gates: tuple[Gate, ...]
    levels: Levels | None
    instrument: Instrument
    quality: Quality
    derivatives: Derivatives | None = None
    barometer: Barometer | None = None

    @property
    @override
    def key(self) -> str:
        return f"signal.{self.venue}.{self.symbol}.{self.scan_id}"
