"""Rows: one per key, the newest told, and dead letters that can always be stored."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.database.tables import METADATA
from common.domain import Fact, OutcomeStep, RejectionKind
from common.errors import InvalidDataError
from recorder.adapters.statements import copied_columns
from recorder.core.batches import batch_of
from recorder.core.records import close_of, newest, record_of
from tests.support import facts

_PLAN = facts.plan()
_TOLD: list[Fact] = [
    facts.derivatives(),
    facts.universe_snapshot(),
    facts.delisting(),
    facts.signal(),
    _PLAN,
    facts.rejection(),
    facts.outcome(_PLAN, OutcomeStep.FILLED),
    facts.scan_started(),
    facts.scan_completed(),
    facts.resource_usage(),
    facts.dead_letter(),
]


@pytest.mark.parametrize("fact", _TOLD, ids=lambda fact: type(fact).__name__)
def test_a_row_fills_every_column_of_its_table_and_no_other(fact: Fact) -> None:
    record = record_of(fact)

    columns = {column.name for column in copied_columns(METADATA.tables[record.table])}
    assert set(record.values) == columns


@pytest.mark.parametrize("fact", _TOLD, ids=lambda fact: type(fact).__name__)
def test_a_rows_key_is_its_tables_primary_key(fact: Fact) -> None:
    record = record_of(fact)

    key = METADATA.tables[record.table].primary_key.columns.keys()
    # scan_close is derived from scan_id: it is in the key for hypertables only.
    named = [record.values[name] for name in key if name != "scan_close"]
    assert list(record.key) == named


def test_a_batch_holds_each_key_once_with_its_newest_fact() -> None:
    older, newer = facts.plan(confidence=1.0), facts.plan(confidence=2.0)
    newer = newer.model_copy(update={"as_of": facts.AS_OF + timedelta(hours=1)})

    for told in ([older, newer], [newer, older], [newer, older, newer]):
        [record] = batch_of(told).records
        assert record.values["confidence"] == 2.0


def test_of_equally_old_facts_the_last_told_is_kept() -> None:
    [record] = batch_of([facts.plan(confidence=1.0), facts.plan(confidence=2.0)]).records

    assert record.values["confidence"] == 2.0


def test_a_plan_and_a_rejection_of_one_scan_are_one_decision() -> None:
    [record] = batch_of([facts.plan("BTCUSDT"), facts.rejection("BTCUSDT")]).records

    assert record.values["kind"] == RejectionKind.BLOCKED


@pytest.mark.parametrize("backwards", [False, True])
def test_a_scans_start_and_end_are_laid_over_each_other(*, backwards: bool) -> None:
    told = [record_of(facts.scan_started()), record_of(facts.scan_completed())]

    [record] = newest(reversed(told) if backwards else told)

    assert json.loads(record.values["started"])["symbols"] == ["BTCUSDT", "ETHUSDT"]
    assert json.loads(record.values["completed"])["universe"] == 2


def test_a_scans_name_says_its_close() -> None:
    assert close_of("binance.20260101T040000Z.scheduled.0") == datetime(2026, 1, 1, 4, tzinfo=UTC)


def test_a_close_that_is_on_no_calendar_is_refused() -> None:
    with pytest.raises(InvalidDataError, match=r"was 'binance\.20261301T040000Z"):
        close_of("binance.20261301T040000Z.scheduled.0")


@given(reason=st.text(max_size=50))
def test_a_dead_letters_row_never_holds_a_nul(reason: str) -> None:
    record = record_of(facts.dead_letter(reason=reason + "\0" + reason))

    assert "\0" not in record.values["reason"]
    assert "\0" not in json.loads(record.values["fact"])["reason"]
