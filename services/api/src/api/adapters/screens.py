"""The page at /docs, its scripts and styles from this machine: it works without the web."""

from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

ASSETS: Final = "/docs-assets"


def add_screens(web: FastAPI) -> None:
    """Serve Swagger UI and what it is made of."""
    folder = Path(fastapi_offline.__file__).parent / "static"
    web.mount(ASSETS, StaticFiles(directory=folder), name="docs-assets")

    @web.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/docs")

    @web.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=web.title,
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon.png",
        )
