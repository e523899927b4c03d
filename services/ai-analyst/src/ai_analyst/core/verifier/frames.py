"""Timeframes and windows as people write them: 4h, daily, H1, per jam, the last 24 hours."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ai_analyst.core.verifier.cues import phrase

_TIMEFRAME: Final = re.compile(
    r"(?<![\w.,])(?:(?P<count>1|4|24|8)[-\s]?(?P<unit>h|H|hr|hour|hourly|jam)(?P<tail>s?|(?<=jam)nya)|(?P<day>1\s?[dD]|[dD]1|[Dd]aily|[Hh]arian(?:nya)?)|[hH](?P<letter>1|4)|(?P<word>(?i:one|four|eight|satu|empat|delapan|twenty-four))[-\s](?:hours?|jam)|(?P<hourly>[Hh]ourly|per jam|(?<=last )hour|(?<=past )hour|(?<=previous )hour|(?<=within the )hour|(?<=within an )hour|(?<=in an )hour|(?<=than it was )an hour ago|(?<=compared with )an hour ago|(?<=compared to )an hour ago|(?<=than )an hour ago|(?<=from )an hour ago|sejam)|(?P<lastday>(?<=last )day|(?<=past )day|(?<=previous )day|(?<=over the )day|(?<=on the )day|since yesterday|(?<=than it was )a day ago|(?<=compared with )a day ago|(?<=compared to )a day ago|(?<=than )a day ago|(?<=from )a day ago|(?<=than it was )a day earlier|sehari(?! hari)|(?<=24 )hours))(?![\w])"
)
_WITHIN: Final = phrase(r"\b(?:within|after|dalam waktu|setelah)\s*$")
_COUNTS: Final = {"one": "1", "four": "4", "eight": "8", "satu": "1", "empat": "4", "delapan": "8",
                  "twenty-four": "24"}  # fmt: skip
_BEFORE_FRAME: Final = phrase(r"(?:(?:chart|volatilitas|volatility|timeframe|grafik|waktu|lilin|candle|rsi|adx|atr|ema|macd|supertrend|bollinger|skor|tren|suara|stochrsi|regime|persentil|resistensi|support|swing|low|high|the|last|past|previous|perubahan|terakhir|volume|turnover|interest|oi|indikator|indicators?|kerangka|skala|di|pada|dalam|over|selama|on|in)\s*[(\s]?|(?:ema|rsi|adx|atr|macd)\s\(?\d+\)?\s)$")  # fmt: skip
_CHANGE_IN: Final = phrase(r"(?:%|persen|per\s?cent)\s*(?:in|over|within|during|dalam|selama)\s*(?:the\s*)?(?:last\s*|past\s*)?$")  # fmt: skip
"""Before the window of a change: 2.1 % in 4 hours."""
_AFTER_A_VALUE: Final = re.compile(r"\d\s?(?:%|ATR)?\s?\($")
"""Before the timeframe of a value: 35.7 (1 jam)."""
_AFTER_A_MULTIPLE: Final = re.compile(r"\d\s?[x%]\s$")
"""Before the timeframe of a multiple: "1,57x 4 jam"."""
_TURNS: Final = phrase(r"(?:^|\b(?:sedangkan|sementara|disusul|dan|while|and|whereas)\s|[,;:]\s)$")
_VALUE: Final = re.compile(r"\s(?:(?:hanya|cuma|only|just)\s)?\(?[+\-−]?\d")
"""Around the timeframe of another value: "sedangkan 1 jam 29 %"."""
_LISTED: Final = phrase(r"\s?(?:,|and|dan|serta|/)\s(?:and\s|dan\s)?")
_UNKNOWN: Final = phrase(r"\s(?:(?:tidak|belum) (?:diketahui|tersedia)|(?:is|are) (?:not known|unknown|missing))\b")  # fmt: skip
"""Behind the window of a change that is missing."""
_LAST: Final = phrase(r"(?:normali[sz]ed to|last|past|previous|over|per|every past|trailing)\s*(?:the\s*)?(?:last|past)?\s*$")  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """A timeframe or a window: 4h, daily, the last 24 hours."""

    start: int
    end: int
    name: str


def frames(text: str) -> Iterator[Frame]:
    """Find the timeframes of a sentence; "4 hours" is one only where it is no duration."""
    last = -1
    for match in _TIMEFRAME.finditer(text):
        count = match["count"] or match["letter"]
        if match["word"]:
            count = _COUNTS[match["word"].lower()]
        spelled = match["word"] or (match["unit"] or "").lower() in {"hour", "jam", "hr"}
        after, before = text[match.end() :], text[: match.start()]
        if spelled and _CHANGE_IN.search(before):
            spelled = False
        bracketed = before.rstrip().endswith("(") and after.lstrip().startswith(")")
        if spelled and "-" not in match[0] and not (bracketed and _AFTER_A_VALUE.search(before)):
            framed = _LISTED.fullmatch(text[last : match.start()]) if last >= 0 else None
            unknown = _UNKNOWN.match(after)
            framed = (
                framed
                or unknown
                or _BEFORE_FRAME.search(before)
                or _AFTER_A_MULTIPLE.search(before)
                or (_TURNS.search(before) and _VALUE.match(after))
            )
            if (count != "24" or _WITHIN.search(before)) and (
                match["tail"] == "s" or not framed or (_counts_hours(before, after) and not unknown)
            ):
                framed = _LAST.search(before)
            if not framed and (count != "24" or _WITHIN.search(before)):
                continue
        name = (
            "24h"
            if match["lastday"]
            else "1d"
            if match["day"]
            else "1h"
            if match["hourly"]
            else f"{count}h"
        )
        last = match.end()
        yield Frame(match.start(), match.end(), name)


def _counts_hours(before: str, after: str) -> bool:
    later = re.match(r"\s*(?:lagi|from now|later|to|until|sebelum|jika|if)\b", after, re.IGNORECASE)
    return bool(
        later
        or re.search(
            r"\b(?:dalam|in|setiap|every|(?:berumur|berusia)(?: \w+)?)\s*$", before, re.IGNORECASE
        )
    )
