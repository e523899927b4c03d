"""Numbers and names that stand in lists: "daily, 4h and 1h" beside "74.5, 69.8 and 54.1"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.frames import Frame
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.paper import Some

_LISTED: Final = re.compile(
    r"[\s,/&|–—~→>-]*(?:and|dan|or|to|then|lalu|serta|sampai|hingga|versus|vs\.?|against|berbanding)?(?:\sthe(?=\s))?[\s,$(+\-−]*"
)
_IN_TURN: Final = re.compile(r"[(,:—–]\s*$")
"""Before numbers set apart: "BTC scores higher than ETH (68.2 vs 61.5)"."""
_FRAMES: Final = ("1d", "4h", "1h")
_TO: Final = phrase(r"\s*(?:chart|timeframe)?\s*(?:down |up |all the way )*(?:to|through|ke|sampai|hingga)\s(?:the\s)?\s*")  # fmt: skip
"""Between the first timeframe and the last: "from the daily down to the hourly"."""
_BEHIND: Final = phrase(r"[\s(]*(?:\w+,\s)?(?:on|for|at|in|di|pada|untuk)?\s*(?:the\s)?[\s(]*")
"""Between "61.8 / 57.6" and the "1d / 4h" they belong to."""


def in_range(frames: Sequence[Frame], number: Number, said: Claims) -> Frame | None:
    """Pair "31.2, 27.4 and 18.6 from the daily to the hourly" with all three timeframes."""
    numbers = run_of(number, said)
    if len(numbers) != len(_FRAMES):
        return None
    for first, last in pairwise(frames):
        ends = (first.name, last.name)
        if ends in {(_FRAMES[0], _FRAMES[-1]), (_FRAMES[-1], _FRAMES[0])} and _TO.fullmatch(
            said.bare[first.end : last.start]
        ):
            names = _FRAMES if ends[0] == _FRAMES[0] else _FRAMES[::-1]
            return replace(first, name=names[numbers.index(number)])
    return None


def aligned(things: Sequence[Some], number: Number, said: Claims) -> Some | None:
    """Pair "daily, 4h and 1h" with "74.5, 69.8 and 54.1", place by place."""
    numbers = run_of(number, said)
    if len(numbers) < 2:  # noqa: PLR2004 - a list
        return None
    for run in runs(things, said):
        ahead = run[-1].end <= numbers[0].start
        behind = run[0].start >= numbers[-1].end and _BEHIND.fullmatch(
            said.bare[numbers[-1].end : run[0].start]
        )
        if len(run) == len(numbers) and (ahead or behind):
            return run[numbers.index(number)]
    ahead_of_all = [one for one in things if one.end <= numbers[0].start]
    if len(ahead_of_all) == len(numbers) and _IN_TURN.search(said.text[: numbers[0].start]):
        return ahead_of_all[numbers.index(number)]
    return None


def run_of(number: Number, said: Claims) -> list[Number]:
    """Return the list a number stands in; none where it is no number of the sentence's own."""
    return next((run for run in runs(said.numbers, said) if number in run), [])


def runs(things: Sequence[Some], said: Claims) -> list[list[Some]]:
    """Return the lists that things stand in, "daily, 4h and 1h"; a list may hold but one."""
    found: list[list[Some]] = []
    for one in sorted(things, key=lambda one: one.start):
        if found and _LISTED.fullmatch(said.text[found[-1][-1].end : one.start]):
            found[-1].append(one)
        else:
            found.append([one])
    return found
