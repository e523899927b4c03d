"""A bucket on the broker: a stream that keeps the last message of each key's subject."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from typing_extensions import override

from common.bus.nats.connection import Connection
from common.bus.nats.consumers import Reader
from common.bus.nats.requests import RefusedError, Requests
from common.bus.port import Start, Value, Values
from common.errors import BusUnavailableError, StreamFullError
from common.streams import Bucket

_EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"
_OVERTAKEN: Final = 10071
_PATIENCE_SECONDS: Final = 2.0


class NatsValues(Values):
    """One bucket, read directly and written only over the revision that was seen."""

    def __init__(
        self,
        connection: Connection,
        requests: Requests,
        bucket: Bucket,
        *,
        reader: Callable[[str, Sequence[str]], Reader],
    ) -> None:
        self._connection = connection
        self._requests = requests
        self._bucket = bucket
        self._reader = reader

    @override
    async def read(self, key: str) -> Value:
        self._check_there()
        message = await self._requests.last_of(
            self._bucket.stream.name, self._bucket.subject(key), patience=_PATIENCE_SECONDS
        )
        if message is None:
            return Value(b"", 0)
        return Value(message.data, int((message.headers or {})["Nats-Sequence"]))

    @override
    async def write(self, key: str, body: bytes, *, revision: int) -> int | None:
        self._check_there()
        try:
            stored = await self._requests.call(
                self._bucket.subject(key),
                body,
                {_EXPECTED: str(revision)},
                patience=_PATIENCE_SECONDS,
            )
        except RefusedError as error:
            if error.number == _OVERTAKEN:
                return None
            raise BusUnavailableError(f"{key} was not written: {error}") from error
        except StreamFullError as error:
            raise BusUnavailableError(f"{key} finds no room: {error}") from error
        return int(stored["seq"])

    @override
    async def watch(self, key: str) -> AsyncIterator[Value]:
        reader = self._reader(self._bucket.stream.name, [self._bucket.subject(key)])
        async for message in reader.follow_messages(Start.LATEST):
            yield Value(message.data, message.metadata.sequence.stream)

    def _check_there(self) -> None:
        reason = self._connection.unavailable()
        if reason is not None:
            raise BusUnavailableError(reason)
