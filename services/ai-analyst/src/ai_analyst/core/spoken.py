"""What a model's answer is: not its thoughts, our prompts' fences or a digit without end."""

import re
from typing import Final

_THOUGHT_ENDS: Final = "</think>"
_FENCE: Final = re.compile(r"<<<[A-Z ]+ [0-9a-f]{8}[ \t]*\n?|\n?[A-Z ]+ [0-9a-f]{8}>>>")
_ENDLESS: Final = re.compile(r"(\d{40})\d+")
"""Small models fall into repeating a digit; no computer's number is as long as what comes then."""


def spoken(text: str) -> str:
    """Return the answer in what a model wrote.

    A template may have begun a thought for the model, so that only its end is there; small models
    like to imitate the fences they are shown.
    """
    answer = text.rpartition(_THOUGHT_ENDS)[2]
    return _ENDLESS.sub(r"\1…", _FENCE.sub("", answer)).strip()
