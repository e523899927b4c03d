"""Asking over aiohttp alone: what is left when ccxt fails, and enough where it is not needed."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from common import telemetry
from common.errors import VenueRefusedError, VenueUnavailableError
from fetcher.adapters.ccxt_client import Answered
from fetcher.adapters.json_values import shown
from fetcher.adapters.visits import Send

_REFUSED: Final = 400
_TIMEOUT: Final = 408


class PlainClient:
    """Sends each request once; `heed` sees each answer first and may raise."""

    def __init__(
        self, name: str, address: str, heed: Callable[[Answered], None], *, timeout: timedelta
    ) -> None:
        self._name = name
        self._address = address.rstrip("/")
        self._heed = heed
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._session: aiohttp.ClientSession | None = None

    def get(self, path: str) -> Send:
        """Return what asks this path; parameters follow."""

        async def send(params: Mapping[str, object]) -> object:
            return await self._get(path, {name: str(value) for name, value in params.items()})

        return send

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def _get(self, path: str, params: Mapping[str, str]) -> object:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=True)
        url = self._address + path
        try:
            async with self._session.get(url, params=params) as response:
                body = await response.text(errors="replace")
        except TimeoutError as error:
            raise VenueUnavailableError(f"{url} did not answer in time") from error
        except aiohttp.ClientConnectorError as error:
            raise VenueUnavailableError(f"{self._name} cannot be reached: {error}") from error
        except aiohttp.ClientError as error:
            raise VenueUnavailableError(f"{url} cannot be read: {error}") from error
        telemetry.answered(path=urlsplit(url).path, status=response.status)
        told = _json(body)
        self._heed(
            Answered(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                url=url,
                body=body,
                told=told,
            )
        )
        if response.status == _TIMEOUT:
            raise VenueUnavailableError(f"HTTP {response.status} at {url}: {shown(body)}")
        if response.status >= _REFUSED:
            raise VenueRefusedError(f"HTTP {response.status} at {url}: {shown(body)}")
        if told is None:
            raise VenueUnavailableError(f"the answer of {url} must be JSON, was {shown(body)}")
        return told


def _json(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
