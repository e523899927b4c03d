"""Which contracts the planner needs candles of."""

from typing import Self

from pydantic import Field, model_validator
from typing_extensions import override

from common.domain.base import Fact, Symbol, Utc, Venue


class WatchList(Fact):
    """The contracts of a venue with an open plan: entry waited for, or position followed.

    Told whenever it changes and at the planner's start; the last one counts.
    """

    venue: Venue
    simulated: bool
    as_of: Utc
    """The newest of what the planner knows: no plan or outcome behind this list is later."""
    revision: int = Field(ge=0)
    """How many lists came before: contracts may come and go at one and the same `as_of`."""
    since: dict[Symbol, Utc]
    """Every contract, in the alphabet's order, with the close its oldest open plan is of."""

    @property
    @override
    def key(self) -> str:
        return f"watching.{self.venue}.{self.as_of:%Y%m%dT%H%M%SZ}.{self.revision}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.since) != sorted(self.since):
            raise ValueError(f"contracts must be in order, was {', '.join(self.since)}")
        return self
