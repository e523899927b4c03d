"""API keys: what a caller shows, what is kept of it, and what each key may do.

A key is `scanner_{id}_{secret}`. The secret has 256 random bits, so one SHA-256 of the whole key
is kept: nothing slower is needed where nothing can be guessed.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from api.core.errors import InvalidParameterError
from common.domain import Model, Utc

KEY_PATTERN: Final = re.compile(r"scanner_([0-9a-f]{8})_[0-9a-f]{64}")

_UNKNOWN_DIGEST: Final = "0" * 64
"""Compared with when no key has the id, so that a wrong id takes as long as a wrong secret."""


class Permission(StrEnum):
    """What a key may be used for."""

    READ = "read"
    """History, marks and events."""
    CHAT = "chat"
    """The analyst and its conversations: they cost the model's time."""
    SCAN = "scan"
    """Scans on demand: they cost the venue's patience."""


class StoredKey(Model):
    """What is kept of a key: enough to recognise it, too little to use it."""

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
    """Whose it is, for people."""
    permissions: tuple[Permission, ...] = Field(min_length=1)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the whole key."""
    created_at: Utc
    revoked_at: Utc | None = None


class KeyRing(Model):
    """Every key there is; revoked ones stay, so that nobody wonders what became of them."""

    keys: tuple[StoredKey, ...] = ()

    def with_key(self, key: StoredKey) -> "KeyRing":
        """Return a ring that has one more key."""
        return KeyRing(keys=(*self.keys, key))

    def without(self, key_id: str, *, at: Utc) -> "KeyRing":
        """Return a ring on which a key is revoked; raises InvalidParameterError for a stranger."""
        if key_id not in {key.id for key in self.keys if key.revoked_at is None}:
            raise InvalidParameterError(f"id must be a key that is not revoked, was {key_id!r}")
        return KeyRing(
            keys=tuple(
                key.model_copy(update={"revoked_at": at}) if key.id == key_id else key
                for key in self.keys
            )
        )

    def stands(self, key_id: str) -> bool:
        """Return whether a key is known and not revoked."""
        return any(key.id == key_id and key.revoked_at is None for key in self.keys)

    def recognise(self, shown: str) -> StoredKey | None:
        """Return the key a caller shows, or None for one that opens nothing."""
        parts = KEY_PATTERN.fullmatch(shown)
        by_id: Mapping[str, StoredKey] = {key.id: key for key in self.keys}
        known = by_id.get(parts[1]) if parts else None
        kept = known.digest if known else _UNKNOWN_DIGEST
        same = hmac.compare_digest(digest_of(shown), kept)
        return known if known and same and known.revoked_at is None else None


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def permissions_from(names: Collection[str]) -> tuple[Permission, ...]:
    """Read permissions by name, each once; raises InvalidParameterError for an unknown one."""
    known = {str(one) for one in Permission}
    for name in names:
        if name not in known:
            choice = ", ".join(sorted(known))
            raise InvalidParameterError(f"permission must be one of {choice}, was {name!r}")
    return tuple(one for one in Permission if one in names)


def described(keys: Iterable[StoredKey]) -> list[str]:
    """Write one line a key, for people."""
    return [
        f"{key.id}  {','.join(key.permissions):<15}  "
        f"{'revoked ' + f'{key.revoked_at:%Y-%m-%d %H:%M}' if key.revoked_at else 'valid':<24}  "
        f"made {key.created_at:%Y-%m-%d %H:%M}  {key.name}"
        for key in keys
    ]
