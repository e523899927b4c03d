"""Which language a question is in, as far as the answer's own words go."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from typing import Final

_INDONESIAN: Final = frozenset(
    ["apa", "apakah", "mengapa", "kenapa", "kapan", "bagaimana", "gimana", "yang", "dan", "atau", "tidak", "bukan", "ada", "dari", "untuk", "di", "ke", "pada", "dengan", "ini", "itu", "saya", "kamu", "bisa", "akan", "sudah", "belum", "jika", "kalau", "berapa", "mana", "harga", "masuk", "naik", "turun", "beli", "jual", "terbaik", "rencana", "sinyal", "karena", "sejak", "terakhir", "dong", "nggak", "gak", "aja", "tolong", "jelaskan"]
)  # fmt: skip
_ENGLISH: Final = frozenset(
    ["what", "why", "when", "how", "which", "the", "and", "or", "not", "is", "are", "was", "of", "for", "in", "to", "on", "with", "this", "that", "i", "you", "can", "will", "if", "would", "should", "best", "plan", "signal", "since", "last", "price", "nothing", "wrong", "long", "short", "explain", "please", "does", "do", "has", "have", "any"]
)  # fmt: skip


def language_of(text: str) -> str:
    """Return `id` or `en` by the commonest words; empty when they do not tell."""
    words = re.findall(r"[a-z]+", text.lower())
    indonesian = sum(word in _INDONESIAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    if indonesian == english:
        return "" if words and not indonesian else "en"
    return "id" if indonesian > english else "en"
