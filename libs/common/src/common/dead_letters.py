"""The last word on a message nobody could handle: what it was, where it stood and why it failed."""

import base64
from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from common.bus import Delivery, GivenUp
from common.bus.messages import FACT, SCAN_ID
from common.domain import DeadLetter, ScanId, Symbol, Venue
from common.domain.operations import ServiceName
from common.subjects import fact_at, tokens_of

_BODY_LIMIT: Final = 256 * 1024
_REASON_LIMIT: Final = 2000


def letter_of(delivery: Delivery, *, service: str, reason: str) -> DeadLetter:
    """Describe a delivery that failed for good; the body is never read, only kept."""
    return _letter(
        service=service,
        subject=delivery.subject,
        headers=delivery.headers,
        body=delivery.body,
        deliveries=delivery.attempt,
        sequence=delivery.stream_sequence,
        reason=reason,
    )


def letter_of_given_up(message: GivenUp, *, witness: str) -> DeadLetter:
    """Describe a message whose consumers died of it; `witness` is the service that says so."""
    return _letter(
        service=_valid(ServiceName, message.consumer) or witness,
        subject=message.subject,
        headers=message.headers,
        body=message.body,
        deliveries=message.deliveries,
        sequence=message.sequence,
        reason=f"{message.consumer} did not survive it: never acknowledged, "
        f"delivered {message.deliveries} times",
    )


def is_dead_letter(subject: str) -> bool:
    """Whether a message is itself a DeadLetter: one that cannot be handled is not told again."""
    return fact_at(subject) is DeadLetter


def _letter(
    *,
    service: str,
    subject: str,
    headers: Mapping[str, str],
    body: bytes,
    deliveries: int,
    sequence: int,
    reason: str,
) -> DeadLetter:
    tokens = tokens_of(subject)
    return DeadLetter(
        service=service,
        subject=subject,
        fact=headers.get(FACT, ""),
        reason=reason[:_REASON_LIMIT],
        deliveries=deliveries,
        stream_sequence=sequence,
        venue=_valid(Venue, tokens.get("venue")),
        symbol=_valid(Symbol, tokens.get("symbol")),
        scan_id=_valid(ScanId, headers.get(SCAN_ID)),
        body_base64=base64.b64encode(body[:_BODY_LIMIT]).decode(),
    )


_ADAPTERS: Final = {kind: TypeAdapter[str](kind) for kind in (Venue, Symbol, ScanId, ServiceName)}


def _valid(kind: object, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return _ADAPTERS[kind].validate_python(value)  # type: ignore[index]  # annotated types
    except ValidationError:
        return None
