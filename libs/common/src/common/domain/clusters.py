"""Plans of one scan that move together: several rows, one bet."""

from typing import Self

from pydantic import Field, model_validator

from common.domain.base import Model, Signed, Symbol
from common.domain.direction import Direction


class Cluster(Model):
    """Two or more plans of one direction whose prices move with the best-ranked of them."""

    lead: Symbol
    """The best-ranked plan's contract."""
    direction: Direction
    symbols: tuple[Symbol, ...] = Field(min_length=2)
    """Every contract of the cluster by rank, the lead first."""
    btc_correlation: Signed | None
    """Correlation of the lead's 1h returns with those of bitcoin's perpetual; null: not known."""

    @model_validator(mode="after")
    def _lead_comes_first(self) -> Self:
        if self.symbols[0] != self.lead:
            raise ValueError(f"the lead {self.lead} must come first, was {self.symbols[0]}")
        return self
