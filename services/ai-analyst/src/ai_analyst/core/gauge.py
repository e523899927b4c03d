"""How many tokens a prompt must have: measured on this model, not guessed.

A server that cuts a prompt says nothing; what it counts is then less than this model should count.
A text's weight is what tokenizers make of it (long words few tokens, digits and signs one each);
a first short prompt of the same kind tells how many tokens this model makes of that weight.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_MARGIN: Final = 0.75
"""A prompt that counts fewer than this share of its tokens was cut; tokenizers differ by less."""
_PIECES: Final = re.compile(r"[^\W\d_]+|\d+|\n|[^\w\s]|_")
_LETTERS: Final = 6
_DIGIT: Final = 0.75

_FACTS: Final = "\n".join(
    f"[TESTUSDT.4h.{name}] {value}"
    for name, value in (
        ("rsi", "57.6"),
        ("adx", "27.4"),
        ("ema_21", "96120.5"),
        ("score", "69.8 points"),
        ("trend_score", "47.2 points"),
        ("regime", "trending_up"),
        ("atr", "1180.4"),
        ("vote.supertrend", "1 vote"),
        ("swing_high.1", "98310"),
        ("close", "97250"),
    )
)
PROBE: Final = f"""You explain the decisions of a scanner to a trader. Use only the facts below,
say what is missing, and never guess a price, a level, a percentage or a date.
{_FACTS}
Answer in English: why would a trader leave this alone, and what would have to change?"""
"""A text like those the model will be given, short enough for any window."""


def weight(text: str) -> float:
    """Return about how many tokens a text has, up to a factor of the model's own."""
    total = 0.0
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece[0].isalpha():
            total += max(1.0, len(piece) / _LETTERS)
        else:
            total += len(piece) * _DIGIT if piece[0].isdigit() else 1.0
    return total


@dataclass(frozen=True)
class Gauge:
    """Tokens a model makes of a text's weight."""

    factor: float

    @classmethod
    def of(cls, *, tokens: int) -> "Gauge":
        """Measure by the probe, which certainly fitted."""
        return cls(max(0.1, tokens / weight(PROBE)))

    def tokens(self, texts: Iterable[str]) -> int:
        """Return how many tokens texts should count."""
        return round(self.factor * sum(map(weight, texts)))

    def characters(self, tokens: int) -> int:
        """Return how many characters of facts surely fit in so many tokens."""
        a_character = self.factor * weight(_FACTS) / len(_FACTS)
        return max(0, int(tokens / a_character * 0.85))

    def was_cut(self, texts: Iterable[str], *, counted: int, window: int) -> str | None:
        """Say how a prompt was cut, or None when all of it was read."""
        if counted <= 0:
            return "the server does not say how much of the prompt it read"
        if counted >= window:
            return f"the prompt must leave room in {window} tokens, was {counted}"
        expected = self.tokens(texts)
        if counted < expected * _MARGIN:
            return f"the model read {counted} tokens of about {expected} that were sent"
        return None
