"""Which way an answer says a contract goes, against which way its facts go."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_analyst.core.facts import Datum, FactTable
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import CONDITIONAL, NEGATION, phrase
from ai_analyst.core.verifier.names import DIRECTIONS, IN_SHORT, Named
from ai_analyst.core.verifier.payments import role
from ai_analyst.core.verifier.reading import WORDS
from ai_analyst.core.verifier.scope import Focus, candidates
from ai_analyst.core.verifier.subjects import frame_at

_PLAN_WORDS: Final = phrase(r"^(?:longs?|shorts?|buys?|sells?|(?:di|mem|men)?(?:beli|jual))$")
_PLURAL: Final = phrase(r"^(?:longs|shorts|buys|sells|bulls|bears)$")
_OF_EACH: Final = phrase(r"\b(?:each|every|per|setiap|tiap)\s(?:akun\s|account\s)?$")
"""Before the side others are counted by: "1.67 longs for every short"."""
_OF_PLAN: Final = phrase(r"\b(?:the|this|your|a|our|posisi|ide)\s$")
"""Before a side that is the name of the plan that is asked about."""
_THE: Final = phrase(r"\b(?:the|this|your)\s$")
_ENDS: Final = phrase(
    r"(?!\s(?:side|share|term|run|one|votes?|accounts?|ratio|crowd|version|answer|bias)|-|/)"
)
"""Behind a side that is the name of a plan: no "long side"."""
_THIS: Final = phrase(r"^\s(?:ini|itu|tersebut)\b")
_IS: Final = phrase(r"^\s(?:(?:one|plan|vote)\s)?(?:is|was|adalah|ialah)\s(?:the\s)?")
"""Between a side and who has it: "the only short is SOL"."""
_A: Final = phrase(r"\s(?:is\s|was\s)?an?\s")
_EITHER: Final = phrase(r"\b(?:both|each|all|keduanya|semua\w*|sama-sama)\s(?:\w+\s){0,2}?$")
_COUNT: Final = re.compile(
    rf"(?:\d\s?%?|\b(?:one|none|satu|{WORDS.pattern}))\s(?:(?:is|are|was|adalah|points?|votes?|lean(?:s|ing)?|favou?r(?:s|ing)?|support(?:s|ing)?|for|mendukung|of them|yang|that|suara|"
    r"accounts?|traders?|indicators?|indikator|akun|masih|mengarah|condong|cast)\s){0,3}$",
    re.IGNORECASE,
)
"""Before a side that is counted: "five short and one long", "three accounts that are short"."""
_CROWD: Final = phrase(
    r"\b(?:crowd|accounts?|long[/-]short ratio|rasio long[/-]short|(?:longs|shorts) dominat\w+|traders|positioning|kerumunan|akun|pelaku)\b"
)
_MARKET: Final = phrase(r"\b(?:market breadth|breadth|barometer|(?:the|overall) market(?! (?:price|order|entry))|pasar)\b")  # fmt: skip
_SHARE: Final = phrase(r"%\s(?:is\s|are\s)?$")
_OUTNUMBER: Final = phrase(r"\boutnumber|\b(?:for|untuk) (?:each|every|setiap|tiap)\b")
_HALF: Final = 0.5
_COUNTED_SIDES: Final = phrase(r"^\s+(?:ones?|votes?|indicators?|signals?|readings?|factors?|suara|indikator|sinyal)\b")  # fmt: skip
_A_PART: Final = phrase(r"^\s+(?:(?:the\s)?(?:first\s|second\s|other\s)?half|(?:the\s)?(?:rest|remainder|remaining)|a part|part of|some|back|setengah|separuh|sebagian|sisanya)\b")  # fmt: skip
"""After the closing of a position: "sell half at the first target"."""
_WOULD: Final = phrase(r"^\s(?:berarti|means|would|artinya|here would|di sini berarti)\b")
"""Behind a side that is only thought of: "a short means going against the trend"."""
_SIDE_LABELS: Final = {
    "btc_trend", "mean_trend", "trend_score", "score", "macd", "macd_histogram",
    "vote_ema_trend", "vote_macd", "vote_rsi", "vote_stoch_rsi", "vote_obv", "vote_supertrend",
}  # fmt: skip
_VOTERS: Final = {"ema_trend", "macd", "rsi", "stoch_rsi", "obv", "supertrend"}
_SIDES: Final = {"long": 1, "short": -1, "trending_up": 1, "trending_down": -1}
_WINDOW: Final = 28


def check_directions(said: Claims, focus: Focus, table: FactTable) -> Iterator[str]:
    """Yield a complaint for every direction no fact of its contract supports."""
    text = IN_SHORT.sub(lambda found: " " * len(found[0]), said.text)
    for match in DIRECTIONS.finditer(text):
        sign = 1 if match["long"] else -1
        begin, end = said.clause(match.start())
        before = text[max(begin, match.start() - _WINDOW) : match.start()]
        if _presupposed(match, said, text):
            yield from _of_a_plan(sign, match, focus, table)
            continue
        if _says_nothing(match, said, text, before):
            continue
        symbols = _symbols(match, said, focus, table, text)
        if _CROWD.search(text[begin:end]):
            if not _OUTNUMBER.search(text[begin:end]):
                yield from _crowd(sign, symbols, table)
            continue
        voter = _voter(match, said)
        if voter:
            frame = frame_at(match.span(), said, focus)
            yield from _votes(sign, candidates(table, symbols, frame, (f"vote_{voter}",)))
            continue
        if _PLURAL.match(match[0]) and not _named_near(match, said):
            continue
        strict = bool(_PLAN_WORDS.match(match[0])) and "" not in symbols
        for symbol in symbols:
            named = _OF_PLAN.search(before) or _THIS.match(text[match.end() :])
            of_plan = (
                named and not _is_a(match, said) and _planned(sign, focus, table)
            ) or _of_one_of_them(sign, match, said, table)
            if not of_plan and not _supported(
                sign, symbol, said, (begin, end), table, strict=strict
            ):
                yield f"{match[0]!r} is not the direction of {symbol or 'the market'}"


def _says_nothing(match: re.Match[str], said: Claims, text: str, before: str) -> bool:
    """Whether a side is supposed, denied, counted, or of what is sold in part."""
    begin = said.clause(match.start())[0]
    return bool(
        CONDITIONAL.search(text[begin : match.start()])
        or NEGATION.search(before)
        or role(match, text)
        or _OF_EACH.search(before)
        or (_COUNT.search(before) and (_of_votes(said) or said.find(_CROWD)))
        or _COUNTED_SIDES.match(text[match.end() :])
        or _A_PART.match(text[match.end() :])
        or _WOULD.match(text[match.end() :])
    )


def _presupposed(match: re.Match[str], said: Claims, text: str) -> bool:
    """Whether "the short", "this long" names a plan as one that is there, whatever is said of it."""
    return bool(
        _PLAN_WORDS.match(match[0])
        and not _PLURAL.match(match[0])
        and _THE.search(text[: match.start()])
        and _ENDS.match(text[match.end() :])
        and not (_of_votes(said) or said.find(_CROWD))
    )


def _of_a_plan(sign: int, match: re.Match[str], focus: Focus, table: FactTable) -> Iterator[str]:
    """Check that a contract the answer is about has the side of "the short"."""
    known = focus.symbols or table.symbols
    sides = {_side(table.by_id.get(f"{one}.direction")) for one in known} - {0}
    if sides and sign not in sides:
        yield f"{match[0]!r} is the side of no plan that is spoken of"


def _of_votes(said: Claims) -> bool:
    return any("votes" in one.concepts for one in said.labels)


def _crowd(sign: int, symbols: Sequence[str], table: FactTable) -> Iterator[str]:
    """Check which way most accounts are said to be positioned."""
    for symbol in symbols:
        share = table.value(f"{symbol}.long_share")
        if isinstance(share, float) and (share - _HALF) * sign < 0:
            yield f"{symbol}.long_share is {share:g}"


def _voter(match: re.Match[str], said: Claims) -> str:
    """Return the indicator a side is the vote of: "only the Stoch RSI is long"."""
    if not _of_votes(said):
        return ""
    begin = said.clause(match.start())[0]
    before = [one for one in said.labels if begin <= one.start and one.end <= match.start()]
    behind = _IS.match(said.text[match.end() :])
    if behind:
        place = match.end() + behind.end()
        before = [one for one in said.labels if one.start == place] or before
    own = before.pop().concepts if before else ()
    if own == ("votes",) and before:
        own = before.pop().concepts  # "the Stoch RSI votes short"
    return next(
        (name for one in own if (name := one.removeprefix("vote_").removesuffix("_k")) in _VOTERS),
        "",
    )


def _votes(sign: int, votes: Sequence[Datum]) -> Iterator[str]:
    if votes and not any(_side(one) == sign for one in votes):
        yield f"{votes[0].id} is {votes[0].shown}"


def _planned(sign: int, focus: Focus, table: FactTable) -> bool:
    """Whether a contract the answer is about has this side: "speaks against the short"."""
    return any(_side(table.by_id.get(f"{one}.direction")) == sign for one in focus.symbols)


def _is_a(match: re.Match[str], said: Claims) -> bool:
    """Whether a side is said of the contract right before it: "SOL is a short"."""
    ahead = (said.text[one.end : match.start()] for one in said.contracts)
    return any(_A.fullmatch(words) for words in ahead)


def _of_one_of_them(sign: int, match: re.Match[str], said: Claims, table: FactTable) -> bool:
    """Whether "the second short", in a clause that names none of several, is said of one of them."""
    begin, end = said.clause(match.start())
    named = {one.symbol for one in said.contracts}
    return (
        len(named) > 1
        and not any(begin <= one.start < end for one in said.contracts)
        and not _EITHER.search(said.text[begin : match.start()])
        and any(_side(table.by_id.get(f"{one}.direction")) == sign for one in named)
    )


def _symbols(
    match: re.Match[str], said: Claims, focus: Focus, table: FactTable, text: str
) -> Sequence[str]:
    runs = _runs(said)
    begin, end = said.clause(match.start())
    named = any(begin <= one.start < end for one in said.contracts)
    if not named and _MARKET.search(text[begin:end]):
        return [] if _SHARE.search(text[begin : match.start()]) else [""]
    heading = _PLURAL.match(match[0])
    after = next((run for run in runs if run[0].start >= match.end()), None)
    before = next((run for run in reversed(runs) if run[-1].end <= match.start()), None)
    between = text[match.end() : after[0].start] if after else ""
    if after and (_IS.fullmatch(between) or (heading and not DIRECTIONS.search(between))):
        return [one.symbol for one in after]
    if before is not None and before[-1].start >= begin:
        return [one.symbol for one in before]
    if after is not None and after[0].start < end:
        return [one.symbol for one in after[:1]]
    if before is not None:
        return [one.symbol for one in before]
    known = focus.symbols or table.symbols
    sides = {_side(table.by_id.get(f"{symbol}.direction")) for symbol in known}
    return known[-1:] if len(known) == 1 else [] if len(sides) > 1 else known[:1]


def _runs(said: Claims) -> list[list[Named]]:
    runs: list[list[Named]] = []
    for one in said.contracts:
        joined = runs and re.fullmatch(
            r"[\s,/&*|]*(?:and|dan|serta|or)?[\s*|]*", said.text[runs[-1][-1].end : one.start]
        )
        if joined:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _named_near(match: re.Match[str], said: Claims) -> bool:
    begin, end = said.clause(match.start())
    return any(one.start >= match.end() or begin <= one.start < end for one in said.contracts)


def _supported(
    sign: int, symbol: str, said: Claims, clause: tuple[int, int], table: FactTable, *, strict: bool
) -> bool:
    if strict:
        told = [table.by_id.get(f"{symbol}.direction")]
        if any("outcome" in label.concepts for label in said.labels):
            told += [fact for fact in table.of_symbol(symbol) if fact.concept == "past_direction"]
        return sign in {_side(fact) for fact in told}
    begin, end = clause
    spoken = {
        concept for label in said.labels if begin <= label.start < end for concept in label.concepts
    } & _SIDE_LABELS
    frames = {one.name for one in said.frames if begin <= one.start < end}
    own = [fact for fact in table if fact.symbol in {symbol, ""} and not fact.threshold]
    if frames:
        wanted = spoken or {"score", "trend_score", "regime"}
        own = [fact for fact in own if fact.timeframe in frames and fact.concept in wanted]
    elif spoken:
        own = [fact for fact in own if fact.concept in spoken]
    else:
        wanted = {"direction", "score", "trend_score", "regime"}
        if symbol.startswith("BTC") or not symbol:
            wanted |= {"btc_trend", "btc_regime", "mean_trend"}
        own = [fact for fact in own if fact.concept in wanted and not fact.timeframe]
    return not own or sign in {_side(fact) for fact in own}


def _side(fact: Datum | None) -> int:
    if fact is None or fact.value is None:
        return 0
    if isinstance(fact.value, float):
        return (fact.value > 0) - (fact.value < 0)
    return _SIDES.get(str(fact.value), 0)
