"""The numbers of the decision rules that signals use; their values live in config/scanner.toml."""

from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from common.domain import Model, Percent, Timeframe, Unit
from common.domain.agreement import require_rising, require_whole


class TimeframeRules(Model):
    """How much each timeframe counts."""

    weight_1d: Unit
    weight_4h: Unit
    weight_1h: Unit

    def weight(self, timeframe: Timeframe) -> float:
        """Return the weight of one timeframe; 0 for one that is not scored."""
        match timeframe:
            case Timeframe.D1:
                return self.weight_1d
            case Timeframe.H4:
                return self.weight_4h
            case Timeframe.H1:
                return self.weight_1h
            case Timeframe.M1:
                return 0.0

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_whole(self, "weight_1d", "weight_4h", "weight_1h")
        return self


class RegimeRules(Model):
    """What tells a trend from a range, and a calm market from a wild one."""

    adx_floor: float
    adx_span: float = Field(gt=0)
    unknown_trendiness: Unit
    squeeze_percentile: Percent
    squeeze_trendiness: Unit
    trend_from: Unit
    high_volatility_atr_percentile: Percent
    high_volatility_width_percentile: Percent


class VoteWeights(Model):
    """The share of each vote in one kind of market."""

    ema_trend: Unit
    macd: Unit
    rsi: Unit
    stoch_rsi: Unit
    obv: Unit
    supertrend: Unit

    @cached_property
    def by_name(self) -> dict[str, float]:
        """The same as a mapping, made once: it is read for every frame."""
        return dict(self)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_whole(self, "ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend")
        return self


class VoteRules(Model):
    """Where each vote is full, and how much it counts in a trend and in a range."""

    ema_9_21_atr: float = Field(gt=0)
    ema_21_50_atr: float = Field(gt=0)
    ema_50_200_atr: float = Field(gt=0)
    macd_histogram_atr: float = Field(gt=0)
    macd_line_atr: float = Field(gt=0)
    macd_histogram_share: Unit
    rsi_trend_span: float = Field(gt=0)
    rsi_oversold: Percent
    rsi_overbought: Percent
    rsi_range_span: float = Field(gt=0)
    stoch_trend_span: float = Field(gt=0)
    stoch_range_span: float = Field(gt=0)
    stoch_unturned: Unit
    obv_volumes: float = Field(gt=0)
    trend: VoteWeights
    range: VoteWeights

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "rsi_oversold", "rsi_overbought", equal=True)
        return self


class TrendRules(Model):
    """The parts of the trend score."""

    ema: Unit
    slope: Unit
    directional: Unit
    supertrend: Unit
    structure: Unit
    slope_bars: int = Field(ge=1)
    directional_gain: float = Field(gt=0)
    adx_floor: float
    adx_span: float = Field(gt=0)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_whole(self, "ema", "slope", "directional", "supertrend", "structure")
        return self


class ScoreRules(Model):
    """The small corrections of the score, and when it is strong enough."""

    candidate: Percent
    candidate_high_volatility: Percent
    pattern_points: float = Field(ge=0)
    heikin_ashi_points: float = Field(ge=0)
    heikin_ashi_streak: int = Field(ge=1)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "candidate", "candidate_high_volatility", equal=True)
        return self


class GateRules(Model):
    """Every threshold a signal can be refused by."""

    overextension: float
    trap_wick_bodies: float = Field(gt=0)
    trap_wick_least_body: float = Field(gt=0)
    trap_wick_atr: float = Field(gt=0)
    trap_wick_range_share: float = Field(gt=0)
    trap_wick_volume: float = Field(gt=0)
    whipsaw_atr: float = Field(gt=0)
    whipsaw_volume: float = Field(gt=0)
    oversized: float = Field(gt=0)
    htf_conflict: Percent
    regime_conflict: Percent
    btc_conflict: Percent
    liquidity_quote_volume: float = Field(ge=0)
    liquidity_spread_bps: float = Field(ge=0)
    assumed_spread_bps: float = Field(ge=0)
    funding_percent: float = Field(ge=0)
    quality: Unit
    coverage: Unit
    history_1h: int = Field(ge=1)
    history_4h: int = Field(ge=1)
    history_1d: int = Field(ge=1)


class ConfidenceRules(Model):
    """What conviction is made of."""

    agreement: Unit
    score: Unit
    regime: Unit
    full_score: float = Field(gt=0)
    high_volatility: Unit
    btc_conflict: Unit
    btc_conflict_trend: Percent
    spot: Unit

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_whole(self, "agreement", "score", "regime")
        return self


class SignalRules(Model):
    """All of it."""

    timeframes: TimeframeRules
    regime: RegimeRules
    votes: VoteRules
    trend: TrendRules
    score: ScoreRules
    gates: GateRules
    confidence: ConfidenceRules
