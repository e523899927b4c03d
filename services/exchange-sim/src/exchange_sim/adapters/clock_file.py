"""The venue's clock on disk, so that a restarted venue goes on where its time has come to."""

from pathlib import Path

from pydantic import ValidationError

from common.clock import ClockReading
from common.errors import SettingsError


class ClockFile:
    """Keeps one clock reading in a file, or nowhere when no path is given."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self) -> ClockReading | None:
        """Return the reading that was kept, or None."""
        if self._path is None or not self._path.exists():
            return None
        try:
            return ClockReading.model_validate_json(self._path.read_bytes())
        except ValidationError as e:
            msg = f"the clock file must hold a clock reading, was unreadable: {self._path}"
            raise SettingsError(msg) from e

    def keep(self, reading: ClockReading) -> None:
        """Write the reading; a crash leaves the old one or the new one, never half of it."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(reading.model_dump_json())
        draft.replace(self._path)
