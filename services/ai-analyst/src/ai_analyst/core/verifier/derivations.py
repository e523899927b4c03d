"""What follows from facts by the scanner's rules: shares of the universe, where a gate flips."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.comparisons import Result
from ai_analyst.core.verifier.cues import LOWER, NEGATION, phrase
from ai_analyst.core.verifier.scope import Binding, candidates

_WITHOUT_A_PLAN: Final = phrase(r"\b(?:no|without|not get|n['’]t get|n['’]t have|not have|tanpa|tidak (?:punya|mendapat\w*|ada))\s(?:a\s|any\s)?(?:trade\s)?(?:plan|rencana)")  # fmt: skip
_NOT_SCORED: Final = phrase(r"\b(?:not|n['’]t|without|tidak|tanpa)\s(?:be(?:en)?\s|bisa\s|dapat\s)?(?:scored|a score|dinilai|skor)\b|\b(?:no score|(?:tidak|tanpa) (?:mem\w+ |men\w+ )?skor)\b|n['’]t (?:be )?scored\b|\bunscored\b|\bscored\b[^.]{0,30}(?:weren['’]t|were not|tidak)\b")  # fmt: skip
_HAD_A_SETUP: Final = phrase(r"\b(?:clear\w*|pass\w*|reach\w*|beat|met|above|over|enough)\b[^.;]{0,20}\b(?:threshold|score|bar)\b|\b(?:had|have|with|punya) (?:a |an )?(?:actual |valid )?(?:setup|candidate|signal)|\d (?:setups|candidates|kandidat)\b")  # fmt: skip
_OF_UNIVERSE: Final = ("plans", "blocked", "no_setup", "no_data", "failures", "scored")


def shares(bound: Binding, table: FactTable, said: Claims) -> Iterator[Result]:
    """Yield what part of the universe got a plan, and how far volume is from its average."""
    spoken = {*bound.near, *bound.sentence}
    close_by = {one for phrase in bound.phrases if "universe" not in phrase for one in phrase}
    named = [one for one in _OF_UNIVERSE if one in close_by]
    parts = [*named, *(_OF_UNIVERSE if "universe" in spoken and not named else ())]
    if parts:
        for whole in table.by_concept.get("universe", ()):
            for fact in candidates(table, (), "", parts):
                if whole.number and fact.number:
                    yield Result(fact.number / whole.number * 100, "%", "", (fact, whole))
    yield from _rests(said, table)
    if "share_long" in spoken:
        yield from _leaning(table, said)
    if "relative_volume" in spoken:
        for fact in candidates(table, bound.symbols, bound.frame, ("relative_volume",)):
            if fact.number:
                yield Result((fact.number - 1) * 100, "%", "comparison", (fact,))


def _rests(said: Claims, table: FactTable) -> Iterator[Result]:
    """Yield how many got no plan, and how many had a score that called for one."""
    facts = {
        name: table.by_id.get(f"market.scan.{name}") for name in ("universe", "plans", "blocked")
    }
    universe, plans, blocked = (facts[name] for name in ("universe", "plans", "blocked"))
    if not (universe and plans and blocked and universe.number):
        return
    without = universe.number - (plans.number or 0.0)
    if said.find(_WITHOUT_A_PLAN):
        yield Result(without, "", "", (universe, plans))
        yield Result(without / universe.number * 100, "%", "", (universe, plans))
    scored = next(iter(table.by_concept.get("scored", ())), None)
    if said.find(_NOT_SCORED) and scored and scored.number:
        yield Result(universe.number - scored.number, "", "", (universe, scored))
    if said.find(_HAD_A_SETUP):
        setups = (plans.number or 0.0) + (blocked.number or 0.0)
        yield Result(setups, "", "", (plans, blocked))
        yield Result(setups / universe.number * 100, "%", "", (plans, blocked, universe))


def _leaning(table: FactTable, said: Claims) -> Iterator[Result]:
    """Yield how many of the scored contracts lean long, and how many do not."""
    for fact in table.by_concept.get("share_long", ()):
        for whole in table.by_concept.get("scored", ()):
            if fact.number and whole.number:
                yield Result(fact.number * whole.number, "", "", (fact, whole))
                if said.find(NEGATION) or said.find(LOWER):
                    yield Result((1 - fact.number) * whole.number, "", "", (fact, whole))


def flips(bound: Binding, table: FactTable) -> Iterator[Result]:
    """Yield the price at which a contract is no longer overextended, and the way to it."""
    for symbol in bound.symbols:
        price = table.by_id.get(f"{symbol}.price")
        limit = table.value(f"{symbol}.gate.overextension.threshold")
        average = table.value(f"{symbol}.4h.ema_21")
        length = table.value(f"{symbol}.4h.atr")
        if table.value(f"{symbol}.gate.overextension.verdict") != "refused" or price is None:
            continue
        if not (
            price.number
            and isinstance(limit, float)
            and isinstance(average, float)
            and isinstance(length, float)
        ):
            continue
        side = -1 if table.value(f"{symbol}.direction") == "short" else 1
        level = average + side * limit * length
        yield Result(level, "price", "", (price,))
        yield Result(price.number - level, "price", "", (price,))
        yield Result((price.number - level) / price.number * 100, "%", "difference", (price,))
