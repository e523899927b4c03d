"""How every refusal is told: one shape, counted by its code."""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Final

from fastapi.responses import JSONResponse, Response
from starlette.types import Scope

from api.core.callers import Caller
from api.core.errors import ErrorAnswer, ErrorDetail
from common.metrics import Tally

_LOGGER: Final = logging.getLogger(__name__)
_METRIC: Final = "scanner_api_refusals_total"
_EVERYDAY: Final = {"not_found", "refused", "unavailable"}
_SHOWN: Final = 200


class Refusals:
    """What was refused since the process began, by code."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def answer(
        self,
        scope: Scope,
        status: int,
        detail: ErrorDetail,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer that says why there is none; count it and leave a line in the log."""
        self._counts[detail.code] += 1
        level = logging.INFO if detail.code in _EVERYDAY else logging.WARNING
        path = scope["path"][:_SHOWN].encode("unicode_escape").decode()
        _LOGGER.log(level, "%s %s refused: %s: %s", scope["method"], path, detail.code, _who(scope))
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


def _who(scope: Scope) -> str:
    caller: Caller | None = scope.get("state", {}).get("caller")
    return caller.name if caller else "nobody known"
