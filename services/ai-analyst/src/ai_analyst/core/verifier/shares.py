"""A share told by its two numbers: "five out of eight", "five longs for every three shorts"."""

from itertools import pairwise
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.ledger import Ledger
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, candidates

_OUT_OF: Final = phrase(r"\s*(?:(?:out )?of|in|dari)\s*(?:every\s|setiap\s)?")
_FOR_EVERY: Final = phrase(r"\slongs?(?: accounts?)? (?:for|to|untuk) (?:each|every|setiap|tiap)\s")
_OFF: Final = 0.03
"""As a share of itself: so far from a proved share its two numbers may be."""


def part_of_a_share(
    number: Number, said: Claims, bound: Binding, ledger: Ledger, table: FactTable
) -> tuple[float, Unit] | None:
    """Match both numbers of "five out of eight" where that share is proved, or is of the longs."""
    known = [value for _, value, unit in ledger.known if unit is Unit.PERCENT]
    if "long_share" in bound.sentence:
        longs = candidates(table, bound.symbols, "", ("long_share",))
        known += [100 * one.number for one in longs if one.number is not None]
    place = next(at for at, one in enumerate(said.numbers) if one.start == number.start)
    for part, whole in pairwise(said.numbers[max(0, place - 1) : place + 2]):
        between = said.text[part.end : whole.start]
        sides = bool(_FOR_EVERY.fullmatch(between))
        if not (sides or _OUT_OF.fullmatch(between)) or not whole.readings:
            continue
        of = whole.readings[0].value + sides * part.readings[0].value
        share = part.readings[0].value / (of or 1.0) * 100
        if any(abs(share - value) < _OFF * value for value in known):
            return number.readings[0].value, Unit.PLAIN
    return None
