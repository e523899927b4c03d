"""One number against the facts: first by its name, then by arithmetic, then by what it cites."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.verifier.arithmetic import derived, turned
from ai_analyst.core.verifier.citing import as_cited, cited, following, its_own, miscited, strays
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.contrary import wrong_side
from ai_analyst.core.verifier.counts import counts
from ai_analyst.core.verifier.cues import NEGATION, phrase
from ai_analyst.core.verifier.durations import lasting
from ai_analyst.core.verifier.equations import summed
from ai_analyst.core.verifier.ledger import Found, Ledger, Proved
from ai_analyst.core.verifier.limits import ALLOWED
from ai_analyst.core.verifier.matching import Scene, conviction, matched
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.reading import Reading
from ai_analyst.core.verifier.reckoning import reckoned
from ai_analyst.core.verifier.scope import Binding, Focus, bind, candidates
from ai_analyst.core.verifier.senses import MEDIAN_BEFORE
from ai_analyst.core.verifier.sizes import is_supposed, sized, supposed
from ai_analyst.core.verifier.tolerance import means, targets
from ai_analyst.core.verifier.unnamed import reaching, unnamed

_NEAREST: Final = 2
_RANGE: Final = phrase(r"\s?(?:-|–|to|or|and|sampai|hingga|atau|dan)\s?")
_FEW: Final = 20
"""Up to here the ends of "two to three" may stand for what lies between."""
_LONGEST: Final = 1000
_OF_AN_AVERAGE: Final = phrase(r"\bEMA[\s-]?\(?$")
_OF_AVERAGES: Final = phrase(r"(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)\d{1,3}\b)*[\s-]?(?:period\s|bar\s)?EMAs?\b")  # fmt: skip
"""Around the period of an average: EMA 21, the 9, 21 and 50 EMAs."""
_TO_ONE: Final = phrase(r"\s?-?(?:to|:|banding)-?\s?(?:1|one|satu)\b(?![.,]?\d)")
"""Behind a ratio: "two to one", "1.67:1"."""
_BRINGS: Final = phrase(r"\s?\(~?\s?|\s(?:for|gives?|pays?|yields?|brings?|is worth|memberi(?:kan)?|menghasilkan|senilai)\s(?:about\s|sekitar\s)?\+?")  # fmt: skip
"""Between a target's price and what it brings."""
_Waiting = tuple[Number, Binding]


def check_numbers(
    said: Claims,
    focus: Focus,
    table: FactTable,
    asked: Sequence[float],
    before: tuple[Proved, ...] = (),
) -> Ledger:
    """Match every number of a sentence; one that follows from others is tried after them."""
    ledger, scene = Ledger(before), Scene(table, focus)
    waiting: list[_Waiting] = []
    sums = summed(said, table)
    for number in said.numbers:
        if (ids := sums.get(number.start)) is not None:
            ledger.write(number, Found(ids, number.readings[0].value, Unit.COUNT))
            continue
        if _no_period(number, said):
            ledger.refused.append(f"{number.text} is the period of no average")
            continue
        own = bind(number, said, focus, table)
        bound = _behind_its_level(own, number, said, ledger)
        found = _matched(number, said, bound, scene, ledger)
        if found is None and bound is own and _is_carried(own, said, focus, number):
            bound = own = replace(own, symbols=focus.symbols)
            found = _matched(number, said, bound, scene, ledger)
        if found is None and bound is not own:
            ledger.refused.append(_complaint(number, said, bound, table))
        elif found is None:
            waiting.append((number, bound))
        else:
            ledger.write(number, found)
    left = _settled(list(_ranges(waiting, said)), said, table, ledger)
    for number, bound in _supposed(left, said, table, ledger):
        if not (counts(number, said, bound, scene, ledger) or _was_asked(number, bound, asked)):
            ledger.refused.append(_complaint(number, said, bound, table))
    ledger.refused += strays(said, ledger, table)
    return ledger


def _matched(
    number: Number, said: Claims, bound: Binding, scene: Scene, ledger: Ledger
) -> Found | None:
    """Match a number at once: in its unit, without a lent one, or as a conviction that is denied."""
    found = as_cited(number, said, scene.table) or matched(number, said, bound, scene, ledger)
    if found is None and number.lent and number.unit != "hours":
        found = matched(replace(number, unit=""), said, bound, scene, ledger)
    if found is None and "p_tp1_before_stop" in bound.sentence and said.find(NEGATION):
        found = conviction(number, said, bound, scene.table)
    return None if found and miscited(number, found, said, scene.table) else found


def _is_carried(bound: Binding, said: Claims, focus: Focus, number: Number) -> bool:
    """Whether a number's contract was named a clause ago, and may not be the one it is of."""
    begin, end = said.clause(number.start)
    near = any(begin <= one.start < end for one in said.contracts)
    return not near and len(focus.symbols) == 1 and bound.symbols != focus.symbols


def _no_period(number: Number, said: Claims) -> bool:
    """Whether a number stands where an average's period does: those there are have been read."""
    value = number.readings[0].value if number.readings else 0.0
    return value < _LONGEST and bool(
        re.fullmatch(r"\d+", number.text)
        and (
            _OF_AN_AVERAGE.search(said.text[: number.start])
            or _OF_AVERAGES.match(said.text[number.end :])
        )
    )


def _ranges(left: Sequence[_Waiting], said: Claims) -> Iterator[_Waiting]:
    """Yield what is left, the two ends of "two to three" as the one number they stand for."""
    ended = False
    for place, (number, bound) in enumerate(left):
        other = left[place + 1][0] if place + 1 < len(left) else None
        if other and not ended and _RANGE.fullmatch(said.text[number.end : other.start]):
            low, high = number.readings[0].value, other.readings[0].value
            if low < high <= 2 * low and high <= _FEW and low % 1 == high % 1 == 0:
                way = Reading((low + high) / 2, high - low, high - low)
                joined = replace(number, readings=(way,), unit=number.unit or other.unit, word=True)
                yield (
                    replace(joined, end=other.end, text=said.text[number.start : other.end]),
                    bound,
                )
                ended = True
                continue
        if not ended:
            yield number, bound
        ended = False


def _settled(
    waiting: Sequence[_Waiting], said: Claims, table: FactTable, ledger: Ledger
) -> list[_Waiting]:
    """Match what follows from other numbers, until nothing more does; return what is left."""
    left = []
    for number, bound in waiting:
        ways = [number, *([replace(number, unit="")] if number.lent else [])]
        if (
            ALLOWED.match(said.text[number.end :])
            or (number.word and bound.tight == ("close_share",))
            or (number.unit == "hours" and MEDIAN_BEFORE.search(said.text[: number.start]))
        ):
            ways = []  # a limit follows from nothing, nor does a median, nor what a target closes
        found = next(
            (one for way in ways if (one := _follows(way, said, bound, table, ledger))), None
        )
        if found is None or miscited(number, found, said, table):
            left.append((number, bound))
        else:
            ledger.write(number, found)
    return left if len(left) in {0, len(waiting)} else _settled(left, said, table, ledger)


def _supposed(
    left: Sequence[_Waiting], said: Claims, table: FactTable, ledger: Ledger
) -> list[_Waiting]:
    """Allow "at 10x leverage" where another number follows from it: it claims nothing itself."""
    chosen = [number for number, _ in left if is_supposed(number, said)]
    others = [one for one in left if one[0] not in chosen]
    trial = replace(ledger, known=[*ledger.known], matched={**ledger.matched})
    for number in chosen:
        trial.write(number, supposed(number))
    rest = _settled(others, said, table, trial) if chosen else others
    if len(rest) == len(others):
        return list(left)
    ledger.known, ledger.matched = trial.known, trial.matched
    return rest


def _follows(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    facts = cited(number, said, table)
    result = (derived(number, said, following(bound, facts), table) if facts else None) or derived(
        number, said, reaching(bound, ledger, table), table
    )
    if result:
        return result.found
    if turned(number, said, reaching(bound, ledger, table), table):
        return None
    again = _proved_already(number, said, bound, table, ledger) or sized(
        number, said, bound, table, ledger
    )
    if again:
        return again
    lasts = lasting(number, said, bound, table)
    if lasts:
        return Found(lasts[1], lasts[0], Unit.HOURS)
    if number.unit == "" and _TO_ONE.match(said.text[number.end :]):
        number = replace(number, unit="x")
    reckons = reckoned(number, said, bound, ledger, table)
    if reckons:
        return Found((), reckons[1], reckons[2])
    return unnamed(number, said, bound, table, ledger)


def _proved_already(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    """Match a number with a fact another was reckoned from, or with the limit of one proved."""
    if bound.tight and any(
        (fact.unit in {Unit.POINTS, Unit.LEVEL} or not number.unit) and fact.value is not None
        for fact in candidates(table, bound.symbols, bound.frame, bound.tight)
        if not fact.threshold
        and (fact.unit is not Unit.COUNT or all(one.value % 1 == 0 for one in number.readings))
        and any(_alike(number, value) for value in targets(number, fact, table.now))
    ):
        return None
    told = [table.by_id[name] for name in ledger.proved if name in table.by_id]
    of_them = {(one.symbol, one.concept) for one in told}
    limits = [
        one
        for one in table
        if one.threshold and (one.symbol, one.concept) in of_them and one.symbol in bound.symbols
    ]
    for fact in (*told, *limits):
        if wrong_side(number, fact, said, table) or fact.unit is Unit.COUNT:
            continue
        if means(number, fact, said, table.now, tied=False):
            return Found((fact.id,), next(iter(targets(number, fact, table.now))), fact.unit)
    return None


def _alike(number: Number, value: float) -> bool:
    return any(abs(value) / 2 <= one.value <= abs(value) * 2 for one in number.readings)


def _behind_its_level(bound: Binding, number: Number, said: Claims, ledger: Ledger) -> Binding:
    """Tie "99,905.9 (1.5 R)" to the target whose price it stands behind."""
    before = [one for one in said.numbers if one.end <= number.start]
    if number.unit != "R" or not before:
        return bound
    if not _BRINGS.fullmatch(said.text[before[-1].end : number.start]):
        return bound
    level = next((name.rpartition(".")[2] for name in ledger.matched.get(before[-1].start, ())), "")
    if level not in {"tp1", "tp2"}:
        return bound
    own = (f"{level}_r", level)
    return replace(bound, tight=own, near=own, sentence=own, phrases=(own,))


def _was_asked(number: Number, bound: Binding, asked: Sequence[float]) -> bool:
    return not bound.tight and any(reading.value in asked for reading in number.readings)


def _complaint(number: Number, said: Claims, bound: Binding, table: FactTable) -> str:
    """Say what is wrong, with what is cited, or the nearest facts of that name or contract."""
    if facts := its_own(number, said, table):
        return (
            f"{number.text} cites {'; '.join(f'{one.id}, which is {one.shown}' for one in facts)}"
        )
    concepts = bound.tight or bound.near
    near = candidates(table, bound.symbols, bound.frame, concepts)
    if not near:
        near = [one for one in table if one.symbol in bound.symbols and not one.threshold]
        near = [one for one in near if next(targets(number, one, table.now), None) is not None]
    near = sorted(near, key=lambda one: _apart(number, one, table))[:_NEAREST]
    hint = "; ".join(f"{fact.id} is {fact.shown}" for fact in near)
    return f"{number.text} matches no fact{f' ({hint})' if hint else ''}"


def _apart(number: Number, fact: Datum, table: FactTable) -> float:
    return min(
        (
            abs(abs(value) - one.value)
            for value in targets(number, fact, table.now)
            for one in number.readings
        ),
        default=math.inf,
    )
