"""The facts of one question: looked up by id, by contract, and rendered for the model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ai_analyst.core.facts.datum import Datum


@dataclass(frozen=True)
class FactTable:
    """Every fact an answer may speak of, at one time; the first of two with one id wins."""

    facts: tuple[Datum, ...]
    now: datetime
    universe: frozenset[str] = field(default_factory=frozenset)
    """Contracts that exist, with facts here or without."""

    def __iter__(self) -> Iterator[Datum]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    @classmethod
    def of(
        cls, facts: Iterable[Datum], *, now: datetime, universe: Iterable[str] = ()
    ) -> "FactTable":
        """Build a table, keeping the first fact of each id."""
        unique: dict[str, Datum] = {}
        for fact in facts:
            unique.setdefault(fact.id, fact)
        return cls(tuple(unique.values()), now, frozenset(universe))

    @cached_property
    def by_id(self) -> dict[str, Datum]:
        """The facts by their ids."""
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def _by_folded_id(self) -> dict[str, Datum]:
        return {name.casefold(): fact for name, fact in self.by_id.items()}

    @cached_property
    def by_concept(self) -> dict[str, tuple[Datum, ...]]:
        """The facts by what they are."""
        found: dict[str, list[Datum]] = {}
        for fact in self.facts:
            found.setdefault(fact.concept, []).append(fact)
        return {concept: tuple(facts) for concept, facts in found.items()}

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The contracts with facts here, in the order of the facts."""
        return tuple(dict.fromkeys(fact.symbol for fact in self.facts if fact.symbol))

    def of_symbol(self, symbol: str) -> tuple[Datum, ...]:
        """Return one contract's facts; the market's with an empty symbol."""
        return tuple(fact for fact in self.facts if fact.symbol == symbol)

    def cited(self, fact_id: str) -> Datum | None:
        """Return the fact of an id as a model may write it, in capitals or small letters."""
        return self._by_folded_id.get(fact_id.casefold())

    def value(self, fact_id: str) -> object:
        """Return a fact's value, or None when it is missing or not here."""
        fact = self.by_id.get(fact_id)
        return fact.value if fact else None

    def rendered(self) -> str:
        """Write the table for the model: an id, a value and a unit a line, grouped by age."""
        lines: list[str] = []
        groups: dict[tuple[str, datetime], list[Datum]] = {}
        for fact in self.facts:
            groups.setdefault((fact.symbol, fact.observed_at), []).append(fact)
        for (symbol, observed_at), facts in groups.items():
            lines.append(
                f"# {symbol or 'market'}, observed {observed_at:%Y-%m-%d %H:%M:%S} UTC, "
                f"{age(observed_at, self.now)}"
            )
            lines += [
                f"[{fact.id}] {fact.shown}{f' ({fact.note})' if fact.note else ''}"
                for fact in facts
                if fact.value is not None
            ]
            missing = [fact.id for fact in facts if fact.value is None]
            if missing:
                lines.append(f"not known: {', '.join(missing)}")
        return "\n".join(lines)


def age(observed_at: datetime, now: datetime) -> str:
    """Say how old something is, in the largest unit that fits."""
    seconds = max(0.0, (now - observed_at).total_seconds())
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name} old"
    return f"{seconds:.0f} s old"
