"""What a backfill may be asked for."""

from dataclasses import replace
from datetime import date

import pytest

from common.domain import Timeframe
from common.errors import SettingsError
from recorder.core.backfills import BackfillRequest, check_kept
from recorder.settings import RecorderSettings

TODAY = date(2026, 11, 26)


def request(since: date, *timeframes: Timeframe) -> BackfillRequest:
    return BackfillRequest(symbols=("A",), timeframes=timeframes, since=since, until=None)


def test_minutes_that_retention_would_let_go_of_again_are_refused() -> None:
    kept = RecorderSettings().keep_days()

    check_kept(request(date(2026, 8, 28), Timeframe.M1), TODAY, kept)
    check_kept(request(date(2019, 1, 1), Timeframe.H1), TODAY, kept)
    with pytest.raises(SettingsError, match=r"before 2026-08-28, .* keeps 1m for 90 days, was"):
        check_kept(request(date(2026, 8, 27), Timeframe.H1, Timeframe.M1), TODAY, kept)


def test_open_interest_is_kept_for_a_year() -> None:
    wanted = replace(request(date(2025, 11, 1), Timeframe.H1), metrics=True)

    with pytest.raises(SettingsError, match="keeps metrics for 365 days"):
        check_kept(wanted, TODAY, RecorderSettings().keep_days())


def test_what_is_kept_for_ever_may_be_as_old_as_it_is() -> None:
    kept = RecorderSettings(keep_minute_candles_days=0).keep_days()

    check_kept(request(date(2019, 9, 8), *Timeframe), TODAY, kept)
