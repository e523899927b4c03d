"""Which phrase a number is tied to: the name it stands next to, whatever stands between."""

import re
from collections.abc import Sequence
from typing import Final

from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import concepts_of, within
from ai_analyst.core.verifier.cues import FILLER
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.lists import runs
from ai_analyst.core.verifier.numbers import Number

_GOT: Final = re.compile(
    r"\s*(?:of (?:them|these|those)\s)?(?:(?:got|get|have|had|received?|earned|"
    r"mendapat(?:kan)?|memiliki|punya|menjadi|"
    r"became|were|are|was|is|ended|yielded|produced|di antaranya|yang)\s)?(?:a|an|in|as)?\s*",
    re.IGNORECASE,
)
"""Between a count and what it counts: "31 were blocked"."""


_ASIDE: Final = re.compile(
    r"^\s*(?:,[^,;:.|]*)?,\s*(?=(?:is|are|was|sits?|lies?|stands?|comes?|ada|berada|terletak|adalah)\b)",
    re.IGNORECASE,
)
"""Between a name and its verb: ", placed behind structure, is"."""


_CARRIED_ON: Final = re.compile(
    r"^[^.;:|,]{0,40}\s(?:and|dan)\s(?=(?:placed|set|put|sits?|lies?|located|is|are|stands?|comes?|dipasang|berada|ada|terletak|ditempatkan)\b)",
    re.IGNORECASE,
)
"""Between a name and what else is said of it: "the stop is structural and sits at"."""


_UNTIL: Final = re.compile(r"\b(?:before|until|sebelum)\s(?:the\s)?$", re.IGNORECASE)


_SIDE: Final = re.compile(
    r"\b(?:above|below|over|under|di atas|di bawah)\s(?:the\s)?$", re.IGNORECASE
)


_EXTREMES: Final = (20.0, 30.0, 70.0, 80.0)


_PAIR: Final = 2
"""Two names and, in brackets behind them, their two numbers."""


COUNTED: Final = {
    "universe",
    "plans",
    "blocked",
    "no_setup",
    "no_data",
    "failures",
    "gates",
    "votes",
}
"""What people count, naming it after the number: "12 plans"."""


def tied(number: Number, said: Claims) -> tuple[str, ...]:
    """Return what the phrase names that a number, or the list it stands in, is tied to."""
    own = _tied(number, said)
    run = next(run for run in runs(said.numbers, said) if number in run)
    before = [label for label in said.labels if label.end <= run[0].start]
    if len(run) == len(before) == _PAIR and said.text[: run[0].start].endswith("("):
        return before[run.index(number)].concepts
    return own or next((found for one in run if (found := _tied(one, said))), ())


def _tied(number: Number, said: Claims) -> tuple[str, ...]:
    whole = all(one.value == int(one.value) for one in number.readings)
    before = [
        label
        for label in said.labels
        if label.end <= number.start and _may_be(label, number, said, whole=whole)
    ]
    following = next((label for label in said.labels if label.start >= number.end), None)
    if (
        following
        and COUNTED & set(following.concepts)
        and _GOT.fullmatch(said.bare[number.end : following.start])
    ):
        return following.concepts
    crossed = before and any(
        before[-1].end <= one.start < number.start and not _same_run(one, number, said)
        for one in said.numbers
    )
    if (
        before
        and not crossed
        and (
            FILLER.fullmatch(_without_asides(said.bare[before[-1].end : number.start]))
            or _in_apposition(before[-1], number, said)
        )
    ):
        group = _listed(before, said)
        return concepts_of(group)
    clause = said.clause(number.start)
    after = next((one for one in within(said.labels, clause) if one.start >= number.end), None)
    if after is None:
        return ()
    between = said.bare[number.end : after.start]
    if has_its_own(after.end, number, said):
        return ()
    if "|" not in between and FILLER.fullmatch(between) and len(between.split()) <= 3:  # noqa: PLR2004 - "on the 4h"
        return after.concepts
    return ()


def _without_asides(between: str) -> str:
    """Drop what stands between a name and the verb of its number."""
    return _CARRIED_ON.sub(" ", _ASIDE.sub(" ", between))


def has_its_own(end: int, number: Number, said: Claims) -> bool:
    """Whether a name behind a number has its own: in "97,250 to a high of 103,480" it does."""
    later = next((one for one in said.numbers if one.start >= max(end, number.end)), None)
    return later is not None and bool(
        re.fullmatch(
            r"(?:['’]s)?\s?(?:of|at|is|di|sebesar)?\s?[$(+\-−]?", said.text[end : later.start]
        )
    )


def _may_be(label: Label, number: Number, said: Claims, *, whole: bool) -> bool:
    """Whether a phrase before a number can name it; in "before TP1: 98,310" it does not."""
    if label.concepts == ("timeframes",):
        return whole
    if label.concepts == ("rsi_rule",):
        return any(one.value in _EXTREMES for one in number.readings)
    beside = said.text[label.end :].startswith(":") and _SIDE.search(said.text[: label.start])
    return not beside and not _UNTIL.search(said.text[: label.start])


def _same_run(one: Number, other: Number, said: Claims) -> bool:
    return any(one in run and other in run for run in runs(said.numbers, said))


def _in_apposition(label: Label, number: Number, said: Claims) -> bool:
    """Whether "its first target, 177.62, lies …" names the number."""
    return bool(
        re.fullmatch(r",\s*(?:at\s|di\s)?\$?", said.text[label.end : number.start])
        and re.match(r"\s*(?:USDT|USD)?[,)]", said.text[number.end :])
    )


def _listed(before: Sequence[Label], said: Claims) -> list[Label]:
    group = [before[-1]]
    for label in reversed(before[:-1]):
        if said.bare[label.end : group[0].start].strip().casefold() not in {
            ",",
            "and",
            "dan",
            "/",
            ", and",
            "&",
            "serta",
            "",
        }:
            break
        group.insert(0, label)
    return group
