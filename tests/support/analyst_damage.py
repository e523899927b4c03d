"""Honest sentences of the suite with their citations, and as a model might get them wrong."""

import random
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ai_analyst.core.facts import Datum
from tests.support.analyst_suite import Labelled, judged, market, suite

_SEED: Final = 20260105
_SHARES: Final = (0.7, 0.85, 0.93, 1.07, 1.2, 1.6)
_ALIKE: Final = 0.06
"""As a share: a fact so near another may be the one a rounded number was meant for."""
_NUMBER: Final = re.compile(
    r"(?<![\w.,:\-/\[])\d+(?:[.,]\d+)*(?![\w:\]]|[.,]\d|\s*(?:jam|h\b|hours?\b|UTC|Jan))"
)


def damaged(*, swap: bool, every: int = 1) -> Iterator[tuple[str, str]]:
    """Yield every so many honest sentences with a number changed, and the question they answer.

    It is changed by a share, or swapped for the value of another fact.
    """
    chance = random.Random(_SEED)
    others = [one.number for one in market() if one.number and abs(one.number) > 1]
    honest = [one for one in suite() if one.honest]
    for one in honest[::every]:
        if not judged(one).clean:
            continue
        for match in _NUMBER.finditer(one.sentence):
            text = _written_like(match[0], chance, others, swap=swap)
            if text is not None:
                yield (
                    one.sentence[: match.start()] + text + one.sentence[match.end() :],
                    f"What about {one.about}?",
                )


def cited(*, every: int = 1) -> Iterator[tuple[str, str]]:
    """Yield honest sentences with the fact of each number in brackets behind it."""
    for one, places in _with_places(every):
        yield _with_citations(one.sentence, places), f"What about {one.about}?"


def miscited(*, every: int = 1) -> Iterator[tuple[str, str]]:
    """Yield the same sentences with one of the citations exchanged for another fact of its unit."""
    chance = random.Random(_SEED)
    for one, places in _with_places(every):
        at = chance.choice(sorted(places))
        own = places[at]
        others = [
            fact
            for fact in market()
            if fact.unit is own.unit
            and fact.number is not None
            and abs(fact.number - (own.number or 0.0)) > _ALIKE * abs(own.number or 0.0)
        ]
        if others:
            wrong = places | {at: chance.choice(others)}
            yield _with_citations(one.sentence, wrong), f"What about {one.about}?"


def _with_places(every: int) -> Iterator[tuple[Labelled, dict[int, Datum]]]:
    """Yield honest sentences with where a number ends that is the value of one fact."""
    honest = [one for one in suite() if one.honest and not set("[|") & set(one.sentence)]
    for one in honest[::every]:
        places: dict[int, Datum] = {}
        checked = judged(one)
        for text, ids in checked.matched.items() if checked.clean else ():
            fact = market().by_id.get(ids[0]) if len(ids) == 1 else None
            end = one.sentence.find(text) + len(text)
            whole = one.sentence.count(text) == 1 and not one.sentence[end : end + 1].isalnum()
            if fact is not None and fact.number is not None and whole:
                places[end] = fact
        if places:
            yield one, places


def _with_citations(sentence: str, places: Mapping[int, Datum]) -> str:
    for end in sorted(places, reverse=True):
        sentence = f"{sentence[:end]} [{places[end].id}]{sentence[end:]}"
    return sentence


def _written_like(
    text: str, chance: random.Random, others: list[float], *, swap: bool
) -> str | None:
    mark = re.search(r"[.,](?=\d{1,2}$)", text)
    decimals = len(text) - mark.end() if mark else 0
    value = float(re.sub(r"[.,]", "", text)) / 10**decimals
    near = [other for other in others if 0.3 * value < abs(other) < 3 * value]
    new = abs(chance.choice(near)) if swap and near else value * chance.choice(_SHARES)
    if abs(new - value) < max(1.5 * 10**-decimals, value * 0.02):
        return None
    written = f"{new:.{decimals}f}"
    continental = mark is not None and mark[0] == ","
    return written.replace(".", ",") if continental else written
