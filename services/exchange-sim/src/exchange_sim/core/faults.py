"""Faults that a test or a demonstration may order: what goes wrong, where, how often."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal["status", "html", "truncated", "null_rows", "latency", "timeout", "reset"]


class Fault(BaseModel):
    """One kind of bad answer, for a route and a symbol or for all, a number of times or for ever.

    `latency` answers well after `seconds`; `timeout` never answers; `reset` drops the connection.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    kind: FaultKind
    route: str = "*"
    symbol: str | None = None
    count: int | None = Field(default=None, gt=0)
    status: Literal[403, 408, 418, 429, 451, 500, 502, 503] = 503
    retry_after: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=1.0, ge=0)

    def strikes(self, route: str, symbol: str | None) -> bool:
        """Whether this fault is meant for a request."""
        return self.route in ("*", route) and self.symbol in (None, symbol)


class FaultPlan:
    """The faults that are still to come, oldest order first."""

    def __init__(self) -> None:
        self._left: list[Fault] = []

    @property
    def left(self) -> tuple[Fault, ...]:
        """The faults that have not struck as often as ordered."""
        return tuple(self._left)

    def order(self, *faults: Fault) -> None:
        """Add faults behind those already ordered."""
        self._left.extend(faults)

    def clear(self) -> None:
        """Forget every fault."""
        self._left.clear()

    def take(self, route: str, symbol: str | None) -> Fault | None:
        """Return the fault that strikes this request, counting it, or None."""
        for place, fault in enumerate(self._left):
            if fault.strikes(route, symbol):
                self._count_down(place, fault)
                return fault
        return None

    def _count_down(self, place: int, fault: Fault) -> None:
        if fault.count == 1:
            del self._left[place]
        elif fault.count is not None:
            self._left[place] = fault.model_copy(update={"count": fault.count - 1})
