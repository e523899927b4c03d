"""The scans page: every scan seen, how plans ended, failures by name, and a scan on demand."""

from datetime import timedelta
from typing import Final

import streamlit as st

from common.errors import ScannerError
from dashboard.adapters import components
from dashboard.adapters.pages.frame import chosen_zone
from dashboard.core import endings, listings, operations, record, words
from dashboard.core.sheet import Line, Tone
from dashboard.ports import Live

_HEARD: Final = (
    "Heard since the dashboard started, and before that where an end was a contract's last step. "
    "All of them: the API's /v1/outcomes."
)
_RECORD_SECONDS: Final = 60
"""History is read anew so often: an end does not move a record much."""
_PERIODS: Final = {
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "All": None,
}


def show(live: Live) -> None:
    """Show the page."""
    every = live.settings.refresh_seconds
    _scan_now(live)
    st.fragment(_scans, run_every=every)(live)
    st.fragment(_record, run_every=_RECORD_SECONDS)(live)
    st.fragment(_history, run_every=every)(live)


def _scan_now(live: Live) -> None:
    venues = live.board().venues
    choice, again, button, _ = st.columns([1, 1.5, 1, 4], vertical_alignment="bottom")
    with choice:
        venue = st.selectbox("Venue", venues, key="scan_venue", placeholder="No venue heard")
    with again:
        force = st.checkbox("Again even if that close was scanned", key="scan_force")
    with button:
        asked = st.button("Scan now", type="primary", disabled=venue is None, width="stretch")
    if asked and venue is not None:
        _ask(live, venue, force=force)


def _ask(live: Live, venue: str, *, force: bool) -> None:
    try:
        reply = live.scan_now(venue, force=force)
    except ScannerError as error:
        components.lines("scan_reply", (), warnings=(f"No scan: {error}",))
        return
    said = "exists already; it is the answer" if reply.reused else "has started"
    components.lines(
        "scan_reply", (Line(label="Scan", value=reply.scan_id, note=said, tone=Tone.GOOD),)
    )


def _scans(live: Live) -> None:
    st.markdown("###### Scans seen")
    components.table(
        "scans",
        operations.SCAN_COLUMNS,
        operations.scan_rows(live.board(), chosen_zone()),
        empty="No scan has been told yet.",
        height=420,
    )


def _record(live: Live) -> None:
    st.markdown("###### How plans ended")
    period = st.segmented_control(
        "Proposed in the last", list(_PERIODS), default="90 days", key="record_period"
    )
    span, scans = _PERIODS[period or "All"], live.board().scans
    try:
        # by the venue's time: the newest close heard of
        told = live.plan_record(scans[0].as_of - span if span and scans else None)
    except ScannerError as error:
        st.caption(words.text(f"The record cannot be read: {error}"))
        return
    components.lines("plan_record", record.record_lines(told))
    if told.total.plans:
        components.table(
            "plan_record_parts",
            record.RECORD_COLUMNS,
            record.record_rows(told),
            empty="",
            height=420,
        )
        st.caption(record.RECORD_NOTE)


def _history(live: Live) -> None:
    board = live.board()
    st.markdown("###### Plans that ended")
    components.table(
        "endings",
        endings.ENDING_COLUMNS,
        endings.ending_rows(board, chosen_zone()),
        empty="No plan has ended yet.",
        height=320,
        sortable=True,
    )
    st.caption(_HEARD)
    st.markdown("###### Universe of the day")
    components.table(
        "universes",
        listings.UNIVERSE_COLUMNS,
        listings.universe_rows(board, chosen_zone()),
        empty="No venue has told what it lists yet.",
    )
    st.markdown("###### Failures")
    components.table(
        "failures",
        operations.FAILURE_COLUMNS,
        operations.failure_rows(board),
        empty="Every contract of every scan seen got its decision.",
        height=320,
    )
