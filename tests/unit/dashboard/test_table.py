"""What a row of the table says."""

from datetime import UTC, datetime, timedelta

from common.domain import Cluster, Direction, EntryKind, Fact, RejectionKind, Stance
from dashboard.core.board import Board
from dashboard.core.merging import merge
from dashboard.core.selection import Filter, Group, select
from dashboard.core.sheet import Cell, TableRow, Tone, as_json
from dashboard.core.standing import State
from dashboard.core.table import CHIPS, COLUMNS, refusal, table_rows
from dashboard.core.venue_time import Instant
from tests.support import facts

INSTANT = Instant(wall=datetime(2026, 1, 5, 9, tzinfo=UTC), monotonic=0.0)
AT = facts.AS_OF + timedelta(minutes=21)


def written(*told: Fact) -> dict[str, TableRow]:
    board = merge(Board(), told, 0.0)
    found = select(board, Filter(groups=frozenset(Group)), INSTANT)
    return {row.id: row for row in table_rows(found.rows, UTC)}


def cell(row: TableRow, name: str) -> Cell:
    place = 0
    wanted = [column.name for column in COLUMNS].index(name)
    for one in row.cells:
        if place <= wanted < place + one.span:
            return one
        place += one.span
    raise AssertionError(f"no cell at {name}")


def test_a_plan_answers_whether_it_can_still_be_taken() -> None:
    row = written(facts.plan(), facts.marks({"BTCUSDT": 101.5}, at=AT))["binance:BTCUSDT"]

    shown = {column.name: cell(row, column.name) for column in COLUMNS}
    assert shown["side"].text == "▲ Long"
    assert shown["state"].text == "» missed"
    assert shown["mark"].text == "101.50"
    assert (shown["distance"].text, shown["distance"].sub) == ("+0.75 ATR", "+1.50 %")
    assert [shown[name].text for name in ("entry", "stop", "tp1", "tp2")] == [
        "100.00",
        "97.00",
        "104.50",
        "109.00",
    ]
    assert (shown["rr"].text, shown["rr"].sub) == ("1.93", "now 1.05")
    assert shown["score"].text == "+68.0"
    assert (shown["age"].text, shown["age"].sub) == ("21m", "08:00")


def test_confidence_is_a_number_without_a_per_cent_sign() -> None:
    row = written(facts.plan())["binance:BTCUSDT"]

    assert cell(row, "confidence").text == "63"
    assert cell(row, "confidence").level == 0.63


def test_what_is_not_known_is_a_dash() -> None:
    told = written(facts.plan(), facts.rejection("NEWUSDT", RejectionKind.NO_DATA, refused=None))

    plan, nothing = told["binance:BTCUSDT"], told["binance:NEWUSDT"]
    assert cell(plan, "mark").text == "—"
    assert cell(plan, "distance").text == "—"
    assert cell(plan, "rr").sub == "now —"
    assert cell(plan, "age").text == "—"
    assert [cell(nothing, name).text for name in ("side", "score", "confidence")] == ["—"] * 3


def test_a_blocked_setup_names_gate_value_and_threshold() -> None:
    row = written(facts.rejection(refused="overextension"))["binance:ETHUSDT"]

    assert cell(row, "state").text == "⊘ blocked"
    assert cell(row, "ladder").text == "overextension 4h 2.6 ATR, limit 2"
    assert cell(row, "ladder").sub == "needs 2.0 ATR, has 2.6"


def test_a_rejection_without_a_refusing_gate_gives_its_reason() -> None:
    weak = facts.rejection(kind=RejectionKind.NO_SETUP, refused=None, reason="score 22 below 50")

    assert cell(written(weak)["binance:ETHUSDT"], "ladder").text == "score 22 below 50"


def test_the_analysts_stance_stands_beside_the_plan_it_was_taken_on() -> None:
    plan = facts.plan()
    told = written(plan, facts.note(plan, Stance.VETO), facts.rejection())

    veto = cell(told["binance:BTCUSDT"], "analyst")
    assert (veto.text, veto.tone) == ("✕ veto", Tone.BAD)
    assert veto.title == "Resistance stands before the first target."
    assert cell(told["binance:ETHUSDT"], "analyst").text == "—"


def test_every_row_is_as_wide_as_the_head() -> None:
    told = written(facts.plan(), facts.rejection())

    assert {sum(one.span for one in row.cells) for row in told.values()} == {len(COLUMNS)}


def test_every_state_has_a_sign_of_its_own_meaning() -> None:
    assert set(CHIPS) == set(State)
    assert all(sign and meaning for sign, _, meaning in CHIPS.values())


def test_a_ladder_runs_from_stop_to_second_target_for_both_directions() -> None:
    marks = facts.marks({"BTCUSDT": 100.0, "ETHUSDT": 90.0}, at=AT)
    told = written(facts.plan(), facts.plan("ETHUSDT", Direction.SHORT), marks)

    long = cell(told["binance:BTCUSDT"], "ladder").ladder
    short = cell(told["binance:ETHUSDT"], "ladder").ladder
    assert long is not None
    assert short is not None
    assert long["entry"] == short["entry"] == 0.25
    assert long["mark"] == 0.25
    assert short["mark"] == 1.0833
    assert "mark" not in (cell(written(facts.plan())["binance:BTCUSDT"], "ladder").ladder or {})


def test_a_gate_without_a_value_is_named_only() -> None:
    gate = facts.gate("cooldown", value=None, threshold=None, timeframe=None)

    assert refusal(gate) == "cooldown"


def test_rows_become_json_without_losing_anything() -> None:
    cells = as_json((Cell(text="<b>", tone=Tone.BAD, ladder={"entry": 0.25}),))

    assert cells == [
        {
            "text": "<b>",
            "sub": "",
            "tone": "bad",
            "kind": "text",
            "title": "",
            "level": None,
            "ladder": {"entry": 0.25},
            "span": 1,
            "order": None,
        }
    ]


def test_a_waiting_plan_beyond_do_not_chase_says_so() -> None:
    away = facts.marks({"BTCUSDT": 101.5}, at=AT)
    row = written(facts.plan(kind=EntryKind.PULLBACK), away)["binance:BTCUSDT"]

    assert (cell(row, "state").text, cell(row, "state").sub) == ("◔ waiting", "do not chase")


def test_a_row_says_how_many_correlated_plans_it_stands_for() -> None:
    told = [facts.plan(symbol, rank=rank) for symbol, rank in (("A", 3.0), ("B", 2.0), ("C", 1.0))]
    cluster = Cluster(
        lead="A", direction=Direction.LONG, symbols=("A", "B", "C"), btc_correlation=None
    )
    scan = facts.scan_completed(planned=("A", "B", "C"), blocked=(), clusters=[cluster])
    board = merge(Board(), [*told, scan], 0.0)

    (folded,) = table_rows(select(board, Filter(), INSTANT).rows, UTC)
    every = table_rows(select(board, Filter(best_of_cluster=False), INSTANT).rows, UTC)

    assert cell(folded, "symbol").sub == "binance · +2 correlated"
    assert cell(folded, "symbol").title == "One bet with B, C: they move together"
    assert [cell(row, "symbol").sub for row in every] == [
        "binance",
        "binance · with A",
        "binance · with A",
    ]
