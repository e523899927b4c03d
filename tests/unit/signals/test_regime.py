import pytest

from common.domain import Regime, RegimeReading
from signals.core.regime import read_regime
from signals.core.window import Row
from tests.unit.signals.frames import load_rules

RULES = load_rules().regime


def _regime(**values: float | None) -> RegimeReading:
    fields: dict[str, float | None] = {
        "adx": 30.0,
        "plus_di": 30.0,
        "minus_di": 10.0,
        "bollinger_width_percentile": 50.0,
        "atr_percentile": 50.0,
    }
    reading = read_regime(Row(**(fields | values)), RULES)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("adx", "trendiness"), [(15.0, 0.0), (20.0, 0.0), (22.5, 0.5), (24.0, 0.8), (25.0, 1.0)]
)
def test_trendiness_rises_from_adx_20_to_25(adx: float, trendiness: float) -> None:
    assert _regime(adx=adx).trendiness == pytest.approx(trendiness)


def test_a_squeeze_holds_trendiness_at_a_half_and_is_flagged() -> None:
    reading = _regime(adx=40.0, bollinger_width_percentile=19.9)

    assert reading.squeeze
    assert reading.trendiness == 0.5


def test_a_width_percentile_of_20_is_no_squeeze() -> None:
    assert not _regime(bollinger_width_percentile=20.0).squeeze


def test_an_unknown_adx_gives_a_trendiness_of_a_half() -> None:
    assert _regime(adx=None).trendiness == 0.5


@pytest.mark.parametrize(
    ("values", "regime"),
    [
        ({}, Regime.TRENDING_UP),
        ({"plus_di": 10.0, "minus_di": 30.0}, Regime.TRENDING_DOWN),
        ({"adx": 22.5}, Regime.TRENDING_UP),
        ({"adx": 22.4}, Regime.RANGING),
        ({"atr_percentile": 90.0}, Regime.HIGH_VOLATILITY),
        ({"atr_percentile": 89.9}, Regime.TRENDING_UP),
        ({"bollinger_width_percentile": 95.0}, Regime.HIGH_VOLATILITY),
        ({"bollinger_width_percentile": 94.9}, Regime.TRENDING_UP),
        ({"adx": 10.0, "atr_percentile": 95.0}, Regime.HIGH_VOLATILITY),
        ({"plus_di": None}, Regime.RANGING),
        ({"plus_di": 10.0, "minus_di": 10.0}, Regime.RANGING),
    ],
)
def test_the_regime_is_named_by_the_rules(values: dict[str, float], regime: Regime) -> None:
    assert _regime(**values).regime is regime


def test_no_regime_is_named_when_nothing_decides_it() -> None:
    assert read_regime(Row(close=100.0, plus_di=30.0, minus_di=10.0), RULES) is None
