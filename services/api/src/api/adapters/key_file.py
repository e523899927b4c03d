"""The keys' file: read again whenever it changes, written whole or not at all."""

import fcntl
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from api.core.keys import KeyRing
from common.errors import SettingsError, TransientError

_LOGGER: Final = logging.getLogger(__name__)
_NOTHING: Final = (0, 0, 0)


class KeysUnreadableError(TransientError):
    """The keys' file is there and cannot be read: no key is known to be valid."""


class KeyFile:
    """Keys in a JSON file that the service reads and `python -m api keys` writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _NOTHING
        self._ring = KeyRing()

    def ring(self) -> KeyRing:
        """Return the keys as the file has them now; a revoked key is refused from the next request.

        Raises KeysUnreadableError: whoever cannot tell who comes lets nobody in.
        """
        seen = self._stamp()
        if seen != self._seen:
            self._ring = self._read()
            self._seen = seen
            _LOGGER.info("%d API keys are known", len(self._ring.keys))
        return self._ring

    def check(self) -> None:
        """Raise SettingsError when the file cannot be read at the start."""
        try:
            self.ring()
        except KeysUnreadableError as error:
            raise SettingsError(f"[api] keys_file: {error}") from error

    def change(self, change: Callable[[KeyRing], KeyRing]) -> None:
        """Change the keys, one writer at a time."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                ring = change(self._read())
                draft = self._path.with_suffix(".new")
                draft.touch(mode=0o600)
                draft.write_text(ring.model_dump_json(indent=2) + "\n", encoding="utf-8")
                draft.replace(self._path)
        except OSError as error:
            raise SettingsError(
                f"[api] keys_file cannot be written, was {self._path}: {error.strerror}"
            ) from error

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - asked at every request
        except FileNotFoundError:
            return _NOTHING
        except OSError as error:
            raise self._unreadable(error.strerror or repr(error)) from error
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _read(self) -> KeyRing:
        try:
            return KeyRing.model_validate_json(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return KeyRing()
        except ValidationError as error:
            raise self._unreadable(error.errors()[0]["msg"]) from error
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(str(error)) from error

    def _unreadable(self, reason: str) -> KeysUnreadableError:
        return KeysUnreadableError(f"the API keys cannot be read from {self._path}: {reason}")
