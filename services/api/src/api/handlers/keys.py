"""`python -m api keys …`: keys are made, listed and revoked; the service follows at once."""

import secrets
from collections.abc import Collection
from typing import Final

from pydantic import ValidationError

from api.adapters.key_file import KeyFile
from api.core.errors import InvalidParameterError
from api.core.keys import KeyRing, StoredKey, described, digest_of, permissions_from
from common.clock import SystemClock

_ID_BYTES: Final = 4
_SECRET_BYTES: Final = 32


def create(keys: KeyFile, *, name: str, permissions: Collection[str]) -> str:
    """Make a key and return it; nobody can read it again.

    Raises InvalidParameterError for a name or a permission that cannot be.
    """
    key_id = secrets.token_hex(_ID_BYTES)
    key = f"scanner_{key_id}_{secrets.token_hex(_SECRET_BYTES)}"
    allowed = permissions_from(permissions)
    try:
        stored = StoredKey(
            id=key_id,
            name=name,
            permissions=allowed,
            digest=digest_of(key),
            created_at=SystemClock().now(),
        )
    except ValidationError as error:
        raise InvalidParameterError(
            f"name must be 1 to 80 characters on one line, was {name!r}"
        ) from error
    keys.change(lambda ring: ring.with_key(stored))
    return key


def listed(keys: KeyFile) -> list[str]:
    """Return one line a key."""
    return described(keys.ring().keys)


def revoke(keys: KeyFile, key_id: str) -> None:
    """Make a key worthless; raises InvalidParameterError for one that is not there."""
    at = SystemClock().now()

    def without(ring: KeyRing) -> KeyRing:
        return ring.without(key_id, at=at)

    keys.change(without)
