"""The screen's own elements: tables, tiles, notices and lines that are patched, never redrawn.

Streamlit's components take markup as code and values as data. The markup here is fixed; every value
goes in as data and is written as text by the scripts in `web/`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from dashboard.core.health import Alert
from dashboard.core.overview import Tile
from dashboard.core.sheet import Cell, Column, Line, TableRow, as_json


def table(
    key: str,
    columns: Sequence[Column],
    rows: Sequence[TableRow],
    *,
    empty: str,
    height: int = 0,
    chosen: str | None = None,
    on_pick: Callable[[], None] | None = None,
    sortable: bool = False,
) -> None:
    """Show a table; `on_pick` is called when a row is chosen (see `picked`)."""
    _mounted("table")(
        key=key,
        data={
            "columns": as_json(tuple(columns)),
            "rows": as_json(tuple(rows)),
            "empty": empty,
            "height": height,
            "chosen": chosen or "",
            "pickable": on_pick is not None,
            "sortable": sortable,
        },
        on_picked_change=on_pick or _ignore,
    )


def picked(key: str) -> str | None:
    """Return the row just chosen in the table `key`; to be called from its `on_pick`."""
    found = st.session_state[key].get("picked")
    return str(found) if found else None


def tiles(key: str, shown: Sequence[Tile]) -> None:
    """Show a strip of figures; countdowns run in the browser."""
    _mounted("tiles")(key=key, data={"tiles": as_json(tuple(shown))})


def notices(key: str, simulated: Sequence[str], alerts: Sequence[Alert]) -> None:
    """Show that a market is simulated, and what is wrong."""
    told: list[Mapping[str, object]] = [
        {"text": text, "tone": "warn", "simulated": True} for text in simulated
    ]
    told += [{"text": one.text, "tone": str(one.tone), "simulated": False} for one in alerts]
    _mounted("notices")(key=key, data={"notices": told})


def lines(
    key: str,
    shown: Sequence[Line],
    *,
    title: str = "",
    cells: Sequence[Cell] = (),
    note: str = "",
    warnings: Sequence[str] = (),
) -> None:
    """Show labelled values under an optional head."""
    head = {"title": title, "cells": as_json(tuple(cells)), "note": note} if title else None
    _mounted("lines")(
        key=key, data={"lines": as_json(tuple(shown)), "warnings": list(warnings), "head": head}
    )


@cache
def _mounted(name: str) -> Callable[..., Any]:
    web = files("dashboard.adapters") / "web"

    def read(file: str) -> str:
        return (web / file).read_text(encoding="utf-8")

    return st.components.v2.component(  # type: ignore[no-any-return]  # streamlit is not followed
        f"scanner_{name}",
        html=read(f"{name}.html"),
        css=read("shared.css") + read(f"{name}.css"),
        js=read("shared.js") + read(f"{name}.js"),
    )


def _ignore() -> None:
    return
