import numpy as np
import pytest

from exchange_sim.core.synthetic.days import BLOCK, DailyPath, Regime

KEYS = range(1, 13)
DAYS = 6 * BLOCK


def path(key: int, days: int = DAYS) -> DailyPath:
    drawn = DailyPath(key, 0.03)
    drawn.reach(days - 1)
    return drawn


def test_a_path_is_continued_without_changing_its_past() -> None:
    grown = path(5, days=10)
    early = grown.levels.tolist()
    grown.reach(4 * BLOCK)

    assert grown.levels[: len(early)].tolist() == early
    assert grown.levels.tolist() == path(5, days=4 * BLOCK + 1).levels.tolist()


def test_every_regime_occurs_and_lasts_for_days() -> None:
    regimes = np.concatenate([path(key).regimes for key in KEYS])

    changes = np.count_nonzero(np.diff(regimes)) + 1
    assert 7 < len(regimes) / changes < 20
    for regime in Regime:
        assert np.mean(regimes == regime) > 0.05


@pytest.mark.parametrize(("regime", "sign"), [(Regime.UP, 1), (Regime.DOWN, -1)])
def test_trends_move_their_way_day_by_day(regime: Regime, sign: int) -> None:
    steps = np.concatenate([np.diff(path(key).levels)[path(key).regimes == regime] for key in KEYS])

    assert sign * steps.mean() > 0.2 * steps.std()


def test_a_storm_is_louder_and_a_range_is_calmer_than_a_trend() -> None:
    def loudness(regime: Regime) -> float:
        return float(
            np.mean([path(key).volatilities[path(key).regimes == regime].mean() for key in KEYS])
        )

    assert loudness(Regime.RANGE) < loudness(Regime.UP) < loudness(Regime.STORM)


def test_a_price_stays_within_a_sane_reach_for_years() -> None:
    reach = [np.abs(path(key, days=12 * BLOCK).levels).max() for key in KEYS]

    assert max(reach) < np.log(200.0)
