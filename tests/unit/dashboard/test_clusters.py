"""What the scanner page says of plans that are one bet."""

from datetime import UTC

import pytest

from common.domain import Cluster, Direction
from dashboard.core.board import Board
from dashboard.core.clusters import cluster_sentences
from dashboard.core.merging import merge
from dashboard.core.plan_card import plan_lines
from dashboard.core.sheet import Line
from dashboard.core.standing import standing
from tests.support import facts

LONGS = ("SOLUSDT", "SUIUSDT", "APTUSDT", "BTCUSDT")
SHORTS = ("XRPUSDT", "ADAUSDT")


def cluster(
    *symbols: str, direction: Direction = Direction.LONG, bitcoin: float | None = 0.912
) -> Cluster:
    return Cluster(lead=symbols[0], direction=direction, symbols=symbols, btc_correlation=bitcoin)


def board_of(*clusters: Cluster) -> Board:
    told = [
        *(facts.plan(symbol) for symbol in LONGS),
        *(facts.plan(symbol, Direction.SHORT) for symbol in SHORTS),
        facts.scan_completed(planned=LONGS + SHORTS, blocked=(), clusters=clusters),
    ]
    return merge(Board(), told, 0.0)


def card(symbol: str, known: Cluster | None) -> Line | None:
    plan = facts.plan(symbol)
    lines = plan_lines(plan, standing(plan, (), None, None), UTC, known)
    return next((line for line in lines if line.label == "Cluster"), None)


def test_the_largest_cluster_of_each_direction_is_said() -> None:
    board = board_of(
        cluster("SUIUSDT", "APTUSDT", "SOLUSDT"),
        cluster("XRPUSDT", "ADAUSDT", direction=Direction.SHORT, bitcoin=None),
    )

    assert cluster_sentences(board, facts.VENUE) == (
        "3 of 4 longs move with SUIUSDT (BTC correlation 0.91)",
        "2 of 2 shorts move with XRPUSDT",
    )


def test_plans_that_move_by_themselves_are_not_spoken_of() -> None:
    assert cluster_sentences(board_of(), facts.VENUE) == ()
    assert cluster_sentences(Board(), facts.VENUE) == ()
    assert card("SOLUSDT", None) is None


@pytest.mark.parametrize(
    ("symbols", "note"),
    [
        (("SUIUSDT", "SOLUSDT"), "moves with SUIUSDT: count them as one bet"),
        (("SUIUSDT", "SOLUSDT", "A", "B", "C", "D"), "moves with SUIUSDT, A, B, C and 1 more: "),
    ],
)
def test_a_plans_card_names_what_it_moves_with(symbols: tuple[str, ...], note: str) -> None:
    line = card("SOLUSDT", cluster(*symbols))

    assert line is not None
    assert line.value == f"SUIUSDT {len(symbols)}×"
    assert line.note.startswith(note)
    assert line.note.endswith(" · BTC correlation 0.91")
