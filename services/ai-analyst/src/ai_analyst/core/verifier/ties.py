"""Which phrase a number is tied to: the name it stands next to, whatever stands between."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Sequence
from typing import Final

from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.columns import cells, concepts_of, within
from ai_analyst.core.verifier.cues import FILLER, phrase
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.lists import runs
from ai_analyst.core.verifier.numbers import Number

_GOT: Final = phrase(r"\s*(?:of (?:them|these|those)\s)?(?:(?:got|get|have|had|received?|earned|mendapat(?:kan)?|memiliki|punya|menjadi|became|were|are|was|is|ended|yielded|produced|di antaranya|yang)\s)?(?:a|an|in|as)?\s*")  # fmt: skip
"""Between a count and what it counts: "31 were blocked"."""
_ASIDE: Final = phrase(r"^\s*(?:,[^,;:.|]*)?,\s*(?=(?:is|are|was|sits?|lies?|stands?|comes?|ada|berada|terletak|adalah)\b)")  # fmt: skip
"""Between a name and its verb: ", placed behind structure, is"."""
_AT: Final = phrase(r"\s(?:at|on|for|by|di|pada|untuk)\s(?:the\s)?")
_FOR: Final = phrase(r"\s(?:for|untuk|pada)\s(?:the\s)?")
_SET_OFF: Final = phrase(r"[:,;]\s|\s(?:and|dan)\s")
_ENDS: Final = phrase(r"\s*(?:[,;.)]|$|\s(?:and|dan)\s)")
_NET_OR_GROSS: Final = {"net_rr", "gross_rr"}
_IS_ALSO: Final = phrase(r"[\s,(\[\]]*(?:(?:is|lies|sits|or|which is|i\.e\.|about|roughly|some|atau|sekitar|yaitu|adalah|setara|berjarak)\s)*[\s$(+\-−]*")  # fmt: skip
_NEAR: Final = 3
"""Words between a number and the name behind it: "on the 4h"."""
_OR: Final = phrase(r"\s(?:or|atau)\s")
_UNTIL: Final = phrase(r"\b(?:before|until|sebelum)\s(?:the\s)?$")
_SIDE: Final = phrase(r"\b(?:above|below|over|under|di atas|di bawah)\s(?:the\s)?$")
_IS_BESIDE: Final = phrase(r"\b(?:above|below|over|under|di atas|di bawah)\s(?:(?:the|its|daily|hourly|\dh|1d)\s)*$")  # fmt: skip
"""Before the level a price is beside: "above its 4h EMA 21 (0.3412 versus 0.3387)"."""
_FRAMES: Final = 3
"""So many timeframes there are to be counted."""
_EXTREMES: Final = (20.0, 30.0, 70.0, 80.0)
_TOLD: Final = re.compile(r"\d[^()]*\)")
"""Behind a name whose numbers have been told: "confidence (54.8 vs 63.4) and"."""
_KINDS: Final = (
    frozenset({"tp1", "tp2"}),
    frozenset({"ema_9", "ema_21", "ema_50", "ema_200"}),
)
_PAIR: Final = 2
"""Two names and, in brackets behind them, their two numbers."""
COUNTED: Final = {"universe", "plans", "blocked", "no_setup", "no_data", "failures", "gates", "votes",
                  "settlements"}  # fmt: skip
"""What people count, naming it after the number: "12 plans"."""


def tied(number: Number, said: Claims) -> tuple[str, ...]:
    """Return what the phrase names that a number, or the list it stands in, is tied to."""
    own = _tied(number, said)
    run = next(run for run in runs(said.numbers, said) if number in run)
    told = max((one.end() for one in _TOLD.finditer(said.text[: run[0].start])), default=0)
    before = [label for label in said.labels if told <= label.start and label.end <= run[0].start]
    bracketed = len(run) == _PAIR and said.text[: run[0].start].endswith("(")
    beside = before and _IS_BESIDE.search(said.text[: before[-1].start])
    if bracketed and beside and number is run[0]:
        return ("price", "close")
    if bracketed and len(before) == _PAIR:
        return before[run.index(number)].concepts
    alike = [one for one in run if one.unit == number.unit]
    return own or next((found for one in alike if (found := _tied(one, said))), ())


def _tied(number: Number, said: Claims) -> tuple[str, ...]:
    whole = all(one.value == int(one.value) for one in number.readings)
    cell = next((one for one in cells(said.text) if one[0] <= number.start < one[1]), None)
    names = (within(said.labels, cell) if cell else ()) or said.labels
    before = [
        label
        for label in names
        if label.end <= number.start and _may_be(label, number, said, whole=whole)
    ]
    following = next((label for label in names if label.start >= number.end), None)
    if following is not None and _is_named_behind(number, before, following, said):
        return following.concepts
    return _tied_before(number, before, said) or _tied_behind(number, said)


def _is_named_behind(
    number: Number, before: Sequence[Label], following: Label, said: Claims
) -> bool:
    """Whether the name behind a number is its own, whatever stands before it."""
    counted = {*COUNTED, "timeframes"} & set(following.concepts)
    crossed = any(number.end <= one.start < following.start for one in said.numbers)
    if counted and not crossed and _GOT.fullmatch(said.bare[number.end : following.start]):
        return True
    if before and (
        _narrowed(before[-1], following, number, said)
        or _each_its_own(before[-1], following, number, said)
    ):
        return True
    return _follows_at_once(number, before, following, said) or _qualified(
        number, before, following, said
    )


def _follows_at_once(
    number: Number, before: Sequence[Label], following: Label, said: Claims
) -> bool:
    """Whether names stand right behind their numbers: "Costs: 0.05 % taker fee, 2 bps slippage"."""
    if not before or said.bare[number.end : following.start].strip():
        return False
    apart = said.text[before[-1].end : number.start]
    return bool(_SET_OFF.search(apart) and _ENDS.match(said.text[following.end :]))


def _tied_before(number: Number, before: Sequence[Label], said: Claims) -> tuple[str, ...]:
    """Return what the name before a number names, where nothing but fillers stands between."""
    if not before:
        return ()
    label = before[-1]
    crossing = [
        one
        for one in said.numbers
        if label.end <= one.start < number.start and not _same_run(one, number, said)
    ]
    if crossing:
        second = len(crossing) == 1 and _second_figure(label, crossing[0], number, said)
        return label.concepts if second else ()
    if FILLER.fullmatch(_without_asides(said.bare[label.end : number.start])) or _in_apposition(
        label, number, said
    ):
        return concepts_of(_listed(before, said))
    return ()


def _tied_behind(number: Number, said: Claims) -> tuple[str, ...]:
    """Return what the name close behind a number names, unless it has its own number."""
    inside = within(said.labels, said.clause(number.start))
    after = [one for one in inside if one.start >= number.end]
    if not after or has_its_own(after[0].end, number, said):
        return ()
    end = after[0].end
    for one in after[1:]:
        end = end if said.text[end : one.start].strip() else one.end
    if has_its_own(end, number, said):
        return ()
    between = said.bare[number.end : after[0].start]
    if "|" in between or not FILLER.fullmatch(between) or len(between.split()) > _NEAR:
        return ()
    joined = after[1:] and _OR.fullmatch(said.bare[after[0].end : after[1].start])
    return concepts_of(after[:2] if joined else after[:1])


def _narrowed(label: Label, following: Label, number: Number, said: Claims) -> bool:
    """Whether "make 2,655.9 at TP1" says which its first name may mean: a target, an average."""
    between = said.text[number.end : following.start]
    mine, other = set(following.concepts), set(label.concepts)
    return bool(_AT.fullmatch(between)) and any(
        len(kinds & other) > 1 and len(kinds & mine) == 1 for kinds in _KINDS
    )


def _each_its_own(label: Label, following: Label, number: Number, said: Claims) -> bool:
    """Whether names stand behind their numbers: "from 0.09 for MACD to 0.34 for RSI"."""
    earlier = [one for one in said.numbers if one.end <= label.start]
    return bool(
        earlier
        and _FOR.fullmatch(said.text[earlier[-1].end : label.start])
        and _FOR.fullmatch(said.text[number.end : following.start])
    )


def _qualified(number: Number, before: Sequence[Label], following: Label, said: Claims) -> bool:
    """Whether "2.25 R gross" is named by the word behind it: unless one target is named before."""
    if number.unit not in {"R", ""} or following.concepts[0] not in _NET_OR_GROSS:
        return False
    of_one = before and len({"tp1", "tp2"} & set(before[-1].concepts)) == 1
    return not of_one and not said.bare[number.end : following.start].strip()


def _second_figure(label: Label, first: Number, number: Number, said: Claims) -> bool:
    """Whether a name's price stands before its other figure: "TP1 at 177.62 is 4.2 % below"."""
    return (
        first.unit in {"", "money"}
        and number.unit in {"%", "R", "ATR"}
        and bool(FILLER.fullmatch(said.bare[label.end : first.start]))
        and bool(_IS_ALSO.fullmatch(said.bare[first.end : number.start]))
    )


def _without_asides(between: str) -> str:
    """Drop what stands between a name and the verb of its number."""
    return _ASIDE.sub(" ", between)


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
        return whole and all(one.value <= _FRAMES for one in number.readings)
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
    ) or bool(
        re.fullmatch(
            r",\s(?:which is|so|i\.e\.|yaitu|jadi)\s\$?", said.text[label.end : number.start]
        )
    )


def _listed(before: Sequence[Label], said: Claims) -> list[Label]:
    group = [before[-1]]
    if "p_tp1_before_stop" in group[0].concepts:
        return group
    for label in reversed(before[:-1]):
        if any(label.end <= one.start < group[0].start for one in said.numbers):
            break
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
