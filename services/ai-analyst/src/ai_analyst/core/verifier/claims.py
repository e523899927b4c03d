"""What a sentence claims: its numbers with their units, its contracts, times, and where they stand.

Everything that looks like a number and is none (citations, list marks, ordinals, the 21 of an EMA,
the 4h of a chart) is set aside first.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from ai_analyst.core.verifier.citations import Citation, without_citations
from ai_analyst.core.verifier.cues import CLAUSE, phrase
from ai_analyst.core.verifier.frames import Frame, frames
from ai_analyst.core.verifier.lexicon import Label, labels
from ai_analyst.core.verifier.names import Named, contracts
from ai_analyst.core.verifier.numbers import Number, numbers
from ai_analyst.core.verifier.paper import Paper
from ai_analyst.core.verifier.times import Moment, moments

_PATH: Final = re.compile(
    r"(?<![\w.])(?P<owner>(?:(?:[A-Z0-9]{2,}(?:USDT|USDC|USD)|market|plan|gate|1d|4h|1h)\.)+)?[A-Za-z]\w*(?:\.\w+)*"
)
"""A fact's own name in the words of a sentence: stoch_rsi, 4h.ema_21, BTCUSDT.plan.stop."""
_MARKER: Final = re.compile(
    r"^\s*(?:>\s*)?(?:(?:\d{1,2}|[a-z])[.)]|\(\d{1,2}\)|[-*•]\s+\d{1,2}[.)])(?=\s)|^\s*#{1,6}\s(?:\d{1,2}[.)]\s)?"
)
_ORDINAL: Final = phrase(r"(?<=[:;,] )\d{1,2}\)(?=\s)|#\d+\b|\b\d+(?:st|nd|rd|th)\b(?!\s+percentile)|\bke-\d+\b(?<!persentil ke-\d)(?<!persentil ke-\d\d)|\b(?:step|point|option|reason|scenario|langkah|poin|opsi|alasan|skenario|nomor|no\.)\s?\d+\b(?!\s?%)|(?<!a )(?<!one )\b(?:first|second|third|fourth|fifth)\b(?!\s+(?:target|take))|\b(?:pertama|kedua|ketiga|keempat)\b|\b0[-\s](?:to[-\s]|–\s?)?100\b|\b(?:scale|skala)\s(?:of\s|to\s|from 0 to\s)?100\b")  # fmt: skip
_PERIODS: Final = re.compile(
    r"\b(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+(?=[-\s]?(?:period\s|bar\s)?EMAs?\b)|"
    r"(?<=EMA )(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+|(?<=EMAs )(?:9|21|50|200)(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan)\s)(?:9|21|50|200)\b)+"
)
"""The periods of several averages at once: the 9, 21 and 50 EMAs."""
_GATE_OF_ITS_NAME: Final = phrase(r"[-_\s](?:trend )?(?:conflict|gate|check|filter)")
"""After a name that is no contract: the BTC-conflict gate."""
_THEIR_PERIODS: Final = re.compile(
    r"\b(?:9|21|50|200)(?=\s(?:\(|at\s|di\s)\$?\d)|\b(?:the|its|ketiga|EMA)\s(?:9|21|50|200)\b(?:(?:,\s?|\s?/\s?|,?\s(?:and|dan|or)\s)(?:9|21|50|200)\b)*(?![.,]?\d|\s?(?:%|points?|hours?|R\b|ATR))"
)
"""Periods that stand for averages named before: "below the 9, 21 and 50", "the 50 at 92,480.9"."""
_PERCENTILE: Final = phrase(r"\b(?:percentile|persentil)")
_TIME_TO: Final = phrase(r"\b(?:ETA|hours?|jam|days?|hari)\b")
_QUARTILE: Final = phrase(r"\bp(?:25|50|75)\b|\b(?:25|50|75)(?:th)?[-\s]percentile|\bpersentil (?:ke-)?(?:25|50|75)\b")  # fmt: skip
"""The name of one of the times a target may take, and no number."""
_ONE: Final = phrase(r"\sones?\b(?!\s(?:of|is the|stands))")
_AVERAGES: Final = phrase(r"\bEMAs?\b|\baverages\b|moving average|rata-rata bergerak")
_IN_BRACKETS: Final = re.compile(r"\((?:9|21|50|200)(?:[-\s](?:period|bar|day|hari))?\)")


@dataclass(frozen=True)
class Claims:
    """A sentence taken apart."""

    text: str
    bare: str
    """The text with everything recognised blanked, so that only words between remain."""
    numbers: tuple[Number, ...] = ()
    labels: tuple[Label, ...] = ()
    contracts: tuple[Named, ...] = ()
    frames: tuple[Frame, ...] = ()
    moments: tuple[Moment, ...] = ()
    citations: tuple[Citation, ...] = ()
    clauses: tuple[tuple[int, int], ...] = field(default=())
    _found: dict[re.Pattern[str], re.Match[str] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return where a form of words stands first; each is looked for once."""
        if pattern not in self._found:
            self._found[pattern] = pattern.search(self.text)
        return self._found[pattern]

    def clause(self, place: int) -> tuple[int, int]:
        """Return the clause a place lies in."""
        return next((one for one in self.clauses if one[0] <= place < one[1]), (0, len(self.text)))


def claims(
    text: str, *, symbols: frozenset[str], gates: frozenset[str], style: str | None
) -> Claims:
    """Take a sentence apart, most certain things first, each place once."""
    text, cited = without_citations(text)
    text = _PATH.sub(_in_words, text)
    paper = Paper(text)
    paper.take(_MARKER)
    named = tuple(
        paper.blank(one)
        for one in sorted(contracts(paper.text, symbols), key=lambda one: one.start)
        if not _GATE_OF_ITS_NAME.match(paper.text[one.end :])
    )
    told = tuple(paper.blank(one) for one in moments(paper.text))
    framed = tuple(paper.blank(one) for one in frames(paper.text))
    if _TIME_TO.search(text):
        paper.take(_QUARTILE)
    words = tuple(labels(paper.text, gates))
    paper.take(_PERIODS)
    for label in words:
        if any(character.isdigit() for character in text[label.start : label.end]):
            paper.blank(label)
    if not _PERCENTILE.search(text):
        paper.take(_ORDINAL)
    if _AVERAGES.search(text):
        paper.take(_IN_BRACKETS)
        words = tuple(sorted((*words, *_averages(paper)), key=lambda one: one.start))
    words = tuple(sorted((*words, *_ones(text, words, framed)), key=lambda one: one.start))
    counted = tuple(sorted(numbers(paper, style), key=lambda one: one.start))
    words = tuple(
        label
        for label in words
        if not any(
            one.start <= label.start
            and label.end <= one.end
            and one.unit == "ATR"
            and " " not in one.text.strip("0123456789.,~ ")
            for one in counted
        )
    )
    return Claims(
        text=text,
        bare=paper.text,
        numbers=counted,
        labels=words,
        contracts=named,
        frames=framed,
        moments=told,
        citations=cited,
        clauses=_clauses(text),
    )


def _in_words(path: re.Match[str]) -> str:
    """Write a fact's own name as people would, in as many characters."""
    if "_" not in path[0] and not path["owner"]:
        return path[0]
    if "p_tp1_before_stop" in path[0]:
        return " " * len(path[0])
    ended = re.sub(r"\.\d+$", lambda rank: " " * len(rank[0]), path[0])
    return re.sub(r"[._]", " ", ended)


def _ones(text: str, words: tuple[Label, ...], framed: tuple[Frame, ...]) -> Iterator[Label]:
    """Yield what is named again by its timeframe only: "the 1h supertrend, but the 4h one"."""
    for frame in framed:
        one = _ONE.match(text[frame.end :])
        last = next((label for label in reversed(words) if label.end <= frame.start), None)
        if one and last:
            yield Label(frame.end + 1, frame.end + one.end(), last.concepts)


def _averages(paper: Paper) -> list[Label]:
    """Take the periods that stand for their averages as the names they are."""
    return [
        Label(match.start() + one.start(), match.start() + one.end(), (f"ema_{one[0]}",))
        for match in paper.take(_THEIR_PERIODS)
        for one in re.finditer(r"\d+", match[0])
    ]


def _clauses(text: str) -> tuple[tuple[int, int], ...]:
    bounds = [0]
    bounds += [
        match.start() + 1 if match[0][0] in ",;" else match.end() - 1
        for match in CLAUSE.finditer(text)
    ]
    bounds.append(len(text))
    return tuple(pairwise(bounds))
