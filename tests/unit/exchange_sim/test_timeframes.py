import numpy as np
import pytest

from exchange_sim.core.timeframes import TIMEFRAMES
from tests.unit.exchange_sim.market import at


@pytest.mark.parametrize(
    ("name", "inside", "opens", "closes"),
    [
        ("1m", "2026-03-10T09:17:41", "2026-03-10T09:17:00", "2026-03-10T09:18:00"),
        ("4h", "2026-03-10T09:17:41", "2026-03-10T08:00:00", "2026-03-10T12:00:00"),
        ("1d", "2026-03-10T09:17:41", "2026-03-10T00:00:00", "2026-03-11T00:00:00"),
        ("1w", "2026-03-10T09:17:41", "2026-03-09T00:00:00", "2026-03-16T00:00:00"),
        ("1w", "2026-03-09T00:00:00", "2026-03-09T00:00:00", "2026-03-16T00:00:00"),
        ("1M", "2026-02-27T09:17:41", "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
    ],
)
def test_a_candle_opens_and_closes_on_the_utc_grid(
    name: str, inside: str, opens: str, closes: str
) -> None:
    timeframe = TIMEFRAMES[name]

    assert timeframe.open_time(at(inside)) == at(opens)
    assert timeframe.close_times(np.array([at(opens)])).tolist() == [at(closes)]
