"""Honest sentences of the suite with one number of each changed, as a model might get it wrong."""

import random
import re
from collections.abc import Iterator
from typing import Final

from tests.support.analyst_suite import Labelled, judged, market, suite

_SEED: Final = 20260105
_SHARES: Final = (0.7, 0.85, 0.93, 1.07, 1.2, 1.6)
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
                    _about(one),
                )


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


def _about(one: Labelled) -> str:
    return f"What about {one.about}?"
