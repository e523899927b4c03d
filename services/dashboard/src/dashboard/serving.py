"""How Streamlit serves the dashboard: where, to whom, and in which colours."""

from collections.abc import Mapping
from typing import Final

from dashboard.settings import DashboardSettings

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

THEME: Final[Mapping[str, object]] = {
    "base": "dark",
    "primaryColor": "#3a80e0",
    "backgroundColor": "#0b1016",
    "secondaryBackgroundColor": "#10161e",
    "textColor": "#dbe3ee",
    "borderColor": "#1d2733",
    "showWidgetBorder": True,
    "baseRadius": "8px",
    "baseFontSize": 14,
    "linkColor": "#6cb0ff",
    "greenColor": "#36c692",
    "redColor": "#ff6b77",
    "orangeColor": "#eab54f",
}


def options(settings: DashboardSettings) -> dict[str, object]:
    """Return Streamlit's options under the names of its settings file."""
    loopback = settings.address in {"127.0.0.1", "localhost", "::1"}
    allowed = settings.allowed_hosts or (_LOOPBACK if loopback else ())
    return {
        "server.address": settings.address,
        "server.port": settings.port,
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.allowedHosts": list(allowed),
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "type",
        "client.showErrorLinks": False,
        "runner.magicEnabled": False,
        **{f"theme.{name}": value for name, value in THEME.items()},
    }
