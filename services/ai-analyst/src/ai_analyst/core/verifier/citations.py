"""Citations in an answer, taken out of the sentence before its words are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ID: Final = r"[A-Za-z0-9][\w.\-+%:]*"
_IDS: Final = rf"`?{_ID}`?(?:\s*[,;]\s*`?{_ID}`?)*"
_OPENING: Final = r"(?:\^|(?i:facts?|ids?|sources?|refs?|fakta|sumber)\s*:\s*)"
"""Before the ids: "[^1]", "[fact: BTCUSDT.plan.stop]"."""
_NUMBER: Final = re.compile(r"(?!\d{1,2}(?:,\d{1,2})*$)[\d.,]+")
"""Brackets around a number, which is no footnote: "[97,250]", but "[1,2]"."""
_FACT: Final = r"`?(?:[A-Z0-9]{2,}(?:USDT|USDC|USD)|market)(?:\.\w+)+`?"
_BRACKETS: Final = re.compile(
    rf"(?<!\s)\s*`?(?:\[\s*{_OPENING}?(?P<square>{_IDS})\s*\](?!\()"
    rf"|\((?P<round>{_FACT}(?:\s*[,;]\s*{_FACT})*)\))`?"
)
"""A citation with the space before it: " [BTCUSDT.plan.stop]", " (`BTCUSDT.plan.stop`)"."""


@dataclass(frozen=True)
class Citation:
    """The ids one pair of brackets holds, and where in the sentence without them it stood."""

    place: int
    ids: tuple[str, ...]


def without_citations(text: str) -> tuple[str, tuple[Citation, ...]]:
    """Take the citations out of a sentence; neighbours are one citation of several facts."""
    found: list[Citation] = []
    left, reached = "", 0
    for match in _BRACKETS.finditer(text):
        ids = tuple(_ids(match["square"] or match["round"]))
        if not ids:
            continue
        left += text[reached : match.start()]
        reached = match.end()
        if found and not left[found[-1].place :].strip(" ,;&"):
            found[-1] = Citation(found[-1].place, (*found[-1].ids, *ids))
        else:
            found.append(Citation(len(left), ids))
    return left + text[reached:], tuple(found)


def _ids(written: str) -> Iterator[str]:
    if _NUMBER.fullmatch(written):
        return
    for one in re.split(r"[,;]", written):
        name = one.strip(" `")
        if "." in name or name.isdigit():
            yield name
