"""The SQL as text: what is written, when, and what TimescaleDB is told."""

from common.database.tables import CANDLES, DECISIONS, METADATA, SCANS
from recorder.adapters import statements, timescale
from recorder.adapters.retention import rules
from recorder.settings import RecorderSettings


def test_rows_are_replaced_only_by_newer_and_different_ones() -> None:
    sql = statements.upsert(DECISIONS)

    assert sql.startswith("INSERT INTO decisions (venue, symbol, scan_id, as_of, simulated, kind")
    assert "ON CONFLICT (venue, symbol, scan_id) DO UPDATE SET as_of = excluded.as_of" in sql
    assert "WHERE excluded.as_of >= decisions.as_of AND (decisions.as_of, " in sql
    assert ") IS DISTINCT FROM (excluded.as_of, " in sql
    assert "DISTINCT ON" not in sql


def test_a_candle_staged_twice_is_taken_once_the_newest() -> None:
    sql = statements.upsert(CANDLES, repeats=True)

    assert "SELECT DISTINCT ON (venue, symbol, timeframe, open_time) venue" in sql
    key = "venue, symbol, timeframe, open_time"
    assert f"ORDER BY {key}, as_of DESC, source = 'venue' DESC ON CONFLICT" in sql


def test_rows_are_written_in_the_keys_order_so_that_two_writers_never_wait_for_each_other() -> None:
    sql = statements.upsert(CANDLES)

    assert "ORDER BY venue, symbol, timeframe, open_time ON CONFLICT" in sql


def test_half_a_scan_never_erases_the_other_half() -> None:
    sql = statements.upsert(SCANS)

    assert "started = coalesce(excluded.started, scans.started)" in sql
    assert "completed = coalesce(excluded.completed, scans.completed)" in sql


def test_columns_the_server_fills_are_not_copied() -> None:
    assert "recorded_at" not in statements.copy_in(METADATA.tables["dead_letters"])


def test_binary_copy_is_told_each_type() -> None:
    types = dict(
        zip(
            (column.name for column in statements.copied_columns(DECISIONS)),
            statements.copied_types(DECISIONS),
            strict=True,
        )
    )

    assert types["as_of"] == "timestamp with time zone"
    assert types["rank"] == "double precision"
    assert types["refused"] == "text[]"
    assert types["fact"] == "jsonb"


def test_every_hypertables_key_holds_its_time_and_its_compression_columns() -> None:
    for hypertable in timescale.HYPERTABLES:
        key = set(METADATA.tables[hypertable.name].primary_key.columns.keys())
        compressed = f"{hypertable.segments}, {hypertable.order}".split(", ")

        assert hypertable.time in key
        assert set(compressed) == key, "an upsert into a compressed chunk needs its whole key"


def test_hypertables_are_made_once_from_rows_that_are_there() -> None:
    assert next(timescale.hypertable_statements()) == (
        "SELECT create_hypertable('candles', 'open_time', "
        "chunk_time_interval => INTERVAL '30 days', "
        "create_default_indexes => false, if_not_exists => true, migrate_data => true)"
    )


def test_chunks_are_compressed_after_the_days_that_are_set() -> None:
    alter, policy, *_ = timescale.compression_statements(9)

    assert alter == (
        "ALTER TABLE candles SET (timescaledb.compress, "
        "timescaledb.compress_segmentby = 'venue, symbol, timeframe', "
        "timescaledb.compress_orderby = 'open_time')"
    )
    assert policy == (
        "SELECT add_compression_policy('candles', INTERVAL '9 days', if_not_exists => true)"
    )


def test_no_market_table_is_pruned_of_simulated_rows() -> None:
    everything = RecorderSettings(keep_candles_days=1)

    for rule in rules(everything):
        if "simulated" in METADATA.tables[rule.table].columns:
            assert "NOT simulated" in rule.statement
        assert "make_interval(days => :days)" in rule.statement


def test_zero_days_is_no_rule() -> None:
    assert "candles" in {rule.table for rule in rules(RecorderSettings(keep_candles_days=0))}
    none = RecorderSettings(
        keep_minute_candles_days=0,
        keep_derivatives_days=0,
        keep_signals_days=0,
        keep_resources_days=0,
        keep_dead_letters_days=0,
    )
    assert list(rules(none)) == []
