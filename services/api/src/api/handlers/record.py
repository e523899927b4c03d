"""How the scanner's plans ended, over HTTP and over the bus: one answer for bots and screens."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.core.queries import RecordQuery
from api.ports import History
from common.asked import read_question
from common.bus import Answer, Reply
from common.domain import PlanRecord, PlanRecordRequest


def record_routes(history: History) -> APIRouter:
    """Return the route that sums plans up."""
    router = APIRouter(prefix="/v1", tags=["history"])

    @router.get("/record")
    async def plan_record(query: Annotated[RecordQuery, Query()]) -> PlanRecord:
        """Show how plans ended: by side, entry, regime, confidence, venue and month too.

        What was never entered and what nobody knows is counted beside the results, never among
        them; nothing is estimated of fewer than thirty. Costs are inside `net_r`.
        """
        return await history.record(PlanRecordRequest(**query.model_dump()))

    return router


def record_answer(history: History) -> Answer:
    """Return what answers the same question over the bus."""

    async def answer(body: bytes) -> Reply:
        record = await history.record(read_question(PlanRecordRequest, body))
        return Reply(body=record.model_dump_json().encode())

    return answer
