"""The README's picture of the dashboard: `python -m tests.support.screenshot --url … --output …`.

Waits until the table has rows and the chosen contract's chart is drawn.
"""

import argparse
import asyncio
from pathlib import Path

from tests.support.browser import open_page

_PATIENCE = 120_000
"""Milliseconds a fresh scanner may take to its first plan."""


async def take(url: str, output: Path, *, width: int, height: int) -> None:
    """Save a picture of the scanner page once it shows a plan and its chart."""
    output.parent.mkdir(parents=True, exist_ok=True)
    async with open_page(url, width=width, height=height) as page:
        await page.locator(".st-key-setups tr[data-id]").first.wait_for(timeout=_PATIENCE)
        await page.locator(".js-plotly-plot .annotation-text").first.wait_for(timeout=_PATIENCE)
        await page.locator(".st-key-card .title").wait_for(timeout=_PATIENCE)
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=output)


def main() -> None:
    """Read the arguments and take the picture."""
    parser = argparse.ArgumentParser(description="Take the README's picture of the dashboard.")
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    parser.add_argument("--output", type=Path, default=Path("docs/images/dashboard.png"))
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=1120)
    given = parser.parse_args()
    asyncio.run(take(given.url, given.output, width=given.width, height=given.height))


if __name__ == "__main__":
    main()
