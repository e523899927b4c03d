"""One market the analyst's tests speak of: a long, a short, a blocked contract, one without setup."""

# ruff: noqa: E501 - tables of numbers read better on one line

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.facts.market import derivatives_facts, indicator_facts, scan_facts
from ai_analyst.core.facts.plans import decision_facts
from ai_analyst.core.facts.signals import signal_facts
from common.domain import (
    Barometer,
    Derivatives,
    Direction,
    Entry,
    EntryKind,
    Eta,
    Failure,
    Gate,
    Levels,
    Regime,
    RegimeReading,
    Rejection,
    RejectionKind,
    ScanCompleted,
    Signal,
    Target,
    Timeframe,
    TimeframeReading,
    TradePlan,
    TrendPart,
    Verdict,
    Vote,
)
from tests.support import facts as sample

AS_OF: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOW: Final = AS_OF + timedelta(minutes=12)
UNIVERSE: Final = ("BTCUSDT", "SOLUSDT", "ETHUSDT", "DOGEUSDT", "XRPUSDT", "1000PEPEUSDT")

_VOTES: Final = ("ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend")


def btc_signal() -> Signal:
    return sample.signal(
        "BTCUSDT",
        gates=_gates(_BTC_GATES),
        score=68.2,
        trend_score=47.9,
        confidence=63.4,
        timeframes=(
            _reading("1d", 97250.0, 3105.2, 94310.0, 0.95, (31.2, 28.4, 14.9, 62.0, 48.0), 74.5, 58.3, (0.95, 0.62, 0.79, 0.12, 0.70, 1.0)),
            _reading("4h", 97250.0, 1180.4, 96120.5, 0.96, (27.4, 26.1, 15.2, 55.0, 41.0), 69.8, 47.2, (0.91, 0.48, 0.51, -0.22, 0.66, 1.0)),
            _reading("1h", 97250.0, 412.3, 97010.4, 0.58, (18.6, 22.7, 19.8, 37.0, 33.0), 54.1, 29.6, (0.44, -0.15, 0.15, 0.31, 0.28, 1.0)),
        ),
        levels=Levels(reference=97250.0, anchor_ema_21=96120.5, anchor_atr=1180.4, anchor_swing_highs=(98310.0, 99120.5), anchor_swing_lows=(95210.0, 93880.0), daily_swing_highs=(103480.0,), daily_swing_lows=(89950.0,)),
        instrument=sample.instrument("BTCUSDT", quote_volume_24h=18.4e9, spread_bps=0.1, max_leverage=125, tick_size=Decimal("0.1")),
    )  # fmt: skip


def btc_plan() -> TradePlan:
    return sample.plan(
        "BTCUSDT",
        score=68.2, trend_score=47.9, confidence=63.4, reference=97250.0,
        entry=Entry(kind=EntryKind.MARKET, price=Decimal("97250.0"), zone_low=Decimal("97250.0"), zone_high=Decimal("97250.0"), do_not_chase=Decimal("97840.2"), fill_by=AS_OF + timedelta(hours=12)),
        stop=Decimal("95479.4"), stop_kind="atr",
        targets=(
            _target("TP1", "99905.9", 1.5, 1.42, (20.0, 35.1, 56.0)),
            _target("TP2", "102561.8", 3.0, 2.92, (64.0, 100.0, 153.0)),
        ),
        break_even=Decimal("97380.0"), risk=Decimal("1770.6"), gross_rr=2.25, net_rr=1.93, max_leverage=26,
        expires_at=AS_OF + timedelta(hours=153), rank=122.4, tick_size=Decimal("0.1"), anchor_atr=1180.4,
        costs=sample.plan().costs.model_copy(update={"total": 145.2, "spread_bps": 0.1}),
        warnings=("resistance at 0.6 R",), gates=_gates(_BTC_GATES),
    )  # fmt: skip


def sol_signal() -> Signal:
    return sample.signal(
        "SOLUSDT",
        gates=_gates(_SOL_GATES),
        score=-57.3,
        trend_score=-41.6,
        confidence=54.8,
        timeframes=(
            _reading("1d", 184.32, 9.84, 191.6, -0.74, (21.3, 17.9, 22.4, 71.0, 66.0), -38.2, -22.5, (-0.41, -0.33, -0.28, 0.09, -0.37, -1.0)),
            _reading("4h", 184.32, 3.46, 187.05, -0.79, (24.8, 14.2, 25.6, 44.0, 52.0), -63.7, -48.9, (-0.72, -0.55, -0.61, 0.18, -0.47, -1.0)),
            _reading("1h", 184.32, 1.21, 185.58, -1.04, (29.5, 12.8, 27.1, 39.0, 47.0), -71.4, -58.0, (-0.83, -0.64, -0.77, -0.35, -0.52, -1.0)),
        ),
        levels=Levels(reference=184.32, anchor_ema_21=187.05, anchor_atr=3.46, anchor_swing_highs=(188.9, 192.4), anchor_swing_lows=(181.75, 178.2), daily_swing_highs=(205.6,), daily_swing_lows=(171.3,)),
        instrument=sample.instrument("SOLUSDT", quote_volume_24h=2.9e9, spread_bps=0.6, max_leverage=75),
    )  # fmt: skip


def sol_plan() -> TradePlan:
    return sample.plan(
        "SOLUSDT",
        Direction.SHORT,
        score=-57.3, trend_score=-41.6, confidence=54.8, reference=184.32,
        entry=Entry(kind=EntryKind.PULLBACK, price=Decimal("185.40"), zone_low=Decimal("185.40"), zone_high=Decimal("187.13"), do_not_chase=Decimal("183.67"), fill_by=AS_OF + timedelta(hours=12)),
        stop=Decimal("190.59"), stop_kind="structure",
        targets=(
            _target("TP1", "177.62", 1.5, 1.38, (18.0, 32.0, 51.0)),
            _target("TP2", "169.83", 3.0, 2.88, (58.0, 91.0, 139.0)),
        ),
        break_even=Decimal("185.02"), risk=Decimal("5.19"), gross_rr=2.25, net_rr=1.71, max_leverage=19,
        expires_at=AS_OF + timedelta(hours=108), rank=93.7, anchor_atr=3.46,
        costs=sample.plan().costs.model_copy(update={"total": 0.41, "spread_bps": 0.6, "funding_signed": 0.0009, "funding_charged": 0.0009}), gates=_gates(_SOL_GATES),
    )  # fmt: skip


def eth_rejection() -> Rejection:
    gates = tuple(
        gate.model_copy(
            update={
                "value": 2.62,
                "verdict": Verdict.REFUSED,
                "flip": "needs 2.0 ATR, has 2.62",
            }
        )
        if gate.name == "overextension"
        else gate
        for gate in _gates(_ETH_GATES)
    )
    return sample.rejection(
        "ETHUSDT", score=61.5, trend_score=52.8, confidence=58.2, reference=3412.7, gates=gates,
        regime=Regime.TRENDING_UP, reason="overextension refused: 2.62 ATR above EMA 21, at most 2.0",
        nearest_flip="needs 2.0 ATR, has 2.62",
    )  # fmt: skip


def eth_signal() -> Signal:
    return sample.signal(
        "ETHUSDT", gates=eth_rejection().gates, score=61.5, trend_score=52.8, confidence=58.2,
        timeframes=(
            _reading("1d", 3412.7, 121.4, 3290.4, 1.01, (22.9, 25.7, 17.3, 68.0, 57.0), 55.3, 36.4, (0.62, 0.41, 0.55, -0.12, 0.49, 1.0)),
            _reading("4h", 3412.7, 44.8, 3295.3, 2.62, (30.6, 31.8, 12.2, 83.0, 61.0), 66.2, 61.3, (0.98, 0.83, 0.72, -0.45, 0.71, 1.0)),
            _reading("1h", 3412.7, 17.9, 3371.1, 2.32, (33.8, 29.9, 10.4, 77.0, 58.0), 61.7, 62.2, (0.96, 0.74, 0.81, -0.29, 0.64, 1.0)),
        ),
        levels=Levels(reference=3412.7, anchor_ema_21=3295.3, anchor_atr=44.8, anchor_swing_highs=(3438.2,), anchor_swing_lows=(3268.5,), daily_swing_highs=(3610.0,), daily_swing_lows=(3105.6,)),
        instrument=sample.instrument("ETHUSDT", quote_volume_24h=9.7e9, spread_bps=0.2),
    )  # fmt: skip


def doge_signal() -> Signal:
    return sample.signal(
        "DOGEUSDT", gates=doge_rejection().gates, score=22.4, trend_score=9.5, confidence=31.0, regime=Regime.RANGING,
        timeframes=(
            _reading("4h", 0.3412, 0.0081, 0.3387, 0.31, (15.4, 19.6, 18.1, 29.0, 24.0), 20.8, 8.7, (0.21, 0.09, 0.13, 0.34, 0.18, 1.0)),
        ),
        levels=Levels(reference=0.3412, anchor_ema_21=0.3387, anchor_atr=0.0081, anchor_swing_highs=(0.3561,), anchor_swing_lows=(0.3289,), daily_swing_highs=(0.4012,), daily_swing_lows=(0.3044,)),
        instrument=sample.instrument("DOGEUSDT", quote_volume_24h=1.24e9, spread_bps=0.9),
    )  # fmt: skip


def doge_rejection() -> Rejection:
    return sample.rejection(
        "DOGEUSDT", RejectionKind.NO_SETUP, refused=None, score=22.4, trend_score=9.5, confidence=31.0, gates=_gates(_DOGE_GATES),
        reference=0.3412, regime=Regime.RANGING, reason="score 22.4 is below 50",
        nearest_flip="needs a score of 50, has 22.4",
    )  # fmt: skip


def derivatives() -> tuple[Derivatives, ...]:
    at = AS_OF + timedelta(minutes=11, seconds=30)
    return (
        sample.derivatives("BTCUSDT", observed_at=at, mark_price=97262.4, index_price=97235.8, next_funding_at=AS_OF + timedelta(hours=4), open_interest_usd=7.9e9),
        sample.derivatives("SOLUSDT", observed_at=at, mark_price=184.29, index_price=184.41, funding_rate=-0.00012, funding_rate_8h=-0.00012, funding_interval_hours=8.0, next_funding_at=AS_OF + timedelta(hours=8), open_interest=11_452_000.0, open_interest_usd=2.11e9, open_interest_change_1h=0.004, open_interest_change_4h=0.021, open_interest_change_24h=0.056),
    )  # fmt: skip


def completed() -> ScanCompleted:
    def names(prefix: str, count: int) -> tuple[str, ...]:
        return tuple(f"{prefix}{place}USDT" for place in range(count))

    scan = sample.scan_completed(
        planned=("BTCUSDT", "SOLUSDT", *names("P", 10)),
        blocked=("ETHUSDT", *names("B", 30)),
        no_setup=("DOGEUSDT", *names("N", 151)),
        no_data=names("D", 3),
        failures=tuple(
            Failure(symbol=name, stage="deadline", reason="late") for name in names("F", 2)
        ),
    )
    barometer = Barometer(
        scan_id=scan.scan_id, as_of=AS_OF, counted=195, share_long=0.62, mean_trend=11.3,
        btc_trend=47.9, btc_regime=Regime.TRENDING_UP,
    )  # fmt: skip
    return scan.model_copy(update={"barometer": barometer})


def table() -> FactTable:
    """Everything known at 08:12 UTC: some two hundred and fifty facts."""
    told = [
        *decision_facts(btc_plan()),
        *signal_facts(btc_signal()),
        *_indicators("BTCUSDT", _BTC_ROWS),
        *decision_facts(sol_plan()),
        *signal_facts(sol_signal()),
        *_indicators("SOLUSDT", _SOL_ROWS),
        *decision_facts(eth_rejection()),
        *signal_facts(eth_signal()),
        *decision_facts(doge_rejection()),
        *signal_facts(doge_signal()),
        *(fact for one in derivatives() for fact in derivatives_facts(one)),
        *scan_facts(completed()),
    ]
    return FactTable.of(told, now=NOW, universe=UNIVERSE)


def _gates(values: Mapping[str, float | None]) -> tuple[Gate, ...]:
    return tuple(
        gate.model_copy(
            update={
                "value": values[gate.name],
                "verdict": Verdict.PASSED if values[gate.name] is not None else gate.verdict,
                "detail": "",
            }
        )
        if gate.name in values
        else gate
        for gate in sample.gates()
    )


_BTC_GATES: Final = {
    "overextension": 0.96,
    "htf_conflict": 58.3,
    "regime_conflict": 47.2,
    "btc_conflict": 47.9,
    "liquidity": 18400.0,
    "funding": 0.01,
    "net_rr": 1.93,
}
_SOL_GATES: Final = {
    "overextension": 0.79,
    "htf_conflict": 22.5,
    "regime_conflict": 48.9,
    "btc_conflict": -47.9,
    "liquidity": 2900.0,
    "funding": -0.012,
    "net_rr": 1.71,
}
_ETH_GATES: Final = {
    "overextension": 2.62,
    "htf_conflict": 36.4,
    "regime_conflict": 61.3,
    "btc_conflict": 47.9,
    "liquidity": 9700.0,
    "funding": 0.008,
    "net_rr": 1.44,
}
_DOGE_GATES: Final = {
    "overextension": 0.31,
    "htf_conflict": 5.2,
    "regime_conflict": 8.7,
    "btc_conflict": 47.9,
    "liquidity": 1240.0,
    "funding": 0.006,
    "net_rr": 1.31,
}
_COLUMNS: Final = (
    "rsi", "stoch_rsi_k", "stoch_rsi_d", "macd", "macd_signal", "macd_histogram", "ema_9", "ema_50",
    "ema_200", "supertrend", "atr_percent", "bollinger_upper", "bollinger_middle",
    "bollinger_lower", "relative_volume",
)  # fmt: skip
_BTC_ROWS: Final = {
    "1d": (61.8, 66.2, 58.4, 1840.5, 1702.2, 138.3, 96010.7, 92480.9, 84210.0, 90120.0, 3.19, 101870.3, 95330.2, 88790.1, 0.92),
    "4h": (57.6, 71.3, 78.9, 612.4, 540.1, 72.3, 96880.2, 94870.6, 91240.3, 94160.0, 1.21, 99230.4, 96050.1, 92869.8, 1.34),
    "1h": (52.3, 48.7, 41.5, 88.6, 95.2, -6.6, 97190.3, 96760.8, 95420.7, 96510.0, 0.42, 97980.2, 97060.6, 96141.0, 0.71),
}  # fmt: skip
_SOL_ROWS: Final = {
    "1d": (44.1, 28.9, 25.3, -3.12, -2.54, -0.58, 188.42, 196.3, 178.9, 203.4, 5.34, 208.7, 192.15, 175.6, 1.08),
    "4h": (38.4, 22.6, 17.8, -1.84, -1.49, -0.35, 185.91, 189.74, 193.2, 191.25, 1.88, 193.62, 187.3, 180.98, 1.57),
    "1h": (35.7, 14.3, 19.9, -0.62, -0.44, -0.18, 184.77, 186.4, 188.13, 187.05, 0.66, 187.9, 185.71, 183.52, 1.22),
}  # fmt: skip


def _indicators(symbol: str, rows: Mapping[str, tuple[float, ...]]) -> list[Any]:
    return [
        fact
        for frame, row in rows.items()
        for fact in indicator_facts(
            symbol, frame, dict(zip(_COLUMNS, row, strict=True)), closed_at=AS_OF
        )
    ]


def _reading(  # noqa: PLR0917 - a row of a table
    frame: str,
    close: float,
    atr: float,
    ema_21: float,
    distance: float,
    strength: tuple[float, float, float, float, float],
    score: float,
    trend: float,
    votes: tuple[float, ...],
) -> TimeframeReading:
    timeframe = Timeframe(frame)
    adx, plus, minus, width, percentile = strength
    return TimeframeReading(
        timeframe=timeframe,
        weight={"1d": 0.35, "4h": 0.45, "1h": 0.20}[frame],
        bars=300,
        close=close,
        atr=atr,
        ema_21=ema_21,
        distance_to_ema_21_atr=distance,
        regime=RegimeReading(
            regime=Regime.TRENDING_UP if plus > minus else Regime.TRENDING_DOWN,
            trendiness=0.8,
            squeeze=False,
            adx=adx,
            plus_di=plus,
            minus_di=minus,
            bollinger_width_percentile=width,
            atr_percentile=percentile,
        ),
        votes=tuple(
            Vote(name=name, value=value, weight=1 / 6)
            for name, value in zip(_VOTES, votes, strict=True)
        ),
        score=score,
        trend_parts=(TrendPart(name="ema_vote", value=votes[0], weight=1.0),),
        trend_score=trend,
    )


def _target(
    name: str, price: str, gross: float, net: float, eta: tuple[float, float, float]
) -> Target:
    return Target(
        name=name,
        price=Decimal(price),
        close_share=0.5,
        gross_r=gross,
        net_r=net,
        eta=Eta(p25_hours=eta[0], p50_hours=eta[1], p75_hours=eta[2]),
    )
