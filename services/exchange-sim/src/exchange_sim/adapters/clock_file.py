"""The venue's clock on disk, so that a restarted venue goes on where its time has come to."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from common.clock import ClockReading
from common.errors import SettingsError


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    market: str
    reading: ClockReading


class ClockFile:
    """Keeps the clock reading of one market in a file, or nowhere when no path is given."""

    def __init__(self, path: Path | None, *, market: str) -> None:
        self._path = path
        self._market = market

    def load(self) -> ClockReading | None:
        """Return the reading that was kept, None without one or when it is another market's."""
        if self._path is None or not self._path.exists():
            return None
        try:
            kept = _Kept.model_validate_json(self._path.read_bytes())
        except ValidationError as e:
            msg = f"the clock file must hold a clock reading, was unreadable: {self._path}"
            raise SettingsError(msg) from e
        return kept.reading if kept.market == self._market else None

    def keep(self, reading: ClockReading) -> None:
        """Write the reading; a crash leaves the old one or the new one, never half of it."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(_Kept(market=self._market, reading=reading).model_dump_json())
        draft.replace(self._path)
