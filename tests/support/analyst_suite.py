"""The labelled sentences the number check is measured by, and the check run over them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier import Checked, check
from tests.support.analyst_market import table

_FILE: Final = Path(__file__).parents[1] / "data" / "analyst" / "sentences.tsv"
TUNED: Final = ("dev", "round-1", "round-2", "round-3", "round-4", "round-5", "round-6", "round-7",
                "held-out", "held-out-2", "held-out-3", "models", "models-2", "models-3",
                "models-4", "models-held-out", "models-5", "probes",
                "round-8", "round-9", "round-10", "round-11", "round-12", "round-13",
                "round-14", "round-15", "cited-1", "cited-2", "cited-3", "cited-4",
                "cited-5", "cited-6", "cited-7", "cited-8", "cited-9", "cited-10",
                "cited-11", "cited-12", "cited-13", "cited-14")  # fmt: skip
"""Written with the check, or written blind, measured once, and then looked at.

Before anybody looked, 10.0 % of the honest sentences of `held-out-3` were refused and 97.4 % of the
fabricated ones caught; of `round-7` it was 19.3 % and 81.0 %, of `round-8` 10.0 % and 92.0 %, of
`round-9` 6.0 % and 92.0 %, of `round-10` 17.3 % and 84.0 %, of `round-11` 6.7 % and 94.0 %, of
`round-12` 28.9 % and 81.7 %, of `round-13` 17.8 % and 70.0 %, of `round-14` 18.3 % and 86.2 %,
of `round-15` 16.7 % and 76.2 %.
The sentences of the `cited` parts name their facts in brackets, as the product's prompt asks.
Of the first three it was 0.8 % and 86.2 %, 4.2 % and 88.8 %, 6.7 % and 88.8 % before the check knew
citations, of `cited-4` 15.0 % and 96.2 %, of `cited-5` 9.2 % and 96.2 %, of `cited-6` 9.2 % and
93.8 %, of `cited-7` 9.2 % and 92.5 %, of `cited-8` 2.5 % and 95.0 %, of `cited-9` 3.3 % and 92.5 %,
of `cited-10` 5.0 % and 96.2 %, of `cited-11` 6.7 % and 93.8 %, of `cited-12` 5.8 % and 88.8 %, of
`cited-13` 2.5 % and 98.8 %, of `cited-14` 2.5 % and 96.2 % afterwards.
"""
HELD_OUT: Final = ("cited-held-out", "prose-held-out")
"""Written blind, measured, and never looked at: as the product's prompt asks, and in free prose."""
_QUESTIONS: Final = {
    "BTC": "Why is BTCUSDT long?",
    "SOL": "What about SOLUSDT?",
    "ETH": "Why nothing on ETHUSDT?",
    "DOGE": "And DOGEUSDT?",
    "MARKET": "What did the scan find?",
}


@dataclass(frozen=True)
class Labelled:
    """One sentence of the suite with its author's verdict."""

    part: str
    honest: bool
    about: str
    sentence: str


def suite(part: str | None = None) -> Iterator[Labelled]:
    """Yield the suite, or one part of it.

    `TUNED` and `HELD_OUT` say what the check was tuned by.
    """
    for line in _FILE.read_text(encoding="utf-8").splitlines()[1:]:
        name, label, about, sentence = line.replace("\\n", "\n").split("\t")
        if part in {None, name}:
            yield Labelled(name, label == "honest", about, sentence)


@cache
def market() -> FactTable:
    """The facts all sentences speak of."""
    return table()


def judged(labelled: Labelled) -> Checked:
    """Run the check as the service does, with the question the sentence answers."""
    return check(labelled.sentence, market(), question=_QUESTIONS[labelled.about])


def wrong(part: str | None = None) -> list[tuple[Labelled, Checked]]:
    """Return the sentences whose verdict differs from the author's."""
    return [(one, result) for one in suite(part) if (result := judged(one)).clean is not one.honest]
