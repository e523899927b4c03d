"""How many tokens a prompt must have: measured on this model, not guessed.

A server that cuts a prompt says nothing; what it counts is less than what the same model counted
for a text of known length. So the first short prompt tells how long this model's tokens are.
"""

from dataclasses import dataclass
from typing import Final

_MARGIN: Final = 0.75
"""A prompt that counts fewer than this share of its tokens was cut."""
_CAUTIOUS: Final = 2.2
"""Characters a token before anything was measured: facts are mostly digits and ids."""

PROBE: Final = "\n".join(
    f"[TESTUSDT.4h.{name}] {value}"
    for name, value in (
        ("rsi", "57.6 level"),
        ("adx", "27.4 level"),
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
"""A text like those the model will be given, short enough for any window."""


@dataclass(frozen=True)
class Gauge:
    """Characters a token on one model, measured or assumed."""

    characters_a_token: float = _CAUTIOUS
    measured: bool = False

    @classmethod
    def of(cls, *, characters: int, tokens: int) -> "Gauge":
        """Measure by a prompt that certainly fitted."""
        return cls(max(1.0, characters / max(1, tokens)), measured=True)

    def tokens(self, characters: int) -> int:
        """Return how many tokens a text should count."""
        return round(characters / self.characters_a_token)

    def characters(self, tokens: int) -> int:
        """Return how many characters surely fit in so many tokens."""
        return max(0, int(tokens * self.characters_a_token * 0.85))

    def was_cut(self, *, characters: int, counted: int, window: int, reserved: int) -> str | None:
        """Say how a prompt was cut, or None when all of it was read."""
        expected = self.tokens(characters)
        if counted <= 0:
            return "the server does not say how much of the prompt it read"
        if counted + reserved > window:
            return f"prompt and answer must fit in {window} tokens, was {counted} + {reserved}"
        if self.measured and counted < expected * _MARGIN:
            return f"the model read {counted} tokens of about {expected} that were sent"
        return None
