"""One fault that a test or a demonstration may order: what goes wrong, where, how often."""

from fnmatch import fnmatchcase
from typing import Literal, Self, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

AnswerKind = Literal[
    "status", "code", "html", "truncated", "null_rows", "latency", "timeout", "reset", "ban"
]
CandleKind = Literal[
    "duplicated",
    "missing",
    "shifted",
    "late",
    "unordered",
    "changed_past",
    "inconsistent",
    "wick",
    "zero_volume",
]
FaultKind = Literal[
    AnswerKind, CandleKind, "clock_offset", "checksum", "dropped", "zombie", "delisted"
]

FailedStatus = Literal[403, 408, 418, 429, 451, 500, 502, 503, 504]

ANSWER_KINDS: frozenset[str] = frozenset(get_args(AnswerKind))
CANDLE_KINDS: frozenset[str] = frozenset(get_args(CandleKind))
CLOCK_KINDS = frozenset({"clock_offset"})
ARCHIVE_KINDS = CANDLE_KINDS | {"checksum"}
CONNECTION_KINDS = frozenset({"dropped", "zombie"})
CLOSE_KINDS = frozenset({"missing", "late", "duplicated"})
"""What may happen to the message that tells a candle's close."""


class Fault(BaseModel):
    """One kind of bad answer, for a route and a symbol or for all, a number of times or for ever.

    Answers: `status` is an HTTP status with the venue's usual body; `code` the venue's own code
    under status 200; `latency` answers well after `seconds`; `timeout` never answers; `reset`
    drops the connection; `ban` bans the address for `seconds` of the weight clock.
    Candles: `rows` of them, from the one that opens `at`, else the middle of the closed ones;
    `late` leaves out the newest closed ones; a stream sends a late close after `seconds`.
    `clock_offset` shifts the venue's time answer by `offset` milliseconds. `checksum` belies an
    archive. `dropped` and `zombie` end a stream's connection or leave it open and silent.
    `delisted` announces that a symbol settles `at` a time, rounded up to the hour; it has no count.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    kind: FaultKind
    route: str = "*"
    """A path, or a pattern such as `/v5/*`."""
    symbol: str | None = None
    count: int | None = Field(default=None, gt=0)
    status: FailedStatus = 503
    code: int | None = None
    """By default the code for too many requests: -1003 or 10006."""
    retry_after: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=1.0, ge=0)
    offset: int = 0
    rows: int = Field(default=1, gt=0)
    at: AwareDatetime | None = None

    def strikes(self, route: str, symbol: str | None) -> bool:
        """Whether this fault is meant for a request."""
        return fnmatchcase(route, self.route) and self.symbol in (None, symbol)

    @model_validator(mode="after")
    def _delisted_names_symbol_and_time(self) -> Self:
        if self.kind == "delisted" and (self.symbol is None or self.at is None):
            msg = f"a delisting must name symbol and at, was {self.symbol!r} and {self.at!r}"
            raise ValueError(msg)
        return self
