"""A progress bar on the terminal; where there is none, only the lines that should stay."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class ProgressBar:
    """Shows how many files are done, how many there are, and how long it may still take."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("backfill", total=0)
        self._total = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def expect(self, files: int) -> None:
        """Say that there are so many files more (fewer when negative)."""
        self._total += files
        self._bar.update(self._task, total=self._total)

    def advance(self, note: str) -> None:
        """Say that a file is done, and which."""
        self._bar.update(self._task, description=note, advance=1)

    def say(self, line: str) -> None:
        """Say something that should stay on the screen."""
        self._console.print(line, markup=False)
