"""Streamlit as a web application, in a page that recovers when a part of it did not arrive."""

from importlib.resources import files

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard.adapters.pages.shell import PAGES


def web_app() -> st.App:
    """Return the application: Streamlit's own, but for the one HTML page all addresses share."""
    html = _page()

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return st.App(
        str(files("dashboard") / "page.py"),
        routes=[Route(f"/{path}", page) for _, path, *_ in PAGES],
    )


def _page() -> str:
    html = (files("streamlit") / "static" / "index.html").read_text(encoding="utf-8")
    script = (files("dashboard.adapters") / "web" / "recovery.js").read_text(encoding="utf-8")
    # first of all, so that it hears of every other script
    return html.replace("<head>", f"<head>\n<script>\n{script}</script>", 1)
