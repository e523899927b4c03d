"""Contracts and directions as people name them."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ai_analyst.core.verifier.cues import phrase

_QUOTES: Final = ("USDT", "USDC", "USD")
_NAMES: Final = {
    "bitcoin": "BTC", "ethereum": "ETH", "ether": "ETH", "solana": "SOL", "dogecoin": "DOGE",
    "ripple": "XRP", "cardano": "ADA", "avalanche": "AVAX", "chainlink": "LINK",
    "polkadot": "DOT", "litecoin": "LTC", "binance coin": "BNB", "toncoin": "TON", "tron": "TRX",
    "shiba inu": "SHIB", "uniswap": "UNI", "arbitrum": "ARB", "optimism": "OP", "aptos": "APT",
}  # fmt: skip
_WELL_KNOWN: Final = [
    "BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "DOT", "LTC", "BNB", "TON", "TRX",
    "SHIB", "UNI", "ARB", "SUI", "APT", "NEAR", "ATOM", "PEPE", "FIL", "BCH", "XLM", "HBAR",
    "ICP", "ETC", "INJ", "SEI", "TIA", "WIF", "BONK", "AAVE", "MKR", "LDO",
]  # fmt: skip
_COMMON: Final = frozenset({
    "near", "link", "dot", "op", "one", "gas", "mask", "hot", "sun", "just", "ape", "flow",
    "sand", "gala", "magic", "id", "high", "beam", "super", "space", "me", "io", "move", "not",
    "cat", "act", "pump", "safe", "people", "portal", "open", "home", "ask", "fun", "base",
    "what", "who", "uni", "apt", "ton", "dan", "bisa", "bio", "ali", "alt", "og", "arc", "ace",
    "key", "ong", "lever", "man", "red", "hei", "sign", "time", "tut", "up", "win", "mina", "ada",
    "sui", "atom", "fil", "lista", "blur", "turbo",
})  # fmt: skip
"""Words that are also base assets: only their capitals name a contract."""
_LETTER: Final = r"[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""Of a word that must not go on: Thai, Chinese, Japanese and Korean write none around a name."""
_WRITTEN: Final = re.compile(rf"(?<!{_LETTER})(?<!\.)\$?(?P<base>[A-Z0-9]{{2,15}}?)[-/_]?(?:USDT|USDC|USD|PERP)(?:[-.:_]?(?:PERP|P|USDT))?(?![A-Za-z])")  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A contract's name in a sentence; an empty symbol is a contract nobody lists."""

    start: int
    end: int
    symbol: str
    written: str


def contracts(text: str, known: Iterable[str], *, loose: bool = False) -> Iterator[Named]:
    """Find contracts by symbol, base asset or name; unknown ones too when they look like one.

    `loose` also takes small letters, as people type questions, where they are no common word.
    """
    by_name, pattern = _dictionary(tuple(sorted(known)))
    taken: list[tuple[int, int]] = []
    for match in _WRITTEN.finditer(text):
        written = re.sub(r"[^A-Z0-9]", "", match[0])
        symbol = by_name.get(written.casefold()) or by_name.get(match["base"].casefold(), "")
        if match["base"] in _QUOTES:
            continue
        taken.append(match.span())
        yield Named(match.start(), match.end(), symbol, match[0])
    for match in pattern.finditer(text):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        name = match["name"]
        typed = loose and name.islower() and name not in _COMMON
        if name.casefold() not in _NAMES and name != name.upper() and not typed:
            continue
        yield Named(match.start(), match.end(), by_name.get(name.casefold(), ""), match[0])


def asked_for(question: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known contracts a question names, in its order, each once."""
    found = (one.symbol for one in contracts(question, known, loose=True))
    return tuple(dict.fromkeys(symbol for symbol in found if symbol))


@lru_cache(maxsize=64)
def _dictionary(known: tuple[str, ...]) -> tuple[dict[str, str], re.Pattern[str]]:
    by_name: dict[str, str] = {}
    for symbol in known:
        by_name[symbol.casefold()] = symbol
        quote = next((quote for quote in _QUOTES if symbol.endswith(quote)), "")
        base = symbol.removesuffix(quote)
        if len(base) > 1:
            by_name.setdefault(base.casefold(), symbol)
            by_name.setdefault(re.sub(r"^1000+", "", base).casefold(), symbol)
    for name, base in _NAMES.items():
        if base.casefold() in by_name:
            by_name[name] = by_name[base.casefold()]
    words = {
        *by_name,
        *(name.casefold() for name in _NAMES),
        *(one.casefold() for one in _WELL_KNOWN),
    }
    choices = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return by_name, re.compile(
        rf"(?<!{_LETTER})(?<!\.)\$?(?P<name>{choices})(?!\.?{_LETTER})", re.IGNORECASE
    )


_LONG: Final = (
    r"longs?(?!(?:er|est)\b|[-\s](?:term|run|time|as|way|tail|ago|enough|lived|jangka|upper|lower|wick|history|list))|"
    r"tren(?:ds?)?(?:nya)?\s+(?:\S+\s+){0,3}?(?:naik|up)|bull(?:ish|s)?|trending[ _]up|uptrend|up-trend|beli|buys?(?=\W)|naik(?= tren)|tren naik|upward trend"
)
_SHORT: Final = (
    r"shorts?(?!(?:ly|er|est|age|fall|en|cut)\b|[-\s](?:term|run|of\b|time|list|answer|jangka|version|lived|summary|note))|"
    r"tren(?:ds?)?(?:nya)?\s+(?:\S+\s+){0,3}?(?:turun|down)|bear(?:ish|s)?|trending[ _]down|downtrend|down-trend|jual|sells?(?=\W)|tren turun|downward trend"
)
DIRECTIONS: Final = phrase(rf"(?<![\w-])(?:(?:di|nge|mem|men)-?)?(?:(?P<long>{_LONG})|(?P<short>{_SHORT}))(?![\w])")  # fmt: skip
IN_SHORT: Final = phrase(r"\b(?:in short|(?:can|could|to) bear|bears? (?:in mind|watching)|as long as|so long as|before long|no longer|all day long|f[ae]ll(?:s|ing)? short|long[-\s](?:legged|dated)|short squeeze|long squeeze|cut short|tenaga (?:beli|jual)|tekanan (?:beli|jual)|(?:buy|sell)(?:ing)? (?:pressure|power)|long\s?[/-]\s?short|votes? (?:is|are|was|were) (?:long|short|bullish|bearish)|\d(?:\s?(?:points?|R|%|ATR))? short)\b")  # fmt: skip
