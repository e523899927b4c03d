"""`/sim/*`: the clock, the books and the faults, for whoever runs the simulation."""

from collections.abc import Callable

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from common.clock import Clock, ClockReading, SimulatedClock, SystemClock
from exchange_sim.core.accounting import Accounting
from exchange_sim.core.faults import Fault, FaultPlan
from exchange_sim.core.seeded import FaultOdds, SeededFaults
from exchange_sim.handlers.instant import milliseconds

_FAULTS = TypeAdapter(list[Fault])


class ClockCommand(BaseModel):
    """A change of the clock: another speed, another time, or both; `until` is where it stops."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    speed: float | None = Field(default=None, ge=0)
    venue_origin: AwareDatetime | None = None
    until: AwareDatetime | None = None


class ControlDesk:
    """Answers the commands of a simulation's owner; none of this is part of a venue's protocol."""

    def __init__(
        self,
        *,
        clock: SimulatedClock,
        weight_clock: Clock,
        faults: FaultPlan,
        accounting: Accounting,
        keep: Callable[[ClockReading], None],
    ) -> None:
        self._clock = clock
        self._weight_clock = weight_clock
        self._faults = faults
        self._accounting = accounting
        self._keep = keep

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to be served."""
        return [
            web.get("/sim/clock", self._show_clock),
            web.post("/sim/clock", self._move_clock),
            web.get("/sim/accounting", self._show_accounting),
            web.delete("/sim/accounting", self._reset_accounting),
            web.get("/sim/faults", self._show_faults),
            web.post("/sim/faults", self._order_faults),
            web.delete("/sim/faults", self._clear_faults),
            web.get("/sim/faults/plan", self._show_plan),
            web.post("/sim/faults/plan", self._draw_faults),
            web.delete("/sim/faults/plan", self._stop_drawing),
        ]

    async def _show_clock(self, _: web.Request) -> web.Response:
        return web.Response(
            text=self._clock.reading.model_dump_json(), content_type="application/json"
        )

    async def _move_clock(self, request: web.Request) -> web.Response:
        now = self._clock.now()
        try:
            command = ClockCommand.model_validate_json(await request.text())
            reading = ClockReading(
                wall_origin=SystemClock().now(),
                venue_origin=command.venue_origin or now,
                speed=self._clock.reading.speed if command.speed is None else command.speed,
                until=command.until,
            )
        except ValidationError as e:
            return _refused(e)
        self._clock.follow(reading)
        self._keep(reading)
        return await self._show_clock(request)

    async def _show_accounting(self, _: web.Request) -> web.Response:
        return web.json_response(self._accounting.summary(milliseconds(self._weight_clock)))

    async def _reset_accounting(self, _: web.Request) -> web.Response:
        self._accounting.reset()
        return web.Response(status=204)

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response([fault.model_dump(mode="json") for fault in self._faults.left])

    async def _order_faults(self, request: web.Request) -> web.Response:
        try:
            faults = _FAULTS.validate_json(await request.text())
        except ValidationError as e:
            return _refused(e)
        self._faults.order(*faults)
        return await self._show_faults(request)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return web.Response(status=204)

    async def _show_plan(self, _: web.Request) -> web.Response:
        drawn = self._faults.drawn
        return web.json_response(None if drawn is None else drawn.odds.model_dump(mode="json"))

    async def _draw_faults(self, request: web.Request) -> web.Response:
        try:
            odds = FaultOdds.model_validate_json(await request.text())
        except ValidationError as e:
            return _refused(e)
        self._faults.draw(SeededFaults(odds))
        return await self._show_plan(request)

    async def _stop_drawing(self, _: web.Request) -> web.Response:
        self._faults.draw(None)
        return web.Response(status=204)


def _refused(error: ValidationError) -> web.Response:
    return web.Response(status=422, text=error.json(), content_type="application/json")
