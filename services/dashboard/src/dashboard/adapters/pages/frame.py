"""What every page shows: whose market it is, what is wrong, and the reader's zone."""

from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from dashboard.adapters import components
from dashboard.core.health import Patience, alerts
from dashboard.ports import Live

STYLE: Final = """
<style>
  .stMainBlockContainer { padding: 3.9rem 1.2rem 2rem; max-width: 1920px; }
  .stApp [data-testid="stVerticalBlock"] { gap: .6rem; }
  [data-testid="stStatusWidget"] { display: none; }
  [data-stale="true"] { opacity: 1 !important; }
  .stApp { font-variant-numeric: tabular-nums; }
  .st-key-filters [data-testid="stButtonGroup"] button { min-height: 2.5rem; }
  [data-testid="stPlotlyChart"] { border: 1px solid #1d2733; border-radius: 8px; overflow: hidden; }
  @media (max-width: 700px) {
    .st-key-filters [data-testid="stColumn"] {
      min-width: calc(50% - 1rem); flex: 1 1 calc(50% - 1rem);
    }
    .st-key-filters [data-testid="stColumn"]:first-child { min-width: 100%; }
    .stMainBlockContainer { padding: 3.9rem .6rem 2rem; } }
</style>
"""
"""Spacing of Streamlit's own containers; fixed text, never data."""

_COMMON_ZONES: Final = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Tokyo",
)


def notices(live: Live) -> None:
    """Show the simulated market's banner and everything that is wrong; refreshed by itself."""
    board = live.board()
    settings = live.settings
    patience = Patience(
        heartbeat=settings.heartbeat_seconds,
        marks=settings.marks_seconds,
        scan=settings.scan_late_seconds,
        services=settings.expected_services,
    )
    simulated = [
        f"SIMULATED MARKET · {venue} · nothing shown here was ever traded"
        for venue in sorted(board.simulated_venues)
    ]
    wrong = alerts(board, live.link(), patience, live.instant())
    components.notices("notices", simulated, wrong)


def choose_zone() -> None:
    """Let the reader choose the zone times are written in: the browser's, until they do."""
    known = {"UTC", *available_timezones()}
    first = [name for name in (st.context.timezone, *_COMMON_ZONES) if name in known]
    st.selectbox(
        "Time zone",
        tuple(dict.fromkeys((*first, *sorted(known)))),
        key="zone",
        label_visibility="collapsed",
        help="Times are kept in UTC and written in this zone",
    )


def chosen_zone() -> tzinfo:
    """Return the reader's zone."""
    name = st.session_state.get("zone", "UTC")
    return UTC if name == "UTC" else ZoneInfo(name)
