"""Wait for something to become true, without guessing how long it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]],
    *,
    within: float = 5.0,
    saying: str = "the condition",
) -> None:
    """Return once `condition` holds; fail when it still does not after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        outcome = condition()
        if await outcome if inspect.isawaitable(outcome) else outcome:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{saying} did not become true within {within} s")
        await asyncio.sleep(0.01)
