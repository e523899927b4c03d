"""Where the api listens and how much it gives at once."""

from typing import ClassVar, Literal

from pydantic import Field

from common.settings import Section


class ApiSettings(Section):
    """The `[api]` table."""

    section: ClassVar[str] = "api"

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0 takes any free port."""
    connections: int = Field(default=5, ge=1, le=64)
    query_timeout_seconds: float = Field(default=5, gt=0, le=60)
    """A question to Postgres that takes longer is answered with 503."""
    scan_timeout_seconds: float = Field(default=20, gt=0, le=300)
    """How long the fetcher may take to answer a scan request."""
    keys_file: str = ".scanner/api-keys.json"
    """What `python -m api keys` writes: the keys that open the api, hashed."""
    require_keys: Literal["beyond_loopback", "always"] = "beyond_loopback"
    """On loopback a key is not asked for, unless always; one that is shown must be valid."""
    requests_per_minute: float = Field(default=600, gt=0, le=1_000_000)
    """How often one key, or one address without a key, may ask over time."""
    request_burst: int = Field(default=300, ge=1, le=1_000_000)
    """Requests one key or one address may have at once."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For is believed: a proxy that writes it itself."""
    heartbeat_seconds: float = Field(default=15, gt=0, le=300)
    """Pause after which an idle event stream sends a comment, so that proxies keep it."""
    event_streams: int = Field(default=64, ge=1, le=10_000)
    """Event streams open at once."""
    event_streams_per_caller: int = Field(default=8, ge=1, le=10_000)
    """Of them, one key or one address."""
    chats: int = Field(default=64, ge=1, le=1_000)
    """Answers of the analyst that stream at once."""
    chats_per_caller: int = Field(default=4, ge=1, le=1_000)
    """Of them, one key's or one address's."""
    event_backlog: int = Field(default=1_000, ge=1, le=100_000)
    """Events one slow listener may lag behind before its stream is ended."""
    cors_origins: tuple[str, ...] = ()
    """Web pages that may call the api from a browser: none."""
