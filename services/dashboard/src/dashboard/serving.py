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
    """Return Streamlit's options under the names its command line uses."""
    loopback = settings.address in {"127.0.0.1", "localhost", "::1"}
    allowed = settings.allowed_hosts or (_LOOPBACK if loopback else ())
    return {
        "server_address": settings.address,
        "server_port": settings.port,
        "server_headless": True,
        "server_enableXsrfProtection": True,
        "server_enableCORS": True,
        "server_allowedHosts": list(allowed),
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "type",
        "client_showErrorLinks": False,
        "runner_magicEnabled": False,
        **{f"theme_{name}": value for name, value in THEME.items()},
    }
