"""An answer cut into sentences: list items, table rows and headings are sentences of their own."""

import re
from dataclasses import dataclass
from typing import Final

_ABBREVIATIONS: Final = [
    "vs", "e.g", "i.e", "approx", "max", "min", "maks", "ca", "no", "dll", "dsb", "mis", "yg",
    "incl", "resp", "etc", "st",
]  # fmt: skip
_CITED: Final = r"`?\[\w+\.[^\]\n]*\]`?(?!\s*[:=]?\s*[$\d])"
"""A citation that is not the next sentence's, because no number follows it."""
_END: Final = re.compile(
    rf"(?<=[.!?…])[\"'”’)\]*_]*(?:\s*{_CITED})*\s+(?!{_CITED})(?=[\"'“‘(\[*_]*[A-Z0-9$±+\-−ÀÉ])"
    rf"|(?<=[。！？])(?!\s*{_CITED})(?=[^”’」』）])"
)
_ONLY_A_MARKER: Final = re.compile(r"^\W*\d{1,2}[.)]$")

_MARKER: Final = re.compile(r"\W*(?P<item>\d{1,2})[.)]\s")
_NEXT_MARKER: Final = re.compile(r"\s(?P<item>\d{1,2})[.)]\s+$")
"""Between the items of a list on one line: "1. Long. 2. Score 68.2."."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and its place in the answer."""

    text: str
    start: int
    end: int


def sentences(answer: str) -> tuple[Sentence, ...]:
    """Cut an answer at line ends and full stops, never inside numbers or after abbreviations."""
    found: list[Sentence] = []
    for line in re.finditer(r"[^\n]+", answer):
        begin = line.start()
        marker = _MARKER.match(line[0])
        item = int(marker["item"]) if marker else 0
        for cut in _END.finditer(line[0]):
            end = line.start() + cut.end()
            piece = answer[begin:end].strip()
            following = _NEXT_MARKER.search(answer[begin:end])
            if item and following and int(following["item"]) == item + 1:
                item, end = item + 1, begin + following.start("item")
            if _unfinished(piece):
                continue
            found.append(Sentence(answer[begin:end], begin, end))
            begin = end
        if answer[begin : line.end()].strip():
            found.append(Sentence(answer[begin : line.end()], begin, line.end()))
    return tuple(found)


def _unfinished(piece: str) -> bool:
    if _ONLY_A_MARKER.match(piece):
        return True
    last = piece.rstrip(".").rpartition(" ")[2].lower()
    return piece.endswith(".") and last in _ABBREVIATIONS
