"""What is said of plans that move together: several rows, one bet."""

from typing import Final

from common.domain import Cluster, Direction, TradePlan
from dashboard.core import words
from dashboard.core.board import Board
from dashboard.core.sheet import Line

_NAMED: Final = 4
"""Contracts of a cluster that a plan's card names."""


def cluster_sentences(board: Board, venue: str) -> tuple[str, ...]:
    """Say of the last scan's longs and shorts how many of them are one bet.

    `9 of 12 longs move with SOLUSDT (BTC correlation 0.91)`
    """
    completed = board.last_completed(venue)
    if completed is None:
        return ()
    largest = {
        direction: max(
            (one for one in completed.clusters if one.direction is direction),
            key=lambda one: len(one.symbols),
            default=None,
        )
        for direction in Direction
    }
    return tuple(
        _sentence(cluster, _planned(board, completed.scan_id, direction))
        for direction, cluster in largest.items()
        if cluster is not None
    )


def cluster_lines(plan: TradePlan, cluster: Cluster | None) -> tuple[Line, ...]:
    """Say on a plan's card what it moves with; nothing when it moves by itself."""
    if cluster is None:
        return ()
    others = [symbol for symbol in cluster.symbols if symbol != plan.symbol]
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    known = _bitcoin(cluster)
    return (
        Line(
            label="Cluster",
            value=f"{cluster.lead} {len(cluster.symbols)}×",
            note=f"moves with {', '.join(others[:_NAMED])}{more}: count them as one bet"
            + (f" · {known}" if known else ""),
        ),
    )


def _sentence(cluster: Cluster, planned: int) -> str:
    size = len(cluster.symbols)
    known = _bitcoin(cluster)
    return f"{size} of {max(size, planned)} {cluster.direction}s move with {cluster.lead}" + (
        f" ({known})" if known else ""
    )


def _planned(board: Board, scan_id: str, direction: Direction) -> int:
    plans = (contract.plan for contract in board.contracts.values())
    return sum(
        plan is not None and plan.scan_id == scan_id and plan.direction is direction
        for plan in plans
    )


def _bitcoin(cluster: Cluster) -> str:
    if cluster.btc_correlation is None:
        return ""
    return f"BTC correlation {words.number(cluster.btc_correlation, 2)}"
