"""A signal taken apart into facts: score, regime, every vote of every timeframe, every gate."""

from collections.abc import Iterable
from typing import Final

from ai_analyst.core.facts.building import Pen
from ai_analyst.core.facts.datum import Datum, Unit
from common.domain import Gate, Instrument, Signal, TimeframeReading, Verdict

_GATE_UNITS: Final = {
    "ATR": Unit.ATR,
    "%": Unit.PERCENT,
    "bps": Unit.BPS,
    "points": Unit.POINTS,
    "R": Unit.R,
    "bars": Unit.COUNT,
    "hours": Unit.HOURS,
    "h": Unit.HOURS,
}
_MILLIONS: Final = {"M USDT": 1e6, "USDT": 1.0, "M USD": 1e6}
_GATE_CONCEPTS: Final = {
    "liquidity": "volume_24h",
    "funding": "funding_8h",
}
"""Gates whose value is another fact's number under another name."""


def signal_facts(signal: Signal) -> tuple[Datum, ...]:
    """Write a signal's facts, gates included; levels are the prices a plan is built from."""
    pen = Pen(signal.symbol, signal.as_of)
    pen.write("price", signal.levels.reference if signal.levels else None, Unit.PRICE,
              note="close of the newest closed 1h candle")  # fmt: skip
    pen.write("direction", signal.direction, Unit.WORD)
    pen.write("score", signal.score, Unit.POINTS)
    pen.write("score.threshold", signal.candidate_threshold, Unit.POINTS, concept="score",
              threshold=True)  # fmt: skip
    pen.write("trend_score", signal.trend_score, Unit.POINTS)
    pen.write("confidence", signal.confidence, Unit.CONVICTION, note="conviction, no probability")
    pen.write("regime", signal.regime, Unit.WORD)
    pen.write("coverage", signal.coverage, Unit.SHARE)
    pen.write("quality", signal.quality.score, Unit.SHARE)
    for reading in signal.timeframes:
        _reading(pen, reading)
    for modifier in signal.modifiers:
        pen.write(f"modifier.{_word(modifier.name)}", modifier.points, Unit.POINTS,
                  concept="modifier", note=modifier.name)  # fmt: skip
    for factor in signal.confidence_factors:
        pen.write(f"confidence.{_word(factor.name)}", factor.value, Unit.PLAIN,
                  concept="confidence_factor")  # fmt: skip
    if signal.levels:
        _swings(pen, "4h", signal.levels.anchor_swing_highs, signal.levels.anchor_swing_lows)
        _swings(pen, "1d", signal.levels.daily_swing_highs, signal.levels.daily_swing_lows)
    _instrument(pen, signal.instrument)
    return (*pen.facts, *gate_facts(Pen(signal.symbol, signal.as_of), signal.gates))


def gate_facts(pen: Pen, gates: Iterable[Gate]) -> tuple[Datum, ...]:
    """Write every gate: what was found, its limit, its verdict, and how many passed."""
    told = tuple(gates)
    for gate in told:
        scale, unit = _gate_unit(gate)
        concept = _GATE_CONCEPTS.get(gate.name, gate.name)
        timeframe = str(gate.timeframe or "")
        path = f"gate.{gate.name}"
        pen.write(f"{path}.verdict", gate.verdict, Unit.WORD, concept="verdict",
                  note=gate.flip or "")  # fmt: skip
        if gate.value is not None:
            pen.write(path, gate.value * scale, unit, concept=concept, timeframe=timeframe,
                      note=gate.detail)  # fmt: skip
        if gate.threshold is not None:
            pen.write(f"{path}.threshold", gate.threshold * scale, unit, concept=concept,
                      timeframe=timeframe, threshold=True)  # fmt: skip
    if told:
        pen.write("gates.total", len(told), Unit.COUNT, concept="gates")
        for verdict in Verdict:
            count = sum(gate.verdict is verdict for gate in told)
            pen.write(f"gates.{verdict}", count, Unit.COUNT, concept="gates")
    return tuple(pen.facts)


def _reading(pen: Pen, reading: TimeframeReading) -> None:
    name = str(reading.timeframe)

    def write(path: str, value: float | str | None, unit: Unit, concept: str = "") -> None:
        pen.write(f"{name}.{path}", value, unit, concept=concept, timeframe=name)

    write("close", reading.close, Unit.PRICE)
    write("atr", reading.atr, Unit.PRICE)
    write("ema_21", reading.ema_21, Unit.PRICE)
    write("distance_ema_21", reading.distance_to_ema_21_atr, Unit.ATR)
    write("score", reading.score, Unit.POINTS)
    write("trend_score", reading.trend_score, Unit.POINTS)
    write("weight", reading.weight, Unit.SHARE)
    if reading.regime is not None:
        write("regime", reading.regime.regime, Unit.WORD)
        write("trendiness", reading.regime.trendiness, Unit.PLAIN)
        write("adx", reading.regime.adx, Unit.LEVEL)
        write("plus_di", reading.regime.plus_di, Unit.LEVEL)
        write("minus_di", reading.regime.minus_di, Unit.LEVEL)
        write("width_percentile", reading.regime.bollinger_width_percentile, Unit.PERCENTILE)
        write("atr_percentile", reading.regime.atr_percentile, Unit.PERCENTILE)
    for vote in reading.votes:
        write(f"vote.{vote.name}", vote.value, Unit.SIGNED, concept=f"vote_{_word(vote.name)}")
    cast = [vote.value for vote in reading.votes if vote.value is not None]
    write("votes.cast", float(len(cast)), Unit.COUNT, concept="votes")
    write("votes.long", float(sum(value > 0 for value in cast)), Unit.COUNT, concept="votes")
    write("votes.short", float(sum(value < 0 for value in cast)), Unit.COUNT, concept="votes")


def _swings(pen: Pen, timeframe: str, highs: tuple[float, ...], lows: tuple[float, ...]) -> None:
    for kind, prices in (("swing_high", highs), ("swing_low", lows)):
        for place, price in enumerate(prices[:3], start=1):
            pen.write(f"{timeframe}.{kind}.{place}", price, Unit.PRICE, concept=kind,
                      timeframe=timeframe)  # fmt: skip


def _instrument(pen: Pen, instrument: Instrument) -> None:
    pen.write("volume_24h", instrument.quote_volume_24h, Unit.USD)
    pen.write("spread", instrument.spread_bps, Unit.BPS)
    pen.write("tick", instrument.tick_size, Unit.PRICE)
    if instrument.max_leverage is not None:
        pen.write("venue_leverage", instrument.max_leverage, Unit.MULTIPLE, concept="leverage",
                  note="the venue's own limit")  # fmt: skip


def _gate_unit(gate: Gate) -> tuple[float, Unit]:
    if gate.unit in _MILLIONS:
        return _MILLIONS[gate.unit], Unit.USD
    return 1.0, _GATE_UNITS.get(gate.unit, Unit.PLAIN)


def _word(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").split())
