"""What services tell of themselves."""

from datetime import datetime

from common.domain import (
    DeadLetter,
    Heartbeat,
    ResourceUsage,
    ServiceState,
)
from tests.support.facts.shared import AS_OF, VENUE, scan_of


def heartbeat(
    service: str = "fetcher",
    *,
    instance: str = "1",
    state: ServiceState = ServiceState.RUNNING,
    detail: str = "",
    at: datetime = AS_OF,
) -> Heartbeat:
    return Heartbeat(service=service, instance=instance, state=state, detail=detail, at=at)


def resource_usage(service: str = "fetcher", *, at: datetime = AS_OF) -> ResourceUsage:
    return ResourceUsage(
        service=service,
        instance="1",
        at=at,
        scan_id=scan_of(),
        window_seconds=60.0,
        cpu_seconds=9.0,
        core_equivalents=0.15,
        rss_peak_bytes=180_000_000,
        open_files=41,
        event_loop_lag_seconds=0.004,
        pending_messages=0,
    )


def dead_letter(service: str = "signals", *, sequence: int = 7, reason: str = "") -> DeadLetter:
    return DeadLetter(
        service=service,
        subject=f"indicators.frame.{VENUE}.BTCUSDT",
        fact="IndicatorFrame/1",
        reason=reason or "close must be positive, was -1",
        deliveries=5,
        stream_sequence=sequence,
        venue=VENUE,
        symbol="BTCUSDT",
        scan_id=scan_of(),
        body_base64="AAAA",
    )
