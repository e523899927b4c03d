from exchange_sim.core.accounting import Accounting
from exchange_sim.core.timeframes import MINUTE


def test_the_peak_is_that_of_the_busiest_minute() -> None:
    books = Accounting()
    for minute, weight in [(0, 5), (0, 7), (1, 3), (2, 6), (2, 5)]:
        books.record("/a", 200, weight=weight, pool=None, now=minute * MINUTE + 1)

    summary = books.summary(2 * MINUTE + 30_000)
    assert (summary["weight_peak_minute"], summary["weight_this_minute"]) == (12, 11)
    assert books.summary(3 * MINUTE)["weight_this_minute"] == 0
    assert (summary["requests"], summary["weight"]) == (5, 26)


def test_refusals_are_told_by_status() -> None:
    books = Accounting()
    for status in (200, 429, 418, 418):
        books.record("/a", status, weight=1, pool="funding", now=MINUTE)

    summary = books.summary(MINUTE)
    assert (summary["too_many_requests"], summary["banned"]) == (1, 2)
    assert summary["pool_peaks"] == {"funding": 4}
