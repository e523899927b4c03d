"""Passwords nobody has to think of: drawn once, kept in files only their owner can read."""

import secrets
from collections.abc import Iterable
from pathlib import Path


class Passwords:
    """One random password a name, the same for as long as its file in `folder` lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, name: str) -> str:
        """Return the password kept under `name`; draw it the first time."""
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(".new")  # whoever is killed here leaves no empty password
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(24))
            draft.replace(path)
        return path.read_text()

    def of_each(self, names: Iterable[str], *, prefix: str) -> dict[str, str]:
        """Return the password of every name, kept under `{prefix}-{name}`."""
        return {name: self.of(f"{prefix}-{name}") for name in names}
