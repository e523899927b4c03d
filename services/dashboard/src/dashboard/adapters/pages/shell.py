"""The app around the pages: navigation, the banner, the zone."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Final

import streamlit as st

from dashboard.adapters.pages import chat, frame, scanner, scans, system
from dashboard.ports import Live

PAGES: Final[tuple[tuple[str, str, str, Callable[[Live], None]], ...]] = (
    ("Scanner", "", ":material/candlestick_chart:", scanner.show),
    ("Analyst", "analyst", ":material/forum:", chat.show),
    ("Scans", "scans", ":material/history:", scans.show),
    ("System", "system", ":material/monitor_heart:", system.show),
)
"""Title, address, icon and content of each page."""

_ICON: Final = files("dashboard.adapters") / "web" / "icon.svg"


def render(live: Live) -> None:
    """Draw the page the reader is on."""
    st.set_page_config(page_title="Scanner", page_icon=str(_ICON), layout="wide")
    st.html(frame.STYLE)
    page = st.navigation(
        [
            st.Page(partial(show, live), title=title, url_path=path, icon=icon, default=not path)
            for title, path, icon, show in PAGES
        ],
        position="top",
    )
    told, zone = st.columns([7, 1], vertical_alignment="center")
    with told:
        st.fragment(frame.notices, run_every=live.settings.refresh_seconds)(live)
    with zone:
        frame.choose_zone()
    page.run()
