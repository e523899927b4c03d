"""The check of an answer, sentence by sentence: what no fact carries is struck, and said to be."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ai_analyst.core.facts import FactTable
from ai_analyst.core.verifier.citing import its_own
from ai_analyst.core.verifier.claims import Claims, claims
from ai_analyst.core.verifier.columns import columns, within
from ai_analyst.core.verifier.courses import check_courses
from ai_analyst.core.verifier.cues import CONDITIONAL, HIGH_PROBABILITY, NEGATION, PROMISE, phrase
from ai_analyst.core.verifier.decisions import check_decisions
from ai_analyst.core.verifier.directions import check_directions
from ai_analyst.core.verifier.dissent import check_dissent
from ai_analyst.core.verifier.figures import check_numbers
from ai_analyst.core.verifier.ledger import Ledger, Proved
from ai_analyst.core.verifier.names import asked_for
from ai_analyst.core.verifier.payments import check_payments
from ai_analyst.core.verifier.places import check_places
from ai_analyst.core.verifier.ranking import check_ranking
from ai_analyst.core.verifier.reading import readings, style_of
from ai_analyst.core.verifier.relations import check_relations
from ai_analyst.core.verifier.scope import Focus, is_compared
from ai_analyst.core.verifier.sentences import Sentence, sentences
from ai_analyst.core.verifier.signs import check_signs
from ai_analyst.core.verifier.states import check_states
from ai_analyst.core.verifier.times import Moment
from ai_analyst.core.verifier.tolerance import means
from ai_analyst.core.verifier.values import check_values
from ai_analyst.core.verifier.verdicts import check_verdicts

MOST_NUMBERS: Final = 30
MOST_CHARACTERS: Final = 1_500
"""A sentence of more, which no reader could follow, is struck unread."""
_NOT_GATES: Final = {"liquidity", "funding", "coverage", "quality", "history", "score"}
_TIME_CONCEPTS: Final = {"expires_at", "fill_by", "next_funding", "next_close", "as_of", "outcome"}
_DAY: Final = phrase(r"\s(?:UTC\s)?(?:today|tonight|hari ini|malam ini|(?P<next>tomorrow|besok))\b")
"""Behind a time: on which day it is."""
_PACE: Final = phrase(r"\b(?:median|ETA|pace|typical\w*|usual\w*|if|jika|kalau|perkiraan|estimasi)\b")  # fmt: skip
"""Words with which a target's time is no promise."""
_WILL: Final = phrase(
    r"\b(?:will|shall|is going to|are going to|akan|bakal|pasti|at the (?:very )?latest|paling lambat)\b|['’]ll\b"
)
_NO_IFS: Final = {"sampai", "tunggu", "wait"}
_CHANCE: Final = "p_tp1_before_stop"
_FEW_WORDS: Final = 5
"""Between a percentage and the word that calls it a chance."""
_EMPHASIS: Final = re.compile(r"\*{2,3}|(?<![^\s(])\*(?=\w)|(?<=\w)\*(?![^\s),.;:])")
"""Around a word that is only stressed: "2.62 ATR *below*"."""
_SPACES: Final = re.compile(r"\s{2,}")
_EMPTY_LINE: Final = re.compile(r"^[\s>*#|\-–—•\d.)(:]*$")


@dataclass(frozen=True)
class Struck:
    """A sentence that was removed, with what was wrong with it."""

    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """An answer after the check."""

    text: str
    """What remains."""
    struck: tuple[Struck, ...]
    matched: Mapping[str, tuple[str, ...]]
    """Each number as written, with the ids of the facts it was matched to."""

    @property
    def clean(self) -> bool:
        """Whether nothing had to be struck."""
        return not self.struck


def check(answer: str, table: FactTable, *, question: str = "") -> Checked:
    """Check every sentence of an answer against the facts it was given."""
    known = frozenset(table.symbols) | table.universe
    gates = frozenset(
        fact.id.split(".")[2] for fact in table if ".gate." in fact.id and fact.concept == "verdict"
    ) - frozenset(_NOT_GATES)
    asked = tuple(
        one.value for text in re.findall(r"\d+(?:[.,]\d+)*", question) for one in readings(text)
    )
    wanted = asked_for(question, known)
    style, focus = style_of(answer), Focus(symbols=wanted)
    kept: list[tuple[Sentence, bool]] = []
    struck: list[Struck] = []
    matched: dict[str, tuple[str, ...]] = {}
    before: tuple[Proved, ...] = ()
    for sentence in sentences(answer):
        text = _SPACES.sub(" ", _EMPHASIS.sub("", sentence.text))
        said = claims(text[:MOST_CHARACTERS], symbols=known, gates=gates, style=style)
        ledger, reasons = Ledger(), tuple(_excesses(text, said))
        if not reasons:
            ledger = check_numbers(said, focus, table, asked, before)
            found = (*ledger.refused, *_complaints(said, focus, table, ledger, wanted))
            reasons = tuple(dict.fromkeys(found))
        before = tuple(ledger.known)
        kept.append((sentence, not reasons))
        if reasons:
            struck.append(Struck(sentence.text.strip(), reasons))
        else:
            matched |= {
                one.text: ledger.matched[one.start]
                for one in said.numbers
                if one.start in ledger.matched
            }
        focus = _moved(focus, said, table)
    return Checked(_without_struck(answer, kept), tuple(struck), matched)


def _excesses(text: str, said: Claims) -> Iterator[str]:
    if len(text) > MOST_CHARACTERS:
        yield f"{len(text)} characters in one sentence, above {MOST_CHARACTERS}"
    elif len(said.numbers) > MOST_NUMBERS:
        yield f"{len(said.numbers)} numbers in one sentence, above {MOST_NUMBERS}"


def _complaints(
    said: Claims, focus: Focus, table: FactTable, ledger: Ledger, wanted: tuple[str, ...]
) -> Iterator[str]:
    yield from _contracts(said, wanted, table)
    yield from check_ranking(said, focus, table)
    yield from check_courses(said, ledger)
    yield from check_dissent(said, focus, table)
    yield from _times(said, focus, table)
    yield from _citations(said, focus, table, wanted)
    yield from _promises(said, ledger)
    yield from _chances(said, table)
    if not said.text.rstrip().endswith("?"):
        yield from check_directions(said, focus, table)
        yield from check_payments(said, focus, table)
        yield from check_relations(said, focus, table, ledger)
        yield from check_values(said, table, ledger)
        yield from check_places(said, focus, table, ledger)
        yield from check_verdicts(said, focus, table)
        yield from check_decisions(said, focus, table)
        yield from check_states(said, focus, table)
        yield from check_signs(said, focus, table)


def _moved(focus: Focus, said: Claims, table: FactTable) -> Focus:
    named = tuple(dict.fromkeys(one.symbol for one in said.contracts if one.symbol))
    concepts = tuple(dict.fromkeys(concept for label in said.labels for concept in label.concepts))
    row = said.text.lstrip().startswith("|")
    return Focus(
        symbols=tuple(one for one in named if one in table.symbols) or focus.symbols,
        labels=concepts or focus.labels,
        frames=tuple(dict.fromkeys(one.name for one in said.frames))
        or (focus.frames if not named else ()),
        columns=() if not row else focus.columns or columns(said),
    )


def _contracts(said: Claims, wanted: tuple[str, ...], table: FactTable) -> list[str]:
    complaints = []
    for one in said.contracts:
        if one.symbol in table.symbols:
            continue
        market = one.symbol.startswith("BTC") or one.written.upper().startswith(("BTC", "BITCOIN"))
        if market and table.value("market.btc_trend") is not None:
            continue
        if said.find(NEGATION) or (one.symbol and one.symbol in wanted):
            continue
        complaints.append(f"there are no facts for {one.written}")
    return complaints


def _times(said: Claims, focus: Focus, table: FactTable) -> list[str]:
    named = [one for one in said.contracts if one.symbol and not is_compared(one, said)]
    spoken = {name for label in said.labels for name in label.concepts}
    targets = {"eta_tp1", "eta_tp2"} & spoken if said.find(_PACE) else set()
    complaints = []
    for moment in said.moments:
        begin, end = said.clause(moment.start)
        near = {one.symbol for one in within(named, (begin, end)) or named}
        symbols = (near or set(focus.symbols) or set(table.symbols)) | {""}
        facts = [fact for fact in table if fact.symbol in symbols]
        spoken_of = {
            concept
            for label in said.labels
            if begin <= label.start < end
            for concept in label.concepts
        }
        spoken_of |= {"fill_by"} if "entry" in spoken_of else set()
        spoken_of &= _TIME_CONCEPTS
        instants: list[datetime] = [
            fact.value
            for fact in facts
            if isinstance(fact.value, datetime) and (not spoken_of or fact.concept in spoken_of)
        ]
        instants += [
            start + timedelta(hours=fact.number)
            for fact in facts
            if fact.concept in targets and fact.id.endswith("p50") and fact.number
            for start in (table.now, fact.observed_at)
        ]
        if not spoken_of or "as_of" in spoken_of:
            instants += [fact.observed_at for fact in facts]
            instants.append(table.now)
        own = [one.value for one in its_own(moment, said, table)]
        instants = [one for one in own if isinstance(one, datetime)] or instants
        day = _DAY.match(said.text[moment.end :])
        if day:
            ahead = 1 if day["next"] else 0
            zone = timedelta(hours=moment.offset_hours)
            today = (table.now + zone).date() + timedelta(days=ahead)
            instants = [one for one in instants if (one + zone).date() == today]
        if not any(moment.is_at(instant) for instant in instants):
            complaints.append(f"{_written(said, moment)!r} is the time of no fact")
    return complaints


def _written(said: Claims, moment: Moment) -> str:
    return said.text[moment.start : moment.end].strip()


def _citations(
    said: Claims, focus: Focus, table: FactTable, wanted: tuple[str, ...]
) -> Iterator[str]:
    """Complain of what is cited and is no fact, or of a contract nobody speaks of."""
    names = [name for one in said.citations for name in one.ids if not name.isdigit()]
    facts = {name: table.cited(name) for name in names}
    spoken = {"", *wanted, *focus.symbols, *(one.symbol for one in said.contracts)}
    beside = {one.symbol for one in facts.values() if one is not None} & spoken - {""}
    for name, fact in facts.items():
        if fact is None:
            yield f"there is no fact [{name}]"
        elif wanted and fact.symbol not in spoken:
            told = any(means(one, fact, said, table.now, tied=False) for one in said.numbers)
            if not (beside and told):
                yield f"[{name}] is of {fact.symbol}, which the sentence does not name"


def _promises(said: Claims, ledger: Ledger) -> list[str]:
    complaints = []
    paced = any(".eta_" in name for name in ledger.proved) and not said.find(_PACE)
    will = said.find(_WILL)
    told = said.text[: said.clause(will.end())[1]] if will else ""
    supposed = any(one[0].lower() not in _NO_IFS for one in CONDITIONAL.finditer(told))
    if paced and will and not (supposed or said.find(NEGATION)):
        complaints.append("a time to a target holds only if it is reached")
    if said.find(HIGH_PROBABILITY) and not said.find(NEGATION):
        complaints.append("nothing here is known to be probable")
    if said.find(PROMISE) and not (said.find(CONDITIONAL) or said.find(NEGATION)):
        complaints.append("no fact says what will happen")
    chance = not said.find(NEGATION) and any(
        "p_tp1_before_stop" in label.concepts for label in said.labels
    )
    if (
        chance
        and any(number.unit in {"%", "x", ""} for number in said.numbers)
        and "confidence" in {concept for label in said.labels for concept in label.concepts}
    ):
        complaints.append("a conviction is not a probability")
    return complaints


def _chances(said: Claims, table: FactTable) -> Iterator[str]:
    """Complain of "a 62 % chance" where no fact knows one."""
    known = any(one.value is not None for one in table.by_concept.get(_CHANCE, ()))
    if known or said.find(NEGATION):
        return
    for number in said.numbers:
        ahead = [one for one in said.labels if one.end <= number.start][-1:]
        behind = [one for one in said.labels if one.start >= number.end][:1]
        between = [
            *(said.bare[one.end : number.start] for one in ahead if _CHANCE in one.concepts),
            *(said.bare[number.end : one.start] for one in behind if _CHANCE in one.concepts),
        ]
        if number.unit == "%" and any(len(words.split()) <= _FEW_WORDS for words in between):
            yield f"{number.text} is called a chance, and none is known"


def _without_struck(answer: str, kept: list[tuple[Sentence, bool]]) -> str:
    if all(good for _, good in kept):
        return answer
    pieces, reached = [], 0
    for sentence, good in kept:
        pieces.append(answer[reached : sentence.start])
        if good:
            pieces.append(sentence.text)
        reached = sentence.end
    pieces.append(answer[reached:])
    had = {line.strip() for line in answer.splitlines()}
    lines = [
        line
        for line in "".join(pieces).splitlines()
        if line.strip() in had or not _EMPTY_LINE.match(line)
    ]
    return "\n".join(lines).strip()
