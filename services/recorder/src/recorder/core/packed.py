"""What is inside an archive's zip: one file, and not more than could be meant."""

import io
import zipfile
from typing import Final

from common.errors import InvalidDataError

_MOST_BYTES: Final = 256 * 1024 * 1024
"""A month of minutes is 5 MB of text."""


def unpacked(packed: bytes) -> bytes:
    """Return the one file of a zip; refuse what is no such zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            [member] = archive.infolist()
            if member.file_size > _MOST_BYTES:
                raise InvalidDataError(f"file in a zip is too long, was {member.file_size} bytes")
            return archive.read(member)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidDataError(f"zip must hold one file that can be read, was: {error}") from error
