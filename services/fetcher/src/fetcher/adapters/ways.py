"""The two ways of asking a venue: over ccxt, and over aiohttp alone for as long as ccxt fails.

Whatever is asked goes through here, so that everything a scan needs has both ways.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

from common.errors import VenueRefusedError, VenueUnavailableError
from fetcher.adapters.ccxt_client import Answered, watched_client
from fetcher.adapters.ccxt_errors import translate
from fetcher.adapters.ccxt_parts import errors
from fetcher.adapters.plain import PlainClient
from fetcher.adapters.visits import Send
from fetcher.core.standing import Standing

_log = logging.getLogger(__name__)

_REST_SECONDS: Final = 60.0
_LIMITS: Final = (errors.DDoSProtection, errors.RateLimitExceeded)
_BROKEN: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What ccxt raises when its own parts, or its idea of the venue, do not fit together."""

_answers: ContextVar[list[Answered]] = ContextVar("_answers")
"""What the venue has answered to the request that is being made."""


class Ways:
    """Sends a venue's requests; a way that fails time after time is left for a while."""

    def __init__(
        self,
        venue: str,
        heed: Callable[[Answered], None],
        *,
        client: str,
        apis: Mapping[str, str],
        address: str,
        base_url: str,
        timeout: timedelta,
    ) -> None:
        """`client` is ccxt's class, `apis` its name of what lies below each beginning of a path."""
        self._venue = venue
        self._apis = apis

        def note(answer: Answered) -> None:
            _answers.get().append(answer)
            heed(answer)

        self._ccxt = watched_client(client, note, timeout=timeout, base_url=base_url)
        self._plain = PlainClient(venue, base_url or address, heed, timeout=timeout)
        self._standing = Standing(rest=_REST_SECONDS)

    def get(self, path: str) -> Send:
        """Return what asks this path; parameters follow."""
        plain = self._plain.get(path)

        async def send(params: Mapping[str, object]) -> object:
            if not self._standing.may_ask(time.monotonic()):
                return await plain(params)
            return await self._over_ccxt(path, params)

        return send

    async def close(self) -> None:
        """Let go of the connections."""
        await self._ccxt.close()
        await self._plain.close()

    async def _over_ccxt(self, path: str, params: Mapping[str, object]) -> object:
        beginning = next(one for one in self._apis if path.startswith(one))
        name, api = path.removeprefix(beginning), self._apis[beginning]
        answers: list[Answered] = []
        _answers.set(answers)
        try:
            answer: object = await self._ccxt.request(name, [api], "GET", dict(params))
        except _LIMITS:
            raise
        except _BROKEN as error:
            raise self._failed(f"ccxt failed: {type(error).__name__}: {error}") from error
        except errors.BaseError as error:
            told = translate(error, venue=self._venue)
            if answers and isinstance(told, VenueRefusedError):
                raise told from error
            raise self._failed(str(told)) from error
        self._standing.answered()
        return answer

    def _failed(self, reason: str) -> VenueUnavailableError:
        was_down = self._standing.down
        self._standing.failed(time.monotonic())
        if self._standing.down and not was_down:
            _log.warning("%s is asked without ccxt for now: %s", self._venue, reason)
        return VenueUnavailableError(reason)
