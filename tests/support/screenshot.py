"""The README's picture of the dashboard: `python -m tests.support.screenshot --url … --output …`.

Waits for a plan and chooses it, so that the picture shows its levels; a market without a single
plan is pictured as it is, with a blocked setup.
"""

import argparse
import asyncio
from pathlib import Path

from playwright.async_api import Page
from playwright.async_api import TimeoutError as NothingAppearedError

from tests.support.browser import open_page

_PATIENCE = 120_000
"""Milliseconds a fresh scanner may take to its first decisions."""
_PLAN = ".st-key-setups tr[data-id]:has(.ladder)"


async def take(url: str, output: Path, *, width: int, height: int, seconds: float) -> None:
    """Save a picture of the scanner page once it shows a plan and its chart."""
    output.parent.mkdir(parents=True, exist_ok=True)
    async with open_page(url, width=width, height=height) as page:
        await page.locator(".st-key-setups tr[data-id]").first.wait_for(timeout=_PATIENCE)
        if await _has_plan(page, seconds):
            await page.locator(_PLAN).first.click()
            await page.locator(".js-plotly-plot .annotation-text").first.wait_for(timeout=_PATIENCE)
        await page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=_PATIENCE)
        await page.locator(".st-key-card .title").wait_for(timeout=_PATIENCE)
        await page.mouse.move(0, 0)
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=output)


async def _has_plan(page: Page, seconds: float) -> bool:
    try:
        await page.locator(_PLAN).first.wait_for(timeout=seconds * 1000)
    except NothingAppearedError:
        return False
    return True


def main() -> None:
    """Read the arguments and take the picture."""
    parser = argparse.ArgumentParser(description="Take the README's picture of the dashboard.")
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    parser.add_argument("--output", type=Path, default=Path("docs/images/dashboard.png"))
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=1700)
    parser.add_argument("--seconds", type=float, default=60, help="how long to wait for a plan")
    given = parser.parse_args()
    asyncio.run(
        take(
            given.url,
            given.output,
            width=given.width,
            height=given.height,
            seconds=given.seconds,
        )
    )


if __name__ == "__main__":
    main()
