"""Settings that contradict each other are refused by name before anything is scored."""

import pytest

from common.errors import SettingsError
from common.settings import SettingsSource
from signals.settings import SignalsSettings
from tests.unit.signals.frames import CONFIG


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "TIMEFRAMES__WEIGHT_1D",
            0.4,
            "weight_1d, weight_4h, weight_1h must add up to 1, was 1.05",
        ),
        ("VOTES__RANGE__MACD", 0.25, "obv, supertrend must add up to 1, was 1.1"),
        ("TREND__EMA", 0.2, "must add up to 1, was 0.9"),
        ("CONFIDENCE__SCORE", 0.4, "agreement, score, regime must add up to 1, was 1.1"),
        ("VOTES__RSI_OVERSOLD", 70, "rsi_oversold must be at most rsi_overbought, was 70 and 60"),
        (
            "SCORE__CANDIDATE",
            61,
            "candidate must be at most candidate_high_volatility, was 61 and 60",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_refused_by_name(
    key: str, value: float, said: str
) -> None:
    environment = {"SCANNER_CONFIG": str(CONFIG), f"SCANNER_SIGNALS__{key}": str(value)}

    with pytest.raises(SettingsError, match=said):
        SettingsSource.load(environment).read(SignalsSettings)
