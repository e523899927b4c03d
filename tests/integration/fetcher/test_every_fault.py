"""Every fault the simulated venue injects: what the fetcher did, and that nothing false was sent.

What is sent of a contract is either what the venue would have told without the fault, or its
certificate names a defect or another source. And a venue that told us to stay away was not asked
meanwhile.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final, get_args

import pytest
from typing_extensions import override

from common.domain import CandleSet, ScanCompleted, Source
from exchange_sim.core.fault import FaultKind
from exchange_sim.core.faults import Fault
from tests.integration.fetcher.books import books
from tests.integration.fetcher.surroundings import Surroundings
from tests.support.processes import ROOT
from tests.support.venue import A_CLOSE, RunningVenue, running_venue

BTC: Final = "BTCUSDT"
NEXT: Final = A_CLOSE + timedelta(hours=4, minutes=1)
BARS: Final = {"1d": 40, "4h": 120, "1h": 240}
KLINES: Final = {"binance": "/fapi/v1/klines", "bybit": "/v5/market/kline"}
TIME: Final = {"binance": "/fapi/v1/time", "bybit": "/v5/market/time"}
ELSEWHERE: Final = {
    "checksum": "tests/integration/recorder/test_backfill.py",
    "dropped": "tests/integration/fetcher/test_streams.py",
    "zombie": "tests/integration/fetcher/test_streams.py",
}
"""Faults of what a polling fetcher does not read, and where they are tried."""


class Did(Enum):
    """What the fetcher did."""

    RECOVERED = "asked again and sent what is true"
    WAITED = "stayed away as long as it was told, and sent what is true"
    MARKED = "sent what is there and named what is not"
    STOOD_IN = "read the contract at another venue and said so"
    LEFT_OUT = "did not scan the contract"


@dataclass(frozen=True)
class Case:
    """One fault and what becomes of it."""

    kind: str
    did: Did
    told: str = ""
    """The defect."""
    second: bool = False
    """Whether it strikes the scan after the first fill."""
    venue: str = "binance"
    with_: tuple[tuple[str, Any], ...] = ()

    @override
    def __str__(self) -> str:
        told = " ".join(f"{value}" for name, value in self.with_ if name in ("status", "count"))
        return f"{self.venue} {self.kind} {told}".strip()

    def fault(self) -> Fault:
        """Return the fault; unless told otherwise it strikes each of one contract's candles."""
        fields = {"kind": self.kind, "route": KLINES[self.venue], "symbol": BTC, **dict(self.with_)}
        return Fault.model_validate(fields)


def once(**fields: Any) -> tuple[tuple[str, Any], ...]:
    return tuple({"count": 1, **fields}.items())


def always(**fields: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(fields.items())


CASES: Final = (
    *(
        Case("status", Did.RECOVERED, with_=once(status=status))
        for status in (408, 500, 502, 503, 504)
    ),
    Case("status", Did.STOOD_IN, with_=always(status=503)),
    Case("status", Did.WAITED, with_=once(status=429, retry_after=30)),
    Case("status", Did.WAITED, with_=once(status=418, retry_after=120)),
    Case("status", Did.WAITED, with_=once(status=403)),
    Case("status", Did.STOOD_IN, with_=once(status=451)),
    Case("status", Did.STOOD_IN, venue="bybit", with_=once(status=403)),
    Case("ban", Did.WAITED, with_=once(seconds=120)),
    Case("ban", Did.STOOD_IN, venue="bybit", with_=once(seconds=600)),
    Case("code", Did.WAITED, with_=once()),
    Case("code", Did.WAITED, venue="bybit", with_=once(seconds=20)),
    Case("code", Did.RECOVERED, venue="bybit", with_=once(code=10016)),
    Case("html", Did.RECOVERED, with_=once()),
    Case("html", Did.STOOD_IN, with_=always()),
    Case("truncated", Did.RECOVERED, with_=once()),
    Case("reset", Did.RECOVERED, with_=(("count", 2),)),
    Case("timeout", Did.RECOVERED, with_=once()),
    Case("latency", Did.RECOVERED, with_=once(seconds=0.3)),
    Case("null_rows", Did.MARKED, "malformed", with_=once()),
    Case("missing", Did.MARKED, "gap"),
    Case("missing", Did.RECOVERED, with_=once()),
    Case("duplicated", Did.MARKED, "duplicate", with_=once()),
    Case("shifted", Did.MARKED, "misaligned", with_=once()),
    Case("unordered", Did.MARKED, "out_of_order", with_=once()),
    Case("inconsistent", Did.MARKED, "inconsistent", with_=once()),
    Case("late", Did.MARKED, "stale_tail"),
    Case("wick", Did.MARKED, "outlier_wick"),
    Case("zero_volume", Did.MARKED, "zero_volume_run", with_=always(rows=12)),
    Case("changed_past", Did.MARKED, "changed_past", second=True,
         with_=once(at=A_CLOSE - timedelta(hours=1))),
    Case("status", Did.RECOVERED, with_=always(status=502, route=TIME["binance"], symbol=None)),
    Case("clock_offset", Did.MARKED, "clock_offset", second=True,
         with_=always(route="*", symbol=None, offset=-90_000)),
    Case("delisted", Did.LEFT_OUT, second=True, with_=always(route="*", at=NEXT)),
)  # fmt: skip


def test_every_kind_of_fault_is_tried() -> None:
    assert {case.kind for case in CASES} | set(ELSEWHERE) == set(get_args(FaultKind))
    for kind, path in ELSEWHERE.items():
        assert kind in (ROOT / path).read_text(), path


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_nothing_false_is_sent_unmarked_and_a_venue_is_left_alone_when_it_says_so(
    case: Case,
) -> None:
    true = await _truth(case.venue, second=case.second)

    sets, completed, venue = await _scanned(case.venue, case.fault(), second=case.second)

    assert venue.accounting.faults or case.kind == "delisted"
    book = books(venue)
    assert (book["while_banned"], book["while_told_to_wait"]) == (0, 0)
    failures = {failure.symbol: failure.reason for failure in completed.failures}
    for symbol, one in sets.items():
        marked = one.quality.defects or one.quality.source is not Source.VENUE
        assert _is_true(one, true[symbol]) or marked, symbol
    match case.did:
        case Did.RECOVERED | Did.WAITED:
            assert not failures
            assert _is_true(sets[BTC], true[BTC])
        case Did.MARKED:
            assert case.told in {defect.name for defect in sets[BTC].quality.defects}
        case Did.STOOD_IN:
            assert not failures
            assert sets[BTC].quality.source is Source.OTHER_VENUE
        case Did.LEFT_OUT:
            assert BTC not in sets
            assert BTC not in failures


async def _scanned(
    name: str, fault: Fault | None, *, second: bool
) -> tuple[dict[str, CandleSet], ScanCompleted, RunningVenue]:
    waits = fault is not None and fault.kind in ("status", "ban", "code")
    async with running_venue(symbols=3, speed=120.0 if waits else 0.0) as venue:
        around = Surroundings(venue, name=name)
        if fault is not None and not second:
            venue.faults.order(fault)
        fetcher = {"bars": BARS, "timeout_seconds": 1.0, "concurrency": 1}
        async with around.planner(), around.fetcher(fetcher=fetcher, scan={"grace_seconds": 0.0}):
            completed = await around.completed()
            if second:
                if fault is not None:
                    venue.faults.order(fault)
                venue.move_to(NEXT)
                completed = await around.completed(2)
    return await around.sent(completed.scan_id), completed, venue


async def _truth(name: str, *, second: bool) -> dict[str, CandleSet]:
    if (name, second) not in _TRUTHS:
        _TRUTHS[name, second], _, _ = await _scanned(name, None, second=second)
    return _TRUTHS[name, second]


_TRUTHS: Final[dict[tuple[str, bool], dict[str, CandleSet]]] = {}


def _is_true(one: CandleSet, true: CandleSet) -> bool:
    return all(frame.equals(true.frames[timeframe]) for timeframe, frame in one.frames.items())
