"""The system page: who is alive, what they use, and what nobody could handle."""

import streamlit as st

from dashboard.adapters import components
from dashboard.core import operations
from dashboard.ports import Live


def show(live: Live) -> None:
    """Show the page."""
    st.fragment(_services, run_every=live.settings.refresh_seconds)(live)


def _services(live: Live) -> None:
    board, settings = live.board(), live.settings
    st.markdown("###### Services")
    components.table(
        "services",
        operations.SERVICE_COLUMNS,
        operations.service_rows(
            board, settings.expected_services, settings.heartbeat_seconds, live.instant()
        ),
        empty="No service has been heard yet.",
    )
    st.markdown("###### Dead letters")
    components.table(
        "letters",
        operations.LETTER_COLUMNS,
        operations.letter_rows(board),
        empty="No message has been set aside.",
        height=360,
    )
