"""Which sign and which way a named value is said to have: "negative funding", "it crossed up".

Where the number itself is written, its own sign is judged with it; this reads the words alone.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, EVERYWHERE, FILLER, NEGATION, phrase
from ai_analyst.core.verifier.lexicon import Label
from ai_analyst.core.verifier.scope import Focus, candidates
from ai_analyst.core.verifier.subjects import contracts_at, frame_at

_SIGN: Final = phrase(r"\b(?:(?P<plus>positive|above zero|positif|di atas nol)|(?P<minus>negative|below zero|negatif|di bawah nol))\b")  # fmt: skip
_WITH_A_SIGN: Final = frozenset({
    "funding", "macd", "macd_histogram", "score", "trend_score", "mean_trend", "btc_trend",
    "vote_ema_trend", "vote_macd", "vote_rsi", "vote_stoch_rsi", "vote_obv", "vote_supertrend",
})  # fmt: skip
_ROSE: Final = phrase(r"\b(?:(?P<plus>rose|risen|rising|rises|grew|grown|growing|increas(?:ed|es|ing)|climb(?:ed|s|ing)|expand(?:ed|ing)|(?:is |are )?up|naik|meningkat|bertambah)|(?P<minus>fell|fallen|falling|falls|shr[aiu]nk\w*|drop(?:ped|ping|s)|declin(?:ed|ing|es)|decreas(?:ed|ing|es)|contract(?:ed|ing)|(?:is |are )?down|turun|menurun|berkurang|menyusut))\b")  # fmt: skip
_EXTREME: Final = phrase(r"(?:\b(?:is|are|so|already|deeply|clearly|now|at|firmly|technically|sudah|jelas|berada di|dalam kondisi)|,)\s(?:an?\s|in\s)?(?:(?P<over>overbought|jenuh beli)|(?P<under>oversold|jenuh jual))")  # fmt: skip
_EDGES: Final = {"rsi": (30.0, 70.0), "stoch_rsi_k": (20.0, 80.0), "stoch_rsi_d": (20.0, 80.0)}
"""Where an oscillator is called oversold and overbought."""
_CROSSED: Final = phrase(r"\b(?:cross(?:ed|es|ing)?|crossover|persilangan|memotong)\b")
_UP: Final = phrase(r"\b(?:up|upwards?|above|over|bullish(?:ly)?|naik|ke atas)\b")
_DOWN: Final = phrase(r"\b(?:down|downwards?|below|under|bearish(?:ly)?|turun|ke bawah)\b")
_CROSSING: Final = {"macd": "macd_signal", "stoch_rsi_k": "stoch_rsi_d", "ema_9": "ema_21",
                    "plus_di": "minus_di"}  # fmt: skip
"""A line and the one it crosses."""
_AVERAGE: Final = phrase(r"\b(?:(?P<plus>above|over|heavier than|higher than|di atas)|(?P<minus>below|under|thinner than|lighter than|lower than|di bawah))\s(?:its\s|the\s)?(?:average|normal|usual|rata-rata)")  # fmt: skip
_CHANGES: Final = ("open_interest_change", "open_interest_usd_change")
_WHICH: Final = phrase(r",\s(?:which|yang)\b")
_GAP: Final = 4
"""So many words may stand between a name and its sign."""


def check_signs(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every sign, change or crossing that no fact bears out."""
    yield from _signs(said, focus, table)
    yield from _changes(said, focus, table)
    yield from _crossings(said, focus, table)
    yield from _volumes(said, focus, table)
    yield from _extremes(said, focus, table)


def _stated(place: tuple[int, int], said: Claims) -> bool:
    begin, end = said.clause(place[0])
    clause = said.text[begin : max(end, place[1])]
    return not CONDITIONAL.search(clause) and not NEGATION.search(clause)


def _signs(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    for match in _SIGN.finditer(said.text):
        label = _subject(match, said)
        if label is None or not _stated(match.span(), said):
            continue
        sign = 1 if match["plus"] else -1
        told = _facts(label, match.span(), said, focus, table)
        fits = [(one.number or 0.0) * sign > 0 for one in told]
        every = said.find(EVERYWHERE)
        if told and not (all(fits) if every else any(fits)):
            yield f"{told[0].id} is {told[0].shown}"


def _subject(match: re.Match[str], said: Claims) -> Label | None:
    """Return the name right before a sign ("funding is negative") or right behind it."""
    for label in said.labels:
        between = (
            said.bare[label.end : match.start()]
            if label.end <= match.start()
            else said.bare[match.end() : label.start]
            if label.start >= match.end()
            else None
        )
        between = between and _WHICH.sub(" ", between)
        if between is None or not _WITH_A_SIGN & set(label.concepts[:2]):
            continue
        behind = label.start >= match.end()
        words = between.split()
        if not words if behind else len(words) <= _GAP and FILLER.fullmatch(between):
            return label
    return None


def _facts(
    label: Label, place: tuple[int, int], said: Claims, focus: Focus, table: FactTable
) -> list[Datum]:
    symbols = contracts_at(place, said, focus, table)
    frame = frame_at(place, said, focus)
    concept = next(one for one in label.concepts if one in _WITH_A_SIGN)
    found = candidates(table, symbols, frame, (concept,))
    return [one for one in found if one.number is not None and not one.threshold]


def _changes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "open interest fell over 24 hours" where no number says by how much."""
    for match in _ROSE.finditer(said.text):
        before = [one for one in said.labels if one.end <= match.start()]
        if not before or "open_interest" not in before[-1].concepts:
            continue
        if not _stated(match.span(), said):
            continue
        begin, end = said.clause(match.start())
        frame = next((one.name for one in said.frames if match.end() <= one.start < end), "")
        frame = frame or next((one.name for one in said.frames if begin <= one.start < end), "")
        sign = 1 if match["plus"] else -1
        for symbol in contracts_at(match.span(), said, focus, table):
            told = [
                one
                for concept in _CHANGES
                for one in table.by_concept.get(concept, ())
                if one.symbol == symbol and frame in {"", one.timeframe}
            ]
            if told and not any((one.number or 0.0) * sign > 0 for one in told):
                yield f"{told[0].id} is {told[0].shown}"


def _crossings(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "the MACD crossed above its signal" against where the two lines are now."""
    for match in _CROSSED.finditer(said.text):
        before = [one for one in said.labels if one.end <= match.start()]
        clause = said.clause(match.start())
        first = next(
            (one for label in reversed(before) for one in label.concepts if one in _CROSSING), None
        )
        if first is None or not _stated(match.span(), said):
            continue
        words = said.text[max(clause[0], match.start() - 12) : clause[1]]
        up, down = _UP.search(words), _DOWN.search(words)
        if bool(up) is bool(down):
            continue
        frame = frame_at(match.span(), said, focus)
        pairs = [
            (one, other)
            for symbol in contracts_at(match.span(), said, focus, table)
            for one in candidates(table, (symbol,), frame, (first,))
            for other in candidates(table, (symbol,), frame, (_CROSSING[first],))
            if one.timeframe == other.timeframe and one.number is not None
        ]
        if pairs and not any(
            ((one.number or 0.0) > (other.number or 0.0)) is bool(up) for one, other in pairs
        ):
            one, other = pairs[0]
            yield f"{one.id} is {one.shown} and {other.id} is {other.shown}"


def _volumes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "volume is below its average" against the relative volume of the timeframe."""
    for match in _AVERAGE.finditer(said.text):
        begin, end = said.clause(match.start())
        named = [one for one in said.labels if begin <= one.start < end]
        if not any("relative_volume" in one.concepts for one in named):
            continue
        if not _stated(match.span(), said):
            continue
        told = [
            one
            for one in candidates(
                table,
                contracts_at(match.span(), said, focus, table),
                frame_at(match.span(), said, focus),
                ("relative_volume",),
            )
            if one.number is not None
        ]
        if told and not any(((one.number or 0.0) > 1) is bool(match["plus"]) for one in told):
            yield f"{told[0].id} is {told[0].shown}"


def _extremes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "so it is overbought" against the oscillator that is named last."""
    for match in _EXTREME.finditer(said.text):
        before = [one for one in said.labels if one.end <= match.start() + 2]
        named = [one for label in before for one in label.concepts if one in _EDGES]
        if not named or not _stated(match.span(), said):
            continue
        symbols = contracts_at(match.span(), said, focus, table)
        frame = frame_at(match.span(), said, focus)
        told = [
            one
            for concept in dict.fromkeys(named)
            for one in candidates(table, symbols, frame, (concept,))
            if one.number is not None
        ]
        fits = [
            one.number >= _EDGES[one.concept][1]
            if match["over"]
            else one.number <= _EDGES[one.concept][0]
            for one in told
            if one.number is not None
        ]
        if told and not any(fits):
            yield f"{told[0].id} is {told[0].shown}"
        elif symbols and not told:
            yield f"no {named[0]} is known"
