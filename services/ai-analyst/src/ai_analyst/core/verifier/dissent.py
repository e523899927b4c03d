"""Which indicator is said to vote against the others: "only the MACD disagrees"."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import contracts_at, frame_at

_INDICATORS: Final = (
    ("stoch_rsi", r"stoch(?:astic)?[-\s_]?RSI"),
    ("ema_trend", r"EMA(?:[-\s_]trend)?"),
    ("macd", r"MACD"),
    ("rsi", r"(?<!stoch)(?<!stoch[-\s_])(?<!stochastic[-\s_])RSI"),
    ("obv", r"OBV|on[-\s]balance volume"),
    ("supertrend", r"supertrend"),
)
_DISSENTS: Final = r"(?:disagree\w*|dissent\w*|oppos\w+|object\w*|against|the other way|lean\w* (?:short|long|the other)|negati\w+|positi\w+|short|long|bearish|bullish|berlawanan|menolak|melawan|menentang|tidak setuju|berbeda)"
_BEFORE: Final = (
    r"\b(?:only|just|hanya|cuma)\s(?:the\s|its\s|suara\s)?{name}\b(?:['’]s)?(?:\s(?:vote|yang|is|votes|points|leans|sedikit|slightly|itself)){{0,3}}\s"
    + _DISSENTS,
    r"\b(?:except|besides|apart from|other than|all but|every\w* but|kecuali|selain)\s(?:for\s)?(?:the\s|suara\s)?{name}\b(?!['’]s|\sat)(?![^.;]{{0,30}}\b(?:small|weak|tiny|modest|mild|kecil|lemah))",
    r"\b(?:against|dissent\w*|exception|outlier|holdout|disagree\w*|pengecualian\w*|berlawanan|melawan)\b[^.;|]{{0,30}}?(?::|\bis\b|\bbeing\b|\bcomes from\b|\bcoming from\b|\bfrom\b|,\snamely\b|\badalah\b|\byaitu\b)\s(?:the\s|suara\s)?{name}\b",
    r"(?<!\w){name}\b(?:['’]s)?(?:\svote)?\s(?:is|as|being|was|adalah)?\s?(?:the\s)?(?:only|sole|lone|single|one|satu-satunya)\s[^.;|]{{0,20}}?(?:dissent\w*|exception|outlier|holdout|against|disagree\w*|negative|melawan|berlawanan|berbeda)",
)


_AGREES: Final = r"(?<!\w){name}\b(?:['’]s)?(?:\s(?:vote|also|itself|juga))?\s(?:agrees|sides|goes along|votes along|sejalan|setuju)\b"


def check_dissent(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every indicator that votes with the others and is said not to."""
    if said.find(CONDITIONAL) or not _of_votes(said):
        return
    for name, words in _INDICATORS:
        for form in _BEFORE:
            for match in re.finditer(form.format(name=f"(?:{words})"), said.text, re.IGNORECASE):
                frame = frame_at(match.span(), said, focus)
                for symbol in contracts_at(match.span(), said, focus, table):
                    votes = _votes(symbol, name, frame, table)
                    if votes and not any(own * most < 0 for own, most in votes):
                        yield f"{name} of {symbol} votes with the others"
        agrees = _AGREES.format(name=f"(?:{words})")
        for match in re.finditer(agrees, said.text, re.IGNORECASE):
            frame = frame_at(match.span(), said, focus)
            for symbol in contracts_at(match.span(), said, focus, table):
                votes = _votes(symbol, name, frame, table)
                if votes and not any(own * most > 0 for own, most in votes):
                    yield f"{name} of {symbol} votes against the others"


def _of_votes(said: Claims) -> bool:
    return any(
        one == "votes" or one.startswith("vote_") for label in said.labels for one in label.concepts
    )


def _votes(symbol: str, name: str, frame: str, table: FactTable) -> list[tuple[float, float]]:
    """Return an indicator's votes, each with what most of its timeframe voted."""
    found = []
    for fact in table.by_concept.get(f"vote_{name}", ()):
        if fact.symbol == symbol and fact.number is not None and frame in {"", fact.timeframe}:
            longs = table.value(f"{symbol}.{fact.timeframe}.votes.long")
            shorts = table.value(f"{symbol}.{fact.timeframe}.votes.short")
            if isinstance(longs, float) and isinstance(shorts, float):
                found.append((fact.number, longs - shorts))
    return found
