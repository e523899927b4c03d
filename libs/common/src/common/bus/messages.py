"""A fact as a message: subject, headers and body, the same on every bus."""

from collections.abc import Mapping
from typing import Final

from common.bus.port import Reply
from common.codec import decode, encode
from common.domain import Fact
from common.errors import InvalidDataError, InvalidMessageError
from common.subjects import fact_at, subject_of

FACT: Final = "Fact"
"""The header that says what a body is: name and version."""

MESSAGE_ID: Final = "Nats-Msg-Id"
"""The header that makes publishing twice store once: the fact's key."""

SCAN_ID: Final = "Scan-Id"
"""The header that names the scan of facts that belong to one."""

ERROR: Final = "Error"
"""The header of a reply that is an error sentence."""

MAX_PAYLOAD: Final = 1024 * 1024
"""The broker's usual limit on one message, headers included."""


def fitting(reply: Reply, limit: int) -> Reply:
    """Return a reply the broker can carry: an error sentence in place of one that is too long."""
    if len(reply.body) <= limit:
        return reply
    return Reply(error=f"the answer must fit in {limit:,} bytes, was {len(reply.body):,}")


def headers_of(fact: Fact) -> dict[str, str]:
    """Return the transport headers of a fact, without its trace context."""
    headers = {FACT: fact.name(), MESSAGE_ID: fact.key}
    scan_id = getattr(fact, "scan_id", None)
    if scan_id is not None:
        headers[SCAN_ID] = scan_id
    return headers


def write(fact: Fact, *, max_payload: int = MAX_PAYLOAD) -> tuple[str, dict[str, str], bytes]:
    """Turn a fact into subject, headers and body; refuse one the broker would not carry."""
    headers, body = headers_of(fact), encode(fact)
    size = len(body) + sum(len(name) + len(value) + 4 for name, value in headers.items())
    if size > max_payload:
        raise InvalidDataError(
            f"{fact.key} must fit in {max_payload:,} bytes, was {size:,}: send fewer rows"
        )
    return subject_of(fact), headers, body


def read(subject: str, headers: Mapping[str, str], body: bytes) -> Fact:
    """Turn a message back into the fact its header names; raise InvalidMessageError if it is not.

    A fact told under a subject that is not its own is refused too.
    """
    name = headers.get(FACT)
    if name is None:
        raise InvalidMessageError(f"message on {subject} has no {FACT} header")
    fact = decode(name, body)
    if fact_at(subject) is not type(fact) or subject_of(fact) != subject:
        raise InvalidMessageError(f"{name} belongs on {subject_of(fact)}, was told on {subject}")
    return fact
