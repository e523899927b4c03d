"""Which way a value is said to go: "rises from 52.3 to 61.8", "must drop to reach 185.4"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_analyst.core.facts import Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import NEGATION, phrase
from ai_analyst.core.verifier.ledger import Ledger, Proved

_COURSE: Final = phrase(r"\b(?:(?P<up>ris(?:es?|ing)|rose|climb\w*|increas\w+|grow\w*|grew|improv\w+|strengthen\w*|build(?:s|ing)?|naik|meningkat|menguat)|(?P<down>fall(?:s|ing)?|fell|drop\w*|declin\w+|decreas\w+|fad(?:es?|ing)|weaken\w*|shrink\w*|eas(?:es?|ing)|slid\w*|slip\w*|turun|menurun|melemah|menyusut)|(?P<size>gets? (?:(?P<more>stronger|larger|bigger)|weaker|smaller)))\b")  # fmt: skip
_FROM: Final = phrase(r"\b(?:from|dari)\s*[$(+\-−–]*$")
_TO: Final = phrase(r"\b(?:to|ke|menjadi|hingga|sampai)\s*(?:just\s|only\s|about\s|hanya\s)?[$(+\-−–]*$")  # fmt: skip
_THREE: Final = 3
_ALONG: Final = phrase(r"\b(?:as|from|down|across|towards?|dari|semakin)\b[^.;]*[:,(]\s*$|:\s*$")
"""Before a list along which a value rises or falls."""


def _goes(first: float, last: float, match: re.Match[str]) -> bool:
    """Whether a value goes the way it is said to, with its sign or by its size."""
    up = bool(match["up"] or match["more"])
    by_size = (abs(last) > abs(first)) is up
    return by_size or (not match["size"] and (last > first) is up)


def _listed(match: re.Match[str], behind: Sequence[Proved], said: Claims) -> Iterator[str]:
    """Check "the ADX weakens as you zoom in: 31.2, 27.4, 18.6"."""
    run = [one for one in behind if one[2] is behind[0][2]][:_THREE]
    ahead = said.text[match.end() : behind[0][0].start].rstrip("+-−–") if behind else ""
    if len(run) < _THREE or not _ALONG.search(ahead) or NEGATION.search(ahead):
        return
    if not _goes(run[0][1], run[-1][1], match):
        yield f"{run[0][0].text} to {run[-1][0].text} is the other way"


def check_courses(said: Claims, ledger: Ledger) -> Iterator[str]:
    """Yield a complaint for every course from one proved value to another that goes elsewhere."""
    for match in _COURSE.finditer(said.text):
        behind = [one for one in ledger.known if one[0].start >= match.end()]
        behind.sort(key=lambda one: one[0].start)
        first = next((one for one in behind if _FROM.search(said.text[: one[0].start])), None)
        yield from _listed(match, behind, said)
        if first is None or NEGATION.search(said.text[match.end() : first[0].start]):
            continue
        if _COURSE.search(said.text[match.end() : first[0].start]):
            continue
        last = next(
            (
                one
                for one in behind
                if one[0].start > first[0].start and _TO.search(said.text[: one[0].start])
            ),
            None,
        )
        if last is None or last[2] is not first[2] or first[2] is Unit.PRICE:
            continue
        if not _goes(first[1], last[1], match):
            yield f"{first[0].text} to {last[0].text} is the other way"
