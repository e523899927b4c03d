"""What an answer says without a number: a regime, a kind of order, a quadrant, where price is.

Each rule reads one form of words, finds whom it is said of, and complains where a fact says
otherwise. Words that stand under a condition or a negation are left alone.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import NEGATION, phrase
from ai_analyst.core.verifier.scope import Focus
from ai_analyst.core.verifier.subjects import frame_at, sayings

_REGIMES: Final = (
    ("ranging", phrase(r"\b(?:rang(?:ing|e[-\s]bound)|(?<!moves )(?<!move )sideways|(?:menyamping|mendatar)|bergerak datar)\b")),
    ("trending", phrase(r"\b(?:trending(?![\s_](?:up|down|higher|lower)))\b")),
    ("trending_up", phrase(r"\b(?:trending[\s_](?:up|higher)|uptrend(?:ing)?)\b")),
    ("trending_down", phrase(r"\b(?:trending[\s_](?:down|lower)|downtrend(?:ing)?)\b")),
)  # fmt: skip
_STRETCHED: Final = phrase(
    r"\b(?:is|looks|remains|too)\s(?:(?!not\b)\w+\s)?(?:over-?extended|over-?stretched)\b"
)
_OVERALL: Final = phrase(r"\b(?:overall|the regime|regime|as a whole|keseluruhan|rezim)\b")
_KINDS: Final = (
    ("plan.entry", "market", phrase(r"\b(?:market (?:order|entry|short|long|sell|buy)(?! share)|(?:ent(?:er|ers|ry|ered)|buys?|sells?|long|short|masuk)(?: is)? (?:at|di) (?:the )?market\b(?! price)|order pasar|entri (?:\w+ ){0,2}di harga pasar)")),
    ("plan.entry", "pullback", phrase(r"\b(?:pull[-\s]?back (?:entry|order|zone|limit)|limit (?:order|entry)|entri pullback)")),
    ("plan.stop", "atr", phrase(r"\b(?:ATR[-\s](?:based|derived) stop|ATR stop|stop (?:\S+ ){0,3}?(?:is )?(?:ATR[-\s](?:based|derived)|based on (?:the )?ATR|(?:berbasis|berdasarkan) ATR))")),
    ("plan.stop", "structure", phrase(r"\b(?:structur(?:e|al)(?:[-\s]based)? stop|stop (?:\S+ ){0,4}?(?:is )?(?:structure[-\s]based|structural|(?:based on|behind|beyond) (?:the )?structure|(?:berbasis|berdasarkan) struktur))")),
)  # fmt: skip
_QUADRANTS: Final = phrase(r"\b(?:(?P<new_longs>new longs|long build[-\s]?up|long baru)|(?P<new_shorts>new shorts|short build[-\s]?up|short baru)|(?P<short_covering>short[-\s]covering)|(?P<long_unwinding>long[-\s](?:unwind\w*|liquidation)))\b")  # fmt: skip
_QUADRANT: Final = phrase(r"\b(?:quadrant|kuadran)\b")


_IN_ZONE: Final = phrase(r"\b(?:inside|within|already (?:\w+\s)?in|now in|is in|sits in|di dalam|dalam)\s(?:the\s|its\s|that\s|this\s)?(?:(?:entry|pullback|sell|buy)\s)?(?:zone|zona)\b")  # fmt: skip
_VOTED: Final = (
    r"(?:\s(?:\dh|\d jam|harian))?(?:\s(?:cast\s)?(?:on|in|across|di|pada)\s(?:the\s)?(?:timeframe\s)?\w+(?:\s(?:timeframe|chart))?)?\s"
    r"(?:(?:is|was|are|were|points?|votes?|voted|leans?|go(?:es)?|condong|mengarah|menunjuk(?:kan)?|memberi|ke|yang|adalah)\s){0,3}"
    r"(?:arah\s)?(?P<side>long|short|bullish|bearish|negative|positive|up|down|naik|turun|atas|bawah)\b"
)
_VOTERS: Final = r"(?:votes?|suara|indicators?|indikator)"
_ONE_VOTE: Final = phrase(rf"(?<!every )(?<!each )\b(?:only one|just one|one|a single|satu|hanya satu)\s(?:of (?:the|its) \w+\s)?(?:\w+\s)?{_VOTERS}{_VOTED}|\b(?:one|a single|satu)\s(?P<named>long|short)\s{_VOTERS}")  # fmt: skip
_EVERY_VOTE: Final = phrase(rf"\b(?:all|every(?: one)?|each|keenam|semua|seluruh)\s(?:of\s)?(?:the\s|its\s)?(?:(?:six of its|6 of its|six|6|enam|\dh|daily|hourly)\s)*{_VOTERS}\b{_VOTED}")  # fmt: skip
_UP: Final = frozenset({"long", "bullish", "positive", "up", "naik", "atas"})


def check_states(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every state that no fact of its contract bears out."""
    yield from _votes(said, focus, table)
    yield from _zones(said, focus, table)
    yield from _regimes(said, focus, table)
    yield from _kinds(said, focus, table)
    for _, symbol in sayings(_STRETCHED, said, focus, table):
        if table.value(f"{symbol}.gate.overextension.verdict") == "passed":
            yield f"the gate overextension of {symbol} has passed"
    yield from _quadrants(said, focus, table)


def _votes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "only one vote is long", "all six votes are short"."""
    for form in (_ONE_VOTE, _EVERY_VOTE):
        for match, symbol in sayings(form, said, focus, table):
            if any(label.end == match.start() - 1 for label in said.labels):
                continue  # "MACD, RSI and OBV all vote long" is said of these
            words = match.groupdict()
            side = "long" if (words["side"] or words.get("named", "")).lower() in _UP else "short"
            frame = frame_at(match.span(), said, focus)
            for one in [frame] if frame or form is _ONE_VOTE else ("1d", "4h", "1h"):
                path = f"{symbol}.{one}.votes"
                told, cast = table.value(f"{path}.{side}"), table.value(f"{path}.cast")
                if told not in {None, 1.0 if form is _ONE_VOTE else cast}:
                    yield f"{path}.{side} is {told:g}"


def _zones(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "price is already inside the zone"."""
    for _, symbol in sayings(_IN_ZONE, said, focus, table):
        price, low, high = (
            table.value(f"{symbol}.{one}") for one in ("price", "plan.zone_low", "plan.zone_high")
        )
        if (
            isinstance(price, float)
            and isinstance(low, float)
            and isinstance(high, float)
            and not low <= price <= high
        ):
            yield f"{symbol}.price is {price:g}"


def _regimes(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check "ranging" and "trending" against the regime of the timeframe, or of any."""
    for regime, form in _REGIMES:
        for match, symbol in sayings(form, said, focus, table):
            begin, end = said.clause(match.start())
            frame = frame_at(match.span(), said, focus)
            ahead = _OVERALL.search(said.text[begin : match.start()])
            inside = any(begin <= one.start < end for one in said.frames)
            word = ahead[0].lower() if ahead else "regime"
            if word != "regime" and not (inside and "regime" in word):
                frame = ""
            overall = _OVERALL.search(said.text[begin:end]) and not frame
            told = [
                one.value
                for one in table.by_concept.get("regime", ())
                if one.symbol == symbol and (one.timeframe == frame if frame or overall else True)
            ]
            if told and not any(str(one).startswith(regime) for one in told):
                yield f"the regime of {symbol} is {told[0]}"


def _kinds(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check how a plan enters, and what its stop was made from."""
    for path, kind, form in _KINDS:
        for match, symbol in sayings(form, said, focus, table):
            fact = table.by_id.get(f"{symbol}.{path}")
            if (
                fact is not None
                and not NEGATION.search(match[0])
                and fact.note
                and fact.note != kind
            ):
                yield f"{fact.id} is of the kind {fact.note}"


def _quadrants(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Check what the quadrant is said to be; "suggests new shorts" is a reading of one's own."""
    for match, symbol in sayings(_QUADRANTS, said, focus, table):
        told = table.value(f"{symbol}.quadrant_4h")
        if said.find(_QUADRANT) and told != match.lastgroup:
            yield f"{symbol}.quadrant_4h is {told or 'not known'}"
