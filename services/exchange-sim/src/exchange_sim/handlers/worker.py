"""The one thread that reads the market, so that the event loop always answers at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Worker:
    """Runs one reading after the other; the market's caches know no second thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="market")

    async def run(
        self,
        read: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Return what `read` returns, without holding up the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: read(*arguments, **named))

    def close(self) -> None:
        """End the thread after the reading in progress."""
        self._thread.shutdown(wait=True, cancel_futures=True)
