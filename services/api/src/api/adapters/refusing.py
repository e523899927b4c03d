"""How every refusal is told: one shape, counted by its code."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from fastapi.responses import JSONResponse, Response

from api.core.errors import ErrorAnswer, ErrorDetail
from common.metrics import Tally

_METRIC: Final = "scanner_api_refusals_total"


class Refusals:
    """What was refused since the process began, by code."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def answer(
        self, status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return the answer that says why there is none."""
        self._counts[detail.code] += 1
        told = {"X-Content-Type-Options": "nosniff", **(headers or {})}
        return JSONResponse(ErrorAnswer(error=detail).model_dump(), status, told)

    def tally(self) -> Tally:
        """Return the counts for /metrics."""
        return Tally(
            name=_METRIC,
            meaning="Requests that were refused, by the code they were told.",
            label="code",
            counts=dict(self._counts),
        )
