"""Which facts a question needs, best first, within a budget of characters."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from ai_analyst.core.board import Board, Place
from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.market import derivatives_facts, missing_derivatives, scan_facts
from ai_analyst.core.facts.plans import decision_facts, outcome_facts, plan_facts
from ai_analyst.core.facts.signals import signal_facts
from ai_analyst.core.question import Wanted
from common.domain import TradePlan

_FIRST: Final = (
    "direction",
    "decision",
    "decision.reason",
    "decision.nearest_flip",
    "score",
    "confidence",
    "price",
    "plan.as_of",
    "plan.entry",
    "plan.stop",
    "plan.tp1",
    "plan.tp2",
    "plan.net_rr",
    "plan.risk",
    "plan.expires_at",
    "regime",
    "trend_score",
    "funding",
    "funding_8h",
    "open_interest_change_24h",
)
_SECOND: Final = re.compile(
    r"\.(?:rsi|adx|score|trend_score|regime|ema_21|distance_ema_21|close|atr|funding\w*|open_interest\w*|next_funding|mark|index|basis|quadrant_4h|long_share|"
    r"swing_\w+\.1|votes\.\w+|threshold|verdict|volume_24h|spread|do_not_chase|break_even|gross_rr|net_r|gross_r|eta_p\d+|max_leverage|warning\.\d|as_of)$"
)


def gathered(about: Wanted, board: Board, now: datetime, extra: Iterable[Datum] = ()) -> FactTable:
    """Write every known fact of the contracts a question is about, and the market's."""
    facts = _scanned(about.venue, board, now)
    if about.changes:
        facts += _changes(about, board, now)
    more = tuple(extra)
    for symbol in about.symbols:
        place = Place(about.venue, symbol)
        decision, signal = board.decisions.get(place), board.signals.get(place)
        held = board.open_plan(place, now)
        if held is not None and held is not decision:  # of each id the first fact counts
            facts += plan_facts(held)
        if decision is not None:
            facts += decision_facts(decision)
        if signal is not None and (decision is None or signal.scan_id == decision.scan_id):
            facts += signal_facts(signal)
        derivatives = board.derivatives.get(place)
        facts += derivatives_facts(derivatives) if derivatives else missing_derivatives(symbol, now)
        facts += [fact for fact in more if fact.symbol == symbol]
        facts += outcome_facts(
            tuple(one for one in board.outcomes.get(place, ()) if one.occurred_at <= now)[:4]
        )
        if decision is None and signal is None:
            facts += _absent(symbol, about.venue, board, now)
    return FactTable.of(facts, now=now, universe=board.symbols(about.venue))


def within(table: FactTable, characters: int, *, question: str = "") -> FactTable:
    """Keep the facts that matter most, those a question names before others, as many as fit."""
    named = set(re.findall(r"[a-z]{3,}", question.lower()))

    def rank(fact: Datum) -> int:
        asked = fact.symbol and named & set(re.split(r"[._]", fact.id.lower())[1:])
        return -1 if asked else _rank(fact)

    ranked = sorted(enumerate(table.facts), key=lambda one: (rank(one[1]), one[0]))
    kept: set[int] = set()
    used = 0
    for place, fact in ranked:
        used += len(fact.id) + len(fact.shown) + (len(fact.note) + 3 if fact.note else 0) + 4
        if used > characters:
            break
        kept.add(place)
    return FactTable(
        tuple(fact for place, fact in enumerate(table.facts) if place in kept),
        table.now,
        table.universe,
    )


def _rank(fact: Datum) -> int:
    path = fact.id.partition(".")[2]
    if path in _FIRST:
        return 0
    if fact.concept == "verdict" and fact.value == "refused":
        return 0
    if not fact.symbol or fact.concept in {"change", "outcome"}:
        return 1
    return 2 if _SECOND.search(fact.id) else 3


def _scanned(venue: str, board: Board, now: datetime) -> list[Datum]:
    scans = board.scans.get(venue)
    where = Datum(
        id="market.venue",
        concept="venue",
        unit=Unit.WORD,
        value=venue or None,
        observed_at=now,
        note="simulated: nothing here was ever traded" if scans and scans[0].simulated else "",
    )
    if scans:
        return [where, *scan_facts(scans[0])]
    return [where, replace(where, id="market.scan.as_of", concept="as_of", value=None)]


def _changes(about: Wanted, board: Board, now: datetime) -> list[Datum]:
    def said(path: str, text: str | None) -> Datum:
        return Datum(
            id=f"market.changes.{path}",
            concept="change",
            unit=Unit.WORD,
            value=text,
            observed_at=now,
        )

    plans = board.changed(about.venue)
    if plans is None:
        return [said("plans", None)]
    facts = [
        said("new_plans", ", ".join(plans.new) or "none"),
        said("gone_plans", ", ".join(plans.gone) or "none"),
        said("kept_plans", ", ".join(plans.kept) or "none"),
    ]
    for symbol in about.symbols:
        before = board.previous.get(Place(about.venue, symbol))
        if before is None:
            facts.append(said(symbol, None))
        else:
            kind = "plan" if isinstance(before, TradePlan) else "no plan"
            facts.append(said(symbol, f"before: {kind}, {before.direction}"))
            facts.append(
                Datum(
                    id=f"{symbol}.previous.score",
                    concept="score",
                    unit=Unit.POINTS,
                    value=before.score,
                    observed_at=before.as_of,
                    symbol=symbol,
                    timeframe="previous",
                )
            )
    return facts


def _absent(symbol: str, venue: str, board: Board, now: datetime) -> list[Datum]:
    scans = board.scans.get(venue)
    reason: str | None = None
    if scans:
        scan = scans[0]
        failures = {failure.symbol: failure.reason for failure in scan.failures}
        if symbol not in board.symbols(venue):
            reason = f"not scanned: {venue} lists no such contract, or a filter leaves it out"
        elif symbol in failures:
            reason = f"failed: {' '.join(failures[symbol].split())}"  # a venue's words, one line
        elif symbol in scan.no_data:
            reason = "no data"
        elif symbol in scan.no_setup:
            reason = "no setup"
        elif symbol in scan.blocked:
            reason = "blocked"
    return [
        Datum(
            id=f"{symbol}.decision",
            concept="decision",
            unit=Unit.WORD,
            value=reason,
            observed_at=now,
            symbol=symbol,
        )
    ]
