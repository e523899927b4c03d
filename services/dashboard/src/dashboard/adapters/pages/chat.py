"""The analyst page: questions about this scan, answers as they are written, facts to open."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

import streamlit as st

from common.domain import ChatChunk, ChatEnd, ChatPart, ConversationReply
from common.errors import ScannerError
from dashboard.adapters import components
from dashboard.adapters.pages import frame
from dashboard.core import talk
from dashboard.core.board import Board, Contract, ContractId
from dashboard.ports import Live, Talker

_NEW: Final = "new conversation"
_WARNING: Final = (
    "A local model writes here. Every number is checked against this scan's facts; what fails is "
    "struck. It can warn and never changes a plan."
)
_MEASURED: Final = (
    "After each scan the best plans get a verdict, stored before anything is known of how they "
    "end. Whatever is not known yet is a dash; results count from thirty on."
)


def show(live: Live) -> None:
    """Show the page."""
    if not isinstance(live, Talker):
        st.info("This dashboard has no line to the analyst.")
        return
    try:
        known = live.conversations()
    except ScannerError as error:
        st.warning(talk.escaped(f"The analyst is not there: {error}"))
        return
    st.caption(_WARNING)
    left, right = st.columns([2, 5])
    with left:
        name = _chosen(live, [one.name for one in known], {one.name: one.title for one in known})
    with right:
        _conversation(live, name, talk.openings(_looked_at(live.board())))
    _record(live)


def _looked_at(board: Board) -> Contract | None:
    """Return the contract that is chosen on the scanner page."""
    venue, _, symbol = (st.session_state.get("chosen") or "").partition(":")
    return board.contracts.get(ContractId(venue, symbol))


def _chosen(live: Talker, names: list[str], titles: dict[str, str]) -> str:
    begun = st.session_state.setdefault("begun", _fresh(names))
    choices = [*names, *([] if begun in names else [begun])]
    name = st.radio(
        "Conversation",
        choices,
        index=choices.index(begun),
        format_func=lambda one: talk.escaped(titles.get(one, _NEW)),  # a label is markdown too
        key="conversation",
    )
    if st.button("New conversation", key="fresh"):
        st.session_state["begun"] = _fresh(choices)
        st.rerun()
    if name in names:
        try:
            _kept(live, name, titles[name])
        except ScannerError as error:
            st.warning(talk.escaped(str(error)))
    return str(name)


def _fresh(taken: Sequence[str]) -> str:
    return next(name for n in count(1) if (name := f"talk-{n}") not in taken)


def _kept(live: Talker, name: str, known_as: str) -> None:
    with st.form("retitle", border=False):
        title = st.text_input("Title", known_as, max_chars=120, key=f"title_{name}")
        if st.form_submit_button("Rename") and title.strip() and title != known_as:
            live.rename(name, title.strip())
            st.rerun()
    if st.button("Delete this conversation", key="forget"):
        live.forget(name)
        st.rerun()
    told = live.conversation(name)
    texts = tuple((one.role, one.text) for one in told.messages)
    st.download_button("Export", talk.exported(told.title, texts), file_name=f"{name}.txt")


def _record(live: Talker) -> None:
    if not st.toggle("How its verdicts fared", key="record_shown", help=_MEASURED):
        return
    try:
        rows = talk.record_rows(live.record())
    except ScannerError as error:
        st.warning(talk.escaped(f"The record cannot be read: {error}"))
        return
    components.table("record", talk.RECORD_COLUMNS, rows, empty="No verdict was given yet.")


def _conversation(live: Talker, name: str, openings: Sequence[str]) -> None:
    try:
        told: ConversationReply | None = live.conversation(name)
    except ScannerError:
        told = None
    for message in told.messages if told else ():
        with st.chat_message("user" if message.role == "user" else "assistant"):
            st.markdown(talk.escaped(message.text))
            if message.end is not None:
                _checked(message.end)
    question = st.chat_input("Why is SOL long, and what would prove it wrong?", max_chars=4000)
    if told is None:
        with st.container(horizontal=True, gap="small"):
            begun = [one for one in openings if st.button(talk.escaped(one), key=one)]
        question = question or next(iter(begun), None)
    if not question or not question.strip():
        return
    with st.chat_message("user"):
        st.markdown(talk.escaped(question))
    with st.chat_message("assistant"):
        _answer(live.chat(name, question))


def _answer(chunks: Iterator[ChatChunk]) -> None:
    state, words = st.empty(), st.empty()
    text = ""
    try:
        for chunk in chunks:
            match chunk.part:
                case ChatPart.STATE:
                    state.caption(talk.escaped(chunk.text))
                case ChatPart.THINKING:
                    state.caption("thinking")
                case ChatPart.TEXT:
                    text += chunk.text
                    words.markdown(talk.escaped(text))
                case ChatPart.END:
                    state.empty()
                    if chunk.end is not None:
                        words.markdown(talk.escaped(chunk.end.text))
                        _checked(chunk.end)
    except ScannerError as error:
        st.warning(talk.escaped(str(error)))


def _checked(end: ChatEnd) -> None:
    st.caption(talk.escaped(talk.byline(end)))
    if end.struck:
        with st.expander(f"Struck ({len(end.struck)})"):
            for one in end.struck:
                st.markdown(talk.escaped(f"{one.sentence}\n{'; '.join(one.reasons)}"))
    if end.cited:
        with st.container(horizontal=True, gap="small"):
            for fact in end.cited:
                with st.popover(talk.escaped(fact.id)):
                    st.markdown(f"**{talk.escaped(fact.id)}**")
                    st.caption(talk.escaped(talk.cited_line(fact, frame.chosen_zone())))
