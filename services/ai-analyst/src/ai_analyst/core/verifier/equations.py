"""Sums written out: "12 + 31 + 152 + 3 + 2 = 200"."""

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.numbers import Number

_SUM: Final = re.compile(r"(?P<parts>\d+(?:\s?\+\s?\d+)+)\s?=\s?(?P<total>\d+)(?![\d.,]*\d)")


def summed(said: Claims, table: FactTable) -> dict[int, tuple[str, ...] | None]:
    """Return what each number of a written sum is, by its place; None where the sum is wrong."""
    found: dict[int, tuple[str, ...] | None] = {}
    for match in _SUM.finditer(said.text):
        parts = [int(part) for part in re.findall(r"\d+", match["parts"])]
        right = sum(parts) == int(match["total"])
        for number in _within(match, said):
            value = number.readings[0].value
            ids = tuple(
                fact.id
                for fact in table
                if fact.unit is Unit.COUNT and not fact.symbol and fact.number == value
            )
            total = number.start >= match.start("total")
            if ids or total:
                found[number.start] = ids if right or not total else None
    return found


def _within(match: re.Match[str], said: Claims) -> Iterator[Number]:
    return (
        one for one in said.numbers if match.start() <= one.start < match.end() and one.readings
    )
