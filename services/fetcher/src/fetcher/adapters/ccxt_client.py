"""A client of ccxt that signs nothing, re-sends nothing, and shows every answer as it comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from common import telemetry
from fetcher.adapters.ccxt_parts import client_class

_GEO_BLOCK: Final = 451
_FORBIDDEN: Final = 403
_BLOCKED: Final = ("your country", "restricted location")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One answer before ccxt judges it."""

    status: int
    headers: Mapping[str, str]
    """By name in small letters."""
    url: str
    """Without its query."""
    body: str
    told: object
    """The body as JSON, None when it is none."""

    @property
    def refuses_location(self) -> bool:
        """Whether the venue serves nobody at this place, whatever is asked."""
        # A 403 may mean too many requests as well: only its text tells the two apart.
        blocked = any(words in self.body.lower() for words in _BLOCKED)
        return self.status == _GEO_BLOCK or (self.status == _FORBIDDEN and blocked)


def watched_client(
    name: str, heed: Callable[[Answered], None], *, timeout: timedelta, base_url: str
) -> Any:  # noqa: ANN401 - ccxt ships no types
    """Return ccxt's client of a venue; `heed` sees each answer first and may raise."""
    client = client_class(name)(
        {
            "enableRateLimit": False,  # a `Budget` is spent instead, retries included
            "timeout": int(timeout.total_seconds() * 1000),
            "options": {"maxRetriesOnFailure": 0},
        }
    )
    judge = client.handle_errors

    def handle_errors(  # noqa: PLR0917 - as ccxt calls it
        status: int,
        reason: str,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: str,
        told: object,
        *sent: object,
    ) -> None:
        address = url.partition("?")[0]
        telemetry.answered(path=urlsplit(address).path, status=status)
        heed(
            Answered(
                status=status,
                headers={name.lower(): value for name, value in headers.items()},
                url=address,
                body=body,
                told=told,
            )
        )
        judge(status, reason, url, method, headers, body, told, *sent)

    # The one place where ccxt shows status and headers of this very request.
    client.handle_errors = handle_errors
    if base_url:
        _redirect(client.urls["api"], base_url.rstrip("/"))
    return client


def _redirect(urls: dict[str, Any], base_url: str) -> None:
    for name, url in urls.items():
        if isinstance(url, str):
            _, slash, path = url.partition("://")[2].partition("/")
            urls[name] = base_url + slash + path
