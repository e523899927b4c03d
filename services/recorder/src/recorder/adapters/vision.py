"""Binance Vision over HTTP: files and their check sums."""

import hashlib
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import aiohttp
import stamina

from common.errors import InvalidDataError, VenueUnavailableError
from recorder.core.archives import ArchiveFile, MetricsFile, digest_in
from recorder.ports import Downloaded

ADDRESS: Final = "https://data.binance.vision"

_MOST_BYTES: Final = 64 * 1024 * 1024
"""A month of minutes is 2 MB packed."""
_SIMULATED: Final = "X-Simulated"


class VisionArchive:
    """Downloads a file until it is what its check sum says, a few times at most."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        attempts: int,
        retry_wait: timedelta,
    ) -> None:
        self._session = session
        self._base_url = (base_url or ADDRESS).rstrip("/")
        self._attempts = attempts
        self._retry_wait = retry_wait

    async def fetch(self, file: ArchiveFile | MetricsFile) -> Downloaded | None:
        """Return a file, None when there is none.

        Raises InvalidDataError when it is not what its check sum says, VenueUnavailableError when
        the archive does not answer.
        """
        async for attempt in stamina.retry_context(
            on=(VenueUnavailableError, InvalidDataError),
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._retry_wait,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                return await self._fetch(file)
        raise AssertionError("a retry context ends with an answer or an error")

    async def _fetch(self, file: ArchiveFile | MetricsFile) -> Downloaded | None:
        packed = await self._get(file.path)
        if packed is None:
            return None
        body, simulated = packed
        told = await self._get(f"{file.path}.CHECKSUM")
        if told is None:
            raise InvalidDataError(f"{file.name} has no check sum")
        wanted = digest_in(told[0].decode(errors="replace"), file.name)
        digest = hashlib.sha256(body).hexdigest()
        if digest != wanted:
            raise InvalidDataError(f"check sum of {file.name} must be {wanted}, was {digest}")
        return Downloaded(body, digest, simulated)

    async def _get(self, path: str) -> tuple[bytes, bool] | None:
        address = f"{self._base_url}/{path}"
        try:
            async with self._session.get(address) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    return None
                if response.status != HTTPStatus.OK:
                    raise VenueUnavailableError(
                        f"the archive must answer {path} with 200, was {response.status}"
                    )
                body = await response.content.read(_MOST_BYTES + 1)
                while len(body) <= _MOST_BYTES and not response.content.at_eof():
                    body += await response.content.read(_MOST_BYTES + 1)
                simulated = response.headers.get(_SIMULATED) == "true"
        except (aiohttp.ClientError, TimeoutError) as error:
            raise VenueUnavailableError(f"the archive does not answer {path}: {error!r}") from error
        if len(body) > _MOST_BYTES:
            raise InvalidDataError(f"{path} must be shorter than {_MOST_BYTES} bytes")
        return body, simulated
