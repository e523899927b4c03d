"""Messages the broker gave up: what its advisory names, read back from the stream."""

import base64
import json
import logging
from typing import Final

from common.bus.nats.requests import RefusedError, Requests
from common.bus.port import Delivery, GivenUp

_LOGGER: Final = logging.getLogger(__name__)


async def read_advisory(requests: Requests, delivery: Delivery) -> GivenUp:
    """Return the message an advisory tells of; without a body when its stream keeps it no more."""
    advisory = json.loads(delivery.body)
    subject, headers, body = "", {}, b""
    try:
        found = await requests.api(
            f"STREAM.MSG.GET.{advisory['stream']}", seq=advisory["stream_seq"]
        )
    except RefusedError as error:
        _LOGGER.warning("message %s is kept no more: %s", advisory["stream_seq"], error)
    else:
        message = found["message"]
        subject = message["subject"]
        body = base64.b64decode(message.get("data", ""))
        headers = _headers(base64.b64decode(message.get("hdrs", "")))
    return GivenUp(
        consumer=advisory["consumer"],
        sequence=advisory["stream_seq"],
        deliveries=advisory["deliveries"],
        subject=subject,
        headers=headers,
        body=body,
        ack=delivery.ack,
    )


def _headers(raw: bytes) -> dict[str, str]:
    lines = raw.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
