"""A pen for one contract's facts at one time: ids, units and missing values written one way."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ai_analyst.core.facts.datum import Datum, Unit

Raw = float | Decimal | int | str | datetime | None


@dataclass
class Pen:
    """Collects facts that share a contract, a place in the id and an observation time."""

    symbol: str
    observed_at: datetime
    facts: list[Datum] = field(default_factory=list)

    def write(
        self,
        path: str,
        value: Raw,
        unit: Unit,
        *,
        concept: str = "",
        timeframe: str = "",
        threshold: bool = False,
        note: str = "",
    ) -> None:
        """Add one fact: `path` follows the contract in its id, its last word is its concept."""
        self.facts.append(
            Datum(
                id=f"{self.symbol or 'market'}.{path}",
                concept=concept or path.rpartition(".")[2],
                unit=unit,
                value=value if isinstance(value, str | datetime | None) else float(value),
                observed_at=self.observed_at,
                symbol=self.symbol,
                timeframe=timeframe,
                threshold=threshold,
                note=note,
            )
        )
