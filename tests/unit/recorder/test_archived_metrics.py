"""Files of open interest and of who is long: a recorded one, and damaged ones."""

from datetime import UTC, datetime

import pytest

from common.errors import InvalidDataError
from recorder.core.archived_metrics import ReadMetrics, read_metrics_csv
from recorder.core.archives import Span
from tests.support.real_data import real_data_folder

EVER = Span(0, 10**13)
HEADER = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)


def line(
    at: str, *, interest: str = "10.5", value: str = "21", ratio: str = "3", symbol: str = "A"
) -> str:
    return f"2026-03-08 {at},{symbol},{interest},{value},,,{ratio},"


def read(*lines: str, span: Span = EVER) -> ReadMetrics:
    text = "\n".join([HEADER, *lines])
    return read_metrics_csv(text.encode(), "A", span, simulated=False)


@pytest.mark.real
def test_a_recorded_file_is_read() -> None:
    name = "um_daily_metrics_header_and_one_row.csv"
    text = (real_data_folder() / "payloads" / "vision" / name).read_bytes()

    told = read_metrics_csv(text, "BTCUSDT", EVER, simulated=False)

    [fact] = told.facts
    assert told.faults == {}
    assert fact.observed_at == fact.open_interest_at == datetime(2023, 1, 21, tzinfo=UTC)
    assert (fact.open_interest, fact.open_interest_usd) == (98666.163, 2236289208.197267)
    assert fact.long_short_ratio == 0.8332767017782309
    assert fact.long_share == pytest.approx(0.4545287, abs=1e-6)
    assert (fact.mark_price, fact.funding_rate) == (None, None)


def test_one_reading_an_hour_is_kept_in_order_whatever_the_order_of_the_rows() -> None:
    told = read(line("02:00:00"), line("00:05:00"), line("01:00:00"), line("00:00:00"))

    assert [fact.observed_at.hour for fact in told.facts] == [0, 1, 2]
    assert told.faults == {}


def test_a_blank_is_not_known() -> None:
    [fact] = read(line("00:00:00", ratio="", value=" ")).facts

    assert fact.open_interest == 10.5
    assert (fact.open_interest_usd, fact.long_share, fact.long_short_at) == (None, None, None)


@pytest.mark.parametrize(
    ("lines", "kept", "faults"),
    [
        ((line("00:00:00"), line("00:00:00")), 1, {"duplicate": 1}),
        ((line("00:00:00"), line("00:00:00", ratio="4")), 0, {"duplicate": 1}),
        ((line("00:00:00", interest="much"),), 0, {"malformed": 1}),
        ((line("25:00:00"),), 0, {"malformed": 1}),
        ((line("00:00:00", symbol="B"),), 0, {"malformed": 1}),
        ((line("00:00:00", interest="", value="", ratio=""),), 0, {"malformed": 1}),
        (("<html>",), 0, {"malformed": 1}),
        ((line("00:00:00", interest="inf"),), 0, {"not_finite": 1}),
        ((line("00:00:00", value="-1"),), 0, {"inconsistent": 1}),
    ],
)
def test_rows_that_cannot_be_true_are_named_counted_and_not_kept(
    lines: tuple[str, ...], kept: int, faults: dict[str, int]
) -> None:
    told = read(*lines)

    assert len(told.facts) == kept
    assert told.faults == faults


def test_rows_of_other_days_are_not_kept() -> None:
    assert read(line("00:00:00"), span=Span(0, 1)).faults == {"outside_period": 1}


def test_a_text_that_is_no_file_of_metrics_is_refused() -> None:
    with pytest.raises(InvalidDataError, match="columns must hold"):
        read_metrics_csv(b"open_time,open\n1,2", "A", EVER, simulated=False)
