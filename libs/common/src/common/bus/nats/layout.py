"""The streams on the broker: made or brought up to date by whoever may, awaited by the others."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from common.bus.nats.requests import RefusedError, Requests
from common.bus.permissions import BusUser
from common.errors import BusUnavailableError, StreamFullError
from common.sections import BusSettings
from common.streams import Stream

_LOGGER: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 0.5
_NANOSECONDS: Final = 1_000_000_000
_DIFFERENT: Final = 10058
_NOT_FOUND: Final = 10059
_SMALLEST: Final = 1 / 1024


class Layout:
    """The streams as one user of the bus sees to them."""

    def __init__(
        self,
        requests: Requests,
        settings: BusSettings,
        *,
        streams: Sequence[Stream],
        duplicate_window: timedelta,
        rights: BusUser | None,
    ) -> None:
        self._requests = requests
        self._settings = settings
        self._streams = streams
        self._duplicate_window = duplicate_window
        self._rights = rights

    async def apply(self) -> None:
        """Make the streams; who may not raises BusUnavailableError while they are not there."""
        if self._rights is not None and not self._rights.lays_out:
            return await _expect_streams(self._requests, self._rights.streams)
        return await _apply_streams(
            self._requests,
            self._streams,
            storage=self._settings.storage,
            replicas=self._settings.replicas,
            max_storage_bytes=self._settings.max_storage_bytes,
            duplicate_window=self._duplicate_window,
        )

    async def settle(self) -> None:
        """Make the streams, or wait until someone has."""
        while True:
            try:
                return await self.apply()
            except BusUnavailableError as error:
                if self._rights is None or self._rights.lays_out:
                    raise
                _LOGGER.warning("%s", error)
                await asyncio.sleep(_LOOK_SECONDS)


async def _apply_streams(
    requests: Requests,
    streams: Sequence[Stream],
    *,
    storage: str,
    replicas: int,
    max_storage_bytes: int,
    duplicate_window: timedelta,
) -> None:
    # all shrink alike until the broker has room for them
    wanted = sum(stream.max_bytes for stream in streams)
    limit = max_storage_bytes or await _account_limit(requests, storage) or wanted
    share = min(1.0, limit / wanted)
    while True:
        try:
            for stream in streams:
                await _apply(
                    requests,
                    _configuration(
                        stream, storage, replicas, int(stream.max_bytes * share), duplicate_window
                    ),
                )
        except StreamFullError:
            share /= 2
            if share < _SMALLEST:
                raise
            _LOGGER.warning("the broker has little room: streams shrink to %.1f %%", share * 100)
        else:
            return


async def _expect_streams(requests: Requests, streams: Sequence[Stream]) -> None:
    for stream in streams:
        try:
            await requests.api(f"STREAM.INFO.{stream.name}")
        except RefusedError as error:
            if error.number != _NOT_FOUND:
                raise
            raise BusUnavailableError(
                f"the stream {stream.name} is not there yet: its maker has not started"
            ) from error


async def _account_limit(requests: Requests, storage: str) -> int:
    limits = (await requests.api("INFO"))["limits"]
    limit = int(limits["max_memory" if storage == "memory" else "max_storage"])
    return max(limit, 0)


async def _apply(requests: Requests, configuration: dict[str, Any]) -> None:
    name = configuration["name"]
    try:
        found = await requests.api(f"STREAM.INFO.{name}")
    except RefusedError as error:
        if error.number != _NOT_FOUND:
            raise
        found = await _create(requests, configuration)
    now, wanted = found["config"], configuration["max_bytes"]
    # Shrinking may not drop what nobody has read; the storage of a stream cannot change.
    roomy = found["state"]["bytes"] * 2 <= wanted
    settled = {
        **configuration,
        "storage": now["storage"],
        "max_bytes": wanted if roomy else max(wanted, now["max_bytes"]),
    }
    if any(now.get(key) != value for key, value in settled.items()):
        await requests.api(f"STREAM.UPDATE.{name}", **settled)


async def _create(requests: Requests, configuration: dict[str, Any]) -> dict[str, Any]:
    name = configuration["name"]
    try:
        return await requests.api(f"STREAM.CREATE.{name}", **configuration)
    except RefusedError as error:
        if error.number != _DIFFERENT:
            raise
        return await requests.api(f"STREAM.INFO.{name}")  # another service was faster


def _configuration(
    stream: Stream, storage: str, replicas: int, max_bytes: int, duplicate_window: timedelta
) -> dict[str, Any]:
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "retention": "limits",
        "discard": "new",
        "storage": storage,
        "num_replicas": replicas,
        "max_age": _nanoseconds(stream.max_age),
        "max_bytes": max_bytes,
        "duplicate_window": _nanoseconds(min(duplicate_window, stream.max_age)),
        "allow_direct": True,
        "max_msgs_per_subject": 1 if stream.only_last else -1,
        "allow_rollup_hdrs": stream.only_last,
    }


def _nanoseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * _NANOSECONDS)
