"""The scanner page: what can be taken now, what was blocked, and why, for the chosen contract."""

from typing import Final

import streamlit as st

from common.domain import Direction
from dashboard.adapters import components
from dashboard.adapters.pages import detail
from dashboard.adapters.pages.frame import chosen_zone
from dashboard.core import words
from dashboard.core.board import Board
from dashboard.core.clusters import cluster_sentences
from dashboard.core.overview import failures_sentence, tiles
from dashboard.core.selection import Filter, Group, Selection, select
from dashboard.core.standing import State
from dashboard.core.table import COLUMNS, table_rows
from dashboard.core.venue_time import venue_time
from dashboard.ports import Live

_ANY: Final = "All"
_TABLE_HEIGHT: Final = 292
_TABLE: Final = "setups"


def show(live: Live) -> None:
    """Show the page."""
    every = live.settings.refresh_seconds
    st.fragment(_overview, run_every=every)(live)
    st.fragment(_setups, run_every=every)(live)
    st.fragment(detail.show, run_every=every)(live)


def _overview(live: Live) -> None:
    board = live.board()
    venue = st.session_state.get("venue", _ANY)
    venues = board.venues if venue == _ANY else (venue,)
    for name in venues or ("",):
        components.tiles(
            f"tiles_{name}",
            tiles(board, name, venue_time(board, name, live.instant()), chosen_zone()),
        )
    one_bet = [said for name in venues for said in cluster_sentences(board, name)]
    if one_bet:
        st.caption(words.text(" · ".join(one_bet)))


def _setups(live: Live) -> None:
    board = live.board()
    found = select(board, _choose(board), live.instant())
    shown = found.rows[: live.settings.shown_rows]
    _choose_first(shown_ids=[str(row.id) for row in shown], board=board)
    components.table(
        _TABLE,
        COLUMNS,
        table_rows(shown, chosen_zone()),
        empty=_emptiness(board, found),
        height=_TABLE_HEIGHT,
        chosen=st.session_state.get("chosen"),
        on_pick=_picked,
        sortable=True,
    )
    hidden = len(found.rows) - len(shown)
    folded = sum(len(row.folded) for row in found.rows)
    said = [
        _count_sentence(found),
        f"{folded} correlated with a better-ranked plan" if folded else "",
        f"{hidden} more not shown" if hidden else "",
        *(failures_sentence(board.last_completed(venue)) for venue in board.venues),
    ]
    st.caption(words.text(" · ".join(filter(None, said))))
    if st.session_state.pop("just_picked", False):
        st.rerun()  # the detail would follow by itself, but only at its next refresh


def _choose(board: Board) -> Filter:
    with st.container(key="filters"):
        groups, direction, venue, states, confidence, search, correlated = st.columns(
            [3.2, 1.7, 1.1, 1.9, 1.2, 1.1, 1.2], vertical_alignment="bottom"
        )
    with groups:
        wanted = st.pills(
            "Show",
            [str(group) for group in Group],
            default=[str(Group.PLANS), str(Group.BLOCKED)],
            selection_mode="multi",
            key="groups",
        )
    with direction:
        way = st.segmented_control(
            "Direction", [_ANY, "▲ Long", "▼ Short"], default=_ANY, key="direction"
        )
    with venue:
        place = st.selectbox("Venue", [_ANY, *board.venues], key="venue")
    with states:
        standing = st.multiselect(
            "State", [str(state) for state in State], key="states", placeholder="Any state"
        )
    with confidence:
        least = st.number_input(
            "Min confidence", min_value=0, max_value=100, value=0, step=5, key="confidence"
        )
    with search:
        text = st.text_input("Search", key="search", placeholder="BTC", on_change=_searched)
    with correlated:
        every = st.toggle(
            "Correlated",
            key="correlated",
            help="Of plans that move together only the best-ranked is shown; on: all of them",
        )
    return Filter(
        groups=frozenset(Group(name) for name in wanted),
        direction={"▲ Long": Direction.LONG, "▼ Short": Direction.SHORT}.get(way or _ANY),
        venue=None if place == _ANY else place,
        states=frozenset(State(name) for name in standing),
        min_confidence=float(least),
        search=text,
        best_of_cluster=not every,
    )


def _choose_first(*, shown_ids: list[str], board: Board) -> None:
    chosen = st.session_state.get("chosen") or st.query_params.get("contract")
    known = {str(key) for key in board.contracts}
    searched = st.session_state.pop("just_searched", False)
    if chosen not in known or (searched and shown_ids and chosen not in shown_ids):
        chosen = shown_ids[0] if shown_ids else None
        st.session_state["just_picked"] = searched
    st.session_state["chosen"] = chosen


def _searched() -> None:
    st.session_state["just_searched"] = True


def _picked() -> None:
    found = components.picked(_TABLE)
    if found is not None:
        st.session_state["chosen"] = found
        st.session_state["just_picked"] = True
        st.query_params["contract"] = found


def _emptiness(board: Board, found: Selection) -> str:
    if not board.contracts:
        return "Waiting for the first decisions."
    others = " · ".join(f"{count} {group}".lower() for group, count in found.counts.items())
    return f"Nothing here with these filters{f' ({others})' if others else ''}."


def _count_sentence(found: Selection) -> str:
    return " · ".join(
        words.counted(count, "plan") if group is Group.PLANS else f"{count} {group}".lower()
        for group in Group
        if (count := found.counts[group])
    )
