"""Chromium for browser tests and for the README's picture."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Page, async_playwright

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def open_page(
    url: str, *, width: int = 1440, height: int = 900, zone: str = "UTC"
) -> AsyncIterator[Page]:
    """Open an address in a fresh browser of the given size, in the given time zone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            page = await browser.new_page(
                viewport={"width": width, "height": height}, timezone_id=zone
            )
            await page.goto(url)
            yield page
        finally:
            await browser.close()
