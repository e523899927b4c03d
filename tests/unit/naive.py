"""The decision rules read once more, word for word: slow, plain, independent.

Nothing of the product's arithmetic is used: numbers stand here as the rules state them, and prices
are fractions. It knows only whole markets: a value that is missing has no reading here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

Row = Mapping[str, float]
"""One candle with all its indicators."""

WEIGHTS: Final = {"1d": 0.35, "4h": 0.45, "1h": 0.20}
TREND: Final = (0.25, 0.20, 0.10, 0.05, 0.15, 0.25)
RANGE: Final = (0.10, 0.15, 0.25, 0.25, 0.15, 0.10)
NEUTRAL: Final = {"pattern_doji", "pattern_spinning_top"}


def clip(value: float, low: float = -1, high: float = 1) -> float:
    return min(max(value, low), high)


def sign(value: float) -> int:
    return (value > 0) - (value < 0)


@dataclass(frozen=True)
class Reading:
    """One timeframe."""

    trendiness: float
    label: str
    votes: tuple[float, ...]
    weights: tuple[float, ...]
    score: float
    trend: float


def read(rows: Sequence[Row]) -> Reading:
    """Read the last of a timeframe's rows."""
    row, atr = rows[-1], rows[-1]["atr"]
    width, wild = row["bollinger_width_percentile"], row["atr_percentile"]
    t = clip((row["adx"] - 20) / 5, 0, 1)
    if width < 20:
        t = min(t, 0.5)
    lead = row["plus_di"] - row["minus_di"]
    label = "ranging" if t < 0.5 else "trending_up" if lead > 0 else "trending_down"
    if wild >= 90 or width >= 95:
        label = "high_volatility"

    ema = (
        clip((row["ema_9"] - row["ema_21"]) / (0.5 * atr))
        + clip((row["ema_21"] - row["ema_50"]) / atr)
        + clip((row["ema_50"] - row["ema_200"]) / (2 * atr))
    ) / 3
    macd = 0.5 * clip(row["macd_histogram"] / (0.15 * atr)) + 0.5 * clip(row["macd"] / (0.75 * atr))
    rsi = row["rsi"]
    ranging = clip((40 - rsi) / 10, 0, 1) - clip((rsi - 60) / 10, 0, 1)
    fast, turn = row["stoch_rsi_k"], row["stoch_rsi_k"] - row["stoch_rsi_d"]
    fade = clip((50 - fast) / 30) * (1 if turn * (50 - fast) > 1e-9 else 0.5)  # noise is no turn
    up = row["supertrend_direction"]
    votes = (
        ema,
        macd,
        t * clip((rsi - 50) / 15) + (1 - t) * ranging,
        t * clip(turn / 10) + (1 - t) * fade,
        clip((row["obv"] - row["obv_ema_21"]) / (4 * row["volume_sma_20"])),
        up,
    )
    weights = tuple(t * one + (1 - t) * other for one, other in zip(TREND, RANGE, strict=True))
    force = clip((row["adx"] - 10) / 20, 0, 1)
    structure = 0.5 * sign(row["last_swing_high"] - row["prior_swing_high"]) + 0.5 * sign(
        row["last_swing_low"] - row["prior_swing_low"]
    )
    trend = (
        0.30 * ema
        + 0.20 * clip((row["ema_21"] - rows[-6]["ema_21"]) / atr)
        + 0.20 * clip(2 * lead / (row["plus_di"] + row["minus_di"]) * force)
        + 0.15 * up
        + 0.15 * structure
    )
    score = sum(weight * vote for weight, vote in zip(weights, votes, strict=True))
    return Reading(t, label, votes, weights, 100 * score, 100 * trend)


@dataclass(frozen=True)
class Market:
    """What a decision knows besides candles."""

    tick: Decimal
    spread_bps: float
    turnover: float
    funding_8h: float
    settlements: tuple[float, ...]
    """Hours from the decision to each funding to come."""
    funding_rate: float
    btc_trend: float | None


class Case:
    """One decision, in the rules' order."""

    def __init__(self, rows: Mapping[str, Sequence[Row]], market: Market) -> None:
        self.rows, self.market = rows, market
        self.readings = {name: read(found) for name, found in rows.items()}
        self._anchor = self.readings["4h"]
        self.trend = sum(WEIGHTS[name] * one.trend for name, one in self.readings.items())
        self.score = self._score()
        self.side = sign(self.score)
        self.wild = self._anchor.label == "high_volatility"
        self.candidate = abs(self.score) >= (60 if self.wild else 50)

    def _score(self) -> float:
        score = sum(WEIGHTS[name] * one.score for name, one in self.readings.items())
        last = self.rows["4h"][-1]
        patterns = [
            value
            for name, value in last.items()
            if name.startswith("pattern_") and name not in NEUTRAL
        ]
        score += 5 * max(patterns, key=lambda one: (abs(one), one * score))
        if abs(last["ha_streak"]) >= 3:
            score += 3 * sign(last["ha_streak"])
        return clip(score, -100, 100)

    @property
    def confidence(self) -> float:
        agree = sum(
            WEIGHTS[name] * weight
            for name, one in self.readings.items()
            for vote, weight in zip(one.votes, one.weights, strict=True)
            if vote * self.side > 0
        )
        t, with_it = self._anchor.trendiness, self.side * self._anchor.trend > 0
        fit = (t if with_it else 0) if t >= 0.5 else 1 - t
        against = self.market.btc_trend is not None and self.market.btc_trend * self.side < -40
        terms = 0.5 * agree + 0.3 * min(1, abs(self.score) / 80) + 0.2 * fit
        return 100 * terms * (0.75 if self.wild else 1) * (0.8 if against else 1)

    @property
    def refusals(self) -> set[str]:
        """Every gate that refuses, in a market without a past."""
        last, hour = self.rows["4h"][-1], self.rows["1h"]
        ahead = self.side * (hour[-1]["close"] - last["ema_21"]) / last["atr"]
        label, trend = self._anchor.label, self._anchor.trend
        opposite = {"trending_up": -1, "trending_down": 1}.get(label) == self.side
        btc, market = self.market.btc_trend, self.market
        sizes = [
            row["true_range"] / before["atr"]
            for row, before in (
                (last, self.rows["4h"][-2]),
                (hour[-1], hour[-2]),
                (hour[-2], hour[-3]),
            )
        ]
        found = {
            "overextension": ahead > 2,
            "trap_wick": self._trapped(last) or self._trapped(hour[-1]),
            "oversized": max(sizes) >= 2.5,
            "htf_conflict": self.side * self.readings["1d"].trend < -40,
            "regime_conflict": opposite or (label == "ranging" and abs(trend) < 10),
            "btc_conflict": btc is not None and self.side * btc < -60,
            "liquidity": market.turnover < 20e6 or market.spread_bps > 10,
            "funding": self.side * market.funding_8h * 100 > 0.10,
            "no_entry": ahead < -1,
        }
        plan = Plan(self)
        found["stop_too_wide"] = plan.risk / plan.entry > Fraction(8, 100)
        found["net_rr"] = plan.net_rr < 1.2
        return {name for name, refuses in found.items() if refuses}

    def _trapped(self, row: Row) -> bool:
        start, end, high, low = (_exact(row[one]) for one in ("open", "close", "high", "low"))
        atr, volume = Fraction(row["atr"]), row["volume"] / row["volume_sma_20"]
        upper, lower = high - max(start, end), min(start, end) - low
        wick, body = upper if self.side > 0 else lower, abs(end - start)
        adverse = (
            wick >= 2 * max(body, atr / 10)
            and wick >= Fraction(6, 10) * atr
            and 2 * wick >= high - low
            and volume >= 1.5
        )
        return adverse or (upper + lower >= Fraction(3, 2) * atr and volume >= 2)


class Plan:
    """The trade a case suggests, on the tick grid."""

    def __init__(self, case: Case) -> None:
        self._market = case.market
        rows, side = case.rows["4h"], case.side
        atr, average = _exact(rows[-1]["atr"]), _exact(rows[-1]["ema_21"])
        price = _exact(case.rows["1h"][-1]["close"])
        away = side * (price - average) / atr
        entry = price if away <= 1 else average + side * Fraction(3, 4) * atr
        swings = [
            _exact(row["swing_low" if side > 0 else "swing_high"])
            for row in reversed(rows)
            if row["swing_low" if side > 0 else "swing_high"] is not None
        ]
        behind = next((one for one in swings if side * (entry - one) > 0), None)
        risk = (2 if case.wild else Fraction(3, 2)) * atr
        if behind is not None:
            structure = side * (entry - behind) + atr / 4
            risk = structure if atr <= structure <= Fraction(5, 2) * atr else risk
        self.entry = self._rounded(entry, up=side > 0)
        self.stop = self._rounded(entry - side * risk, up=side < 0)
        self.targets = [
            self._rounded(entry + side * multiple * risk, up=side < 0)
            for multiple in (Fraction(3, 2), Fraction(3))
        ]
        self.risk = abs(self.entry - self.stop)
        pace = float(self.risk / atr) ** 2
        self.lasts_hours = ceil(4 * clip(17 * pace, 12, 90))
        due = sum(hours <= 4 * 11.1 * pace for hours in self._market.settlements)
        funding = max(0.0, side * self._market.funding_rate * due)
        costs = 2 * 0.0005 + (self._market.spread_bps + 2) / 10_000 + funding
        self.costs = float(self.entry) * costs
        reward = float(sum(side * (one - self.entry) for one in self.targets)) / 2
        self.net_rr = (reward - self.costs) / (float(self.risk) + self.costs)

    def _rounded(self, price: Fraction, *, up: bool) -> Fraction:
        tick = Fraction(self._market.tick)
        return (ceil(price / tick) if up else floor(price / tick)) * tick


def _exact(price: float) -> Fraction:
    return Fraction(Decimal(repr(price)))
