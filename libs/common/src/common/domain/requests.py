"""Questions asked over the bus and their answers (request and reply, nothing is stored)."""

from typing import ClassVar

from pydantic import Field

from common.domain.base import Model, ScanId, Symbol, Utc, Venue
from common.domain.timeframes import Timeframe


class Request(Model):
    """A question one service answers."""

    subject: ClassVar[str]
    answered_with: ClassVar[str]
    """The name of the model that answers it."""


class ScanRequest(Request):
    """Ask a venue's fetcher to scan the newest 1h close now."""

    subject = "fetcher.request.scan"
    answered_with = "ScanReply"

    venue: Venue
    force: bool = False
    """Scan again even when a scan of that close exists."""


class ScanReply(Model):
    """The scan that answers the request."""

    scan_id: ScanId
    reused: bool
    """True when the scan existed before the request."""


class FrameRequest(Request):
    """Ask for one timeframe's full window with all indicators, for a chart (answer: Arrow)."""

    subject = "indicators.request.frame"
    answered_with = "IndicatorFrame"

    venue: Venue
    symbol: Symbol
    timeframe: Timeframe
    rows: int = Field(default=300, ge=1, le=2000)


class ClockRequest(Request):
    """Ask a venue's fetcher what time it is there and when the next scan is due."""

    subject = "fetcher.request.clock"
    answered_with = "ClockReply"

    venue: Venue


class ClockReply(Model):
    """The venue's time and the schedule."""

    now: Utc
    speed: float
    """Venue seconds per wall second; 1 on a live venue."""
    next_close: Utc | None
    """When the next scheduled scan is due, venue time."""
    simulated: bool


class DerivativesRequest(Request):
    """Ask a venue's fetcher to read one contract's funding and open interest now."""

    subject = "fetcher.request.derivatives"
    answered_with = "Derivatives"

    venue: Venue
    symbol: Symbol
