"""Numbers that follow from other numbers: from what the answer has proved, and what it supposes.

Quantities of one unit are subtracted, added and divided; quantities of two units only where their
product has a meaning (a price and a percentage, a leverage and a distance). The two nearest may
stand for any number that a word announces; from further off a number must also be one that an
invented one would hardly have met.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.coincidence import CHANCE, expected
from ai_analyst.core.verifier.cues import DIFFERENCE_CUE, RATIO_CUE, SHARE_OF, SUM_CUE, phrase
from ai_analyst.core.verifier.distances import at_r, beside
from ai_analyst.core.verifier.ledger import Ledger, Proved
from ai_analyst.core.verifier.lists import runs
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding, candidates
from ai_analyst.core.verifier.senses import right_count
from ai_analyst.core.verifier.shares import part_of_a_share
from ai_analyst.core.verifier.sides import WAY
from ai_analyst.core.verifier.ties import COUNTED
from ai_analyst.core.verifier.tolerance import bound_fits, close

_NEAREST: Final = 2
_WIDE: Final = 6
_WORD: Final = 12
_CAST: Final = 6
"""Votes of one timeframe: who counts more counts those of all."""
_PER: Final = phrase(r"\b(?:per|every|each|setiap|tiap)\b")
_MORE: Final = phrase(r"\b(?:above|below|beyond|over|under|more|less|higher|lower|larger|smaller|by|outnumber\w*|exceed\w*|too|lebih|kurang|di atas|di bawah|melebihi)\b")  # fmt: skip
_REST: Final = phrase(r"\b(?:more|fewer|less|rest|remain\w*|others?|not|n['’]t|difference|outnumber\w*|lebih|kurang|sisa\w*|lain\w*|tidak|selisih)\b")  # fmt: skip
_MARGIN: Final = phrase(r"\b(?:margin|leverage|collateral|stake|jaminan|modal|daya ungkit|[\d.]+x)(?:\b|nya)")  # fmt: skip
_RISKED: Final = phrase(r"\b(?:stop|risk|los(?:[es]|ing))\w*|\brugi")
_OR: Final = phrase(r"\b(?:or|atau)\s(?:about\s|roughly\s|around\s|some\s|sekitar\s|kira-kira\s)?$")
"""Before a length in other words: "13,040 above it, or about 15.5 %"."""
_ANY_KIND: Final = {"contracts", "symbols", "coins", "kontrak", "pairs"}
"""What may be blocked, planned or without a setup: it names no count by itself."""
_SPELLED: Final = {
    Unit.PERCENT: "%", Unit.HOURS: "hours", Unit.MULTIPLE: "x", Unit.ATR: "ATR", Unit.R: "R",
    Unit.BPS: "bps",
}  # fmt: skip
_MONEY: Final = {Unit.PRICE, Unit.USD}
_POINT_LIKE: Final = {Unit.POINTS, Unit.LEVEL, Unit.CONVICTION, Unit.PERCENTILE, Unit.SIGNED}


def reckoned(
    number: Number, said: Claims, bound: Binding, ledger: Ledger, table: FactTable
) -> Proved | None:
    """Return a number as the difference, sum, ratio, share or product it is, or None."""
    of_gates = "gates" in bound.tight
    one_count = _names_one_count(bound) and not said.find(SUM_CUE)
    if not number.unit and (of_gates or one_count) and not _apart(number, said):
        return None
    if not _goes_so(number, said, ledger.known):
        return None
    others = [*_of_names(said, bound, table, ledger), *ledger.before]
    known = sorted(ledger.known, key=lambda one: abs(one[0].start - number.start))
    near = [
        *_results(number, said, known[:_NEAREST]),
        *_totals(number, said, bound, ledger, table),
        *_margins(number, said, known, others),
        *_results(number, said, _two_named(others)),
        *_with_named(number, said, known, others),
        *beside(number, said, known[:_WIDE], bound, table),
        *at_r(number, known, bound, table),
    ]
    hit = next((one for one in near if _is(number, one, said)), None)
    if hit is None and not number.unit:
        hit = part_of_a_share(number, said, bound, ledger, table)
    if hit is None:
        wide = list(_results(number, said, [*known[:_WIDE], *others[:_WIDE]]))
        if expected(number, (value for value, _ in wide), said) > CHANCE:
            return None
        hit = next((one for one in wide if _is(number, one, said)), None)
    return (number, *hit) if hit else None


def listed_units(number: Number, said: Claims, known: Sequence[Proved]) -> frozenset[Unit]:
    """Return the units of the proved numbers a number is listed with; none when it stands alone."""
    run = next(
        run for run in runs(said.numbers, said) if any(one.start == number.start for one in run)
    )
    return frozenset(unit for one, _, unit in known if one in run)


def _goes_so(number: Number, said: Claims, known: Sequence[Proved]) -> bool:
    """Whether price that is to "drop 0.6 % from 184.32" is told to end lower than it begins."""
    way = WAY.search(said.text[: number.start])
    prices = [one for one in sorted(known, key=lambda one: one[0].start) if one[2] is Unit.PRICE]
    if way is None or len(prices) != _NEAREST:
        return True
    return (prices[1][1] > prices[0][1]) is bool(way["up"])


def _is(number: Number, result: tuple[float, Unit], said: Claims) -> bool:
    value = abs(result[0])
    return close(number, value, said) and bound_fits(number, value, said)


def _two_named(others: Sequence[Proved]) -> list[Proved]:
    """Return the two counts a sentence names without a number: "twice as many blocked as plans"."""
    counts = [one for one in others if one[2] is Unit.COUNT]
    if len(counts) > _NEAREST:
        counts = counts[1:] if counts[0][1] == max(one[1] for one in counts) else counts
    return counts if len(counts) == _NEAREST else []


def _with_named(
    number: Number, said: Claims, known: Sequence[Proved], others: Sequence[Proved]
) -> Iterator[tuple[float, Unit]]:
    """Yield what one count named without a number comes to with those that are told."""
    named = [one for one in others if one[2] is Unit.COUNT]
    if SHARE_OF.match(said.text[number.end :]):
        named = [one for one in named if one[0].start >= number.end][:1]
    if number.unit in {"x", "%"} and len(named) == 1:
        for one in known:
            if one[2] is Unit.COUNT:
                yield from _results(number, said, [one, *named])


def _margins(
    number: Number, said: Claims, known: Sequence[Proved], others: Sequence[Proved]
) -> Iterator[tuple[float, Unit]]:
    """Yield what a stop costs of the margin at the nearest leverage that is said."""
    leverage = [one for one in known if one[2] is Unit.MULTIPLE][:1]
    risked = [one for one in others if one[2] is Unit.PERCENT][:1]
    if leverage and risked:
        yield from _products(number, said, leverage[0][1:], risked[0][1:])


def _names_one_count(bound: Binding) -> bool:
    """Whether a number is tied to one count, "31 blocked": then it is that or wrong."""
    return len(bound.tight) == 1 and bound.tight[0] in COUNTED - {"gates", "votes"}


def _apart(number: Number, said: Claims) -> bool:
    """Whether "19 more blocked" tells what lies between counts, or "2.6 for every plan" a ratio."""
    around = said.text[max(0, number.start - _WORD) : number.end + _WORD]
    return bool(_MORE.search(around) or said.find(_PER))


def _totals(
    number: Number, said: Claims, bound: Binding, ledger: Ledger, table: FactTable
) -> Iterator[tuple[float, Unit]]:
    """Yield what the counts behind a number, or before it, add up to: "5 failed: 3 and 2"."""
    if number.unit:
        return
    summed = bool(said.find(SUM_CUE))
    of_kind = {"votes", "gates"} & set(bound.tight)
    counts = [(one.start, value) for one, value, unit in ledger.known if unit is Unit.COUNT]
    for told in (
        [value for place, value in counts if place > number.start],
        [value for place, value in counts if place < number.start],
        [
            value
            for one, value, _ in _of_names(said, bound, table, ledger)
            if one.start > number.end or summed
        ],
    ):
        for several in (told, told[:2], told[-2:]) if not of_kind else ():
            if len(several) > 1:
                yield sum(several), Unit.COUNT
    if "votes" in bound.sentence and len(bound.symbols) == 1:
        frames = {one.name for one in said.frames}
        for kind in ("cast", "long", "short"):
            facts = [
                one
                for one in table.by_concept.get("votes", ())
                if one.symbol in bound.symbols and one.id.endswith(f".{kind}")
            ]
            if facts and right_count(number, facts[0], said):
                wide = not frames or any("timeframes" in one.concepts for one in said.labels)
                wide = wide or any(
                    one.value > _CAST for other in said.numbers for one in other.readings
                )
                kept = [one for one in facts if one.timeframe in frames]
                for of in (*([facts] if wide else []), kept):
                    if len(of) > 1:
                        yield sum(one.number or 0.0 for one in of), Unit.COUNT


def _of_names(said: Claims, bound: Binding, table: FactTable, ledger: Ledger) -> Iterator[Proved]:
    """Yield what a sentence names without a number: the market's counts, an ATR, what is risked."""
    proved = {ids[0] for ids in ledger.matched.values() if len(ids) == 1}
    if len(bound.symbols) == 1:
        for fact in candidates(table, bound.symbols, bound.frame or "4h", ("atr",)):
            told = "atr" in bound.tight or any(unit is Unit.ATR for _, _, unit in ledger.known)
            if told and fact.unit is Unit.PRICE and fact.number:
                yield _named(0), fact.number, fact.unit
        risk = table.value(f"{bound.symbols[0]}.plan.risk")
        entry = table.value(f"{bound.symbols[0]}.plan.entry")
        if said.find(_RISKED) and isinstance(risk, float) and isinstance(entry, float):
            yield _named(0), risk / entry * 100, Unit.PERCENT
            if Unit.PRICE in {unit for _, _, unit in ledger.known}:
                yield _named(0), risk, Unit.PRICE
    counted = [one for one in said.labels if said.text[one.start : one.end] not in _ANY_KIND]
    first = {one.concepts[0]: one for one in reversed(counted)}
    for label in sorted(first.values(), key=lambda one: one.start):
        for fact in table.by_concept.get(label.concepts[0], ()):
            if (
                fact.unit is Unit.COUNT
                and not fact.symbol
                and fact.number
                and fact.id not in proved
            ):
                yield _named(label.start), fact.number, fact.unit


def _named(place: int) -> Number:
    return Number(place, place, "", ())


def _results(number: Number, said: Claims, known: Sequence[Proved]) -> Iterator[tuple[float, Unit]]:
    for (one, first, unit), (two, second, other) in permutations(known, 2):
        if not first or not second:
            continue
        told = one.text and number.unit in {"x", "%"}
        if told and one.start > number.start > two.start > 0:
            continue  # "28.4 is double 14.9" is told of the first
        if unit is other:
            yield from _alike(number, said, first, second, unit)
        else:
            yield from _products(number, said, (first, unit), (second, other))
    counts = [value for _, value, unit in known if unit is Unit.COUNT]
    if not number.unit and said.find(SUM_CUE):
        for several in combinations(counts, 3):
            yield sum(several), Unit.COUNT


def _alike(
    number: Number, said: Claims, first: float, second: float, unit: Unit
) -> Iterator[tuple[float, Unit]]:
    """Yield what two quantities of one unit come to."""
    ratio = bool(said.find(RATIO_CUE) or (unit is Unit.COUNT and said.find(_PER)))
    if number.unit in {"x", ""} and ratio and (number.unit or unit is not Unit.R):
        yield first / second, Unit.MULTIPLE
    if number.unit == "%":
        if (
            unit is Unit.COUNT
            or (unit in _MONEY and SHARE_OF.match(said.text[number.end :]))
            or (unit in _MONEY and _OR.search(said.text[: number.start]))
            or (number.word and (ratio or SHARE_OF.match(said.text[number.end :])))
        ):
            yield first / second * 100, Unit.PERCENT
        if SHARE_OF.match(said.text[number.end :]):
            pass  # "half of" is no difference
        elif unit in _MONEY and said.find(DIFFERENCE_CUE):
            yield (first - second) / second * 100, Unit.PERCENT
        elif unit not in _MONEY and said.find(_MORE):
            yield (first / second - 1) * 100, Unit.PERCENT
    if not _may_be(number, unit):
        return
    if said.find(_REST if unit is Unit.COUNT else DIFFERENCE_CUE):
        yield first - second, unit
    if said.find(SUM_CUE):
        yield first + second, unit


def _may_be(number: Number, unit: Unit) -> bool:
    """Whether a number's own unit fits that of two quantities it may be the difference of."""
    if unit in _MONEY:
        return number.unit in {"", "money", "points"}
    if unit in _POINT_LIKE:
        return number.unit in {"", "points"}
    return number.unit in {"", _SPELLED.get(unit, "")}


def _products(
    number: Number, said: Claims, one: tuple[float, Unit], other: tuple[float, Unit]
) -> Iterator[tuple[float, Unit]]:
    """Yield what two quantities of two units come to, where that has a meaning."""
    (first, unit), (second, unit_2) = one, other
    leveraged = (unit, unit_2) == (Unit.MULTIPLE, Unit.PERCENT) and number.unit == "%"
    if leveraged and said.find(_MARGIN):
        yield first * second, Unit.PERCENT
    if (unit, unit_2) == (Unit.HOURS, Unit.COUNT) and number.unit == "hours" and said.find(_PER):
        yield first / second, Unit.HOURS
    if unit in _MONEY and number.unit in {"", "money", "points"}:
        if unit_2 is Unit.PERCENT:
            yield first * second / 100, unit
        if unit_2 in {Unit.R, Unit.ATR, Unit.MULTIPLE}:
            yield first * second, unit
