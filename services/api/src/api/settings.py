"""Where the api listens and how much it gives at once."""

from typing import ClassVar

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
    heartbeat_seconds: float = Field(default=15, gt=0, le=300)
    """Pause after which an idle event stream sends a comment, so that proxies keep it."""
    event_streams: int = Field(default=64, ge=1, le=10_000)
    """Event streams open at once."""
    event_backlog: int = Field(default=1_000, ge=1, le=100_000)
    """Events one slow listener may lag behind before its stream is ended."""
    cors_origins: tuple[str, ...] = ()
    """Web pages that may call the api from a browser: none."""
