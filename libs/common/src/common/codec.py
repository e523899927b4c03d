"""Facts to bytes and back: JSON for scalars, one Arrow stream for facts with columns.

The `Fact` header decides how a body is read; nothing is guessed from the bytes.
"""

import struct
from functools import lru_cache
from typing import Final

import polars as pl
import pyarrow as pa
from pydantic import ValidationError

from common.columns import in_one_piece
from common.domain import CandleSet, Fact, IndicatorFrame
from common.errors import InvalidMessageError
from common.subjects import fact_named

COLUMNAR: Final[tuple[type[Fact], ...]] = (CandleSet, IndicatorFrame)
"""Facts whose body is an Arrow IPC stream with the scalar fields in the schema's metadata."""

_FACT_KEY: Final = b"fact"
_CONTINUATION: Final = 0xFFFFFFFF
_POLARS_ERRORS: Final = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
_SHOWN_ERRORS: Final = 3


def encode(fact: Fact) -> bytes:
    """Write a fact as bytes: Arrow when it has columns, JSON otherwise."""
    if isinstance(fact, CandleSet | IndicatorFrame):
        return _encode_columns(fact)
    return fact.model_dump_json().encode()


def decode(name: str, body: bytes) -> Fact:
    """Read bytes as the fact `name` says they are; raise InvalidMessageError when they are not."""
    kind = fact_named(name)
    if kind is None:
        raise InvalidMessageError(f"unknown fact, was {name!r}")
    try:
        if kind in COLUMNAR:
            return _decode_columns(kind, body)
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise InvalidMessageError(f"{name} cannot be read: {summary(error)}") from error


def _encode_columns(fact: CandleSet | IndicatorFrame) -> bytes:
    frames = list(fact.frames.values())
    rows = frames[0] if frames else pl.DataFrame()
    for frame in frames[1:]:
        rows = rows.vstack(frame)
    # polars writes columns three times as fast as pyarrow, but no metadata: its schema message is
    # replaced by ours, which says the same and carries the scalar fields.
    stream = in_one_piece(rows).write_ipc_stream(None).getvalue()
    schema = _schema(tuple(rows.columns), tuple(rows.dtypes))
    scalars = {_FACT_KEY: fact.model_dump_json().encode()}
    ours = schema.with_metadata(scalars).serialize()
    return b"".join((ours, memoryview(stream)[_first_message(stream) :]))


@lru_cache(maxsize=64)
def _schema(names: tuple[str, ...], types: tuple[pl.DataType, ...]) -> pa.Schema:
    empty = pl.DataFrame(schema=dict(zip(names, types, strict=True))).write_ipc_stream(None)
    return pa.ipc.open_stream(empty.getvalue()).schema


def _first_message(stream: bytes) -> int:
    marker, length = struct.unpack_from("<Ii", stream)
    assert marker == _CONTINUATION
    return int(length) + 8


def _decode_columns(kind: type[Fact], body: bytes) -> Fact:
    try:
        metadata = pa.ipc.read_schema(pa.ipc.read_message(body)).metadata
        columns = pl.read_ipc_stream(body)
    except (pa.ArrowException, ValueError, OSError, EOFError, *_POLARS_ERRORS) as error:
        raise InvalidMessageError(f"{kind.name()} is not an Arrow stream: {error}") from error
    header = (metadata or {}).get(_FACT_KEY)
    if header is None:
        raise InvalidMessageError(f"{kind.name()} has no scalar fields in its Arrow schema")
    return kind.model_validate_json(header, context=columns)


def summary(error: ValidationError) -> str:
    """Say in one sentence what is wrong with a message: its first errors, each with its value."""
    found = error.errors(include_url=False)
    shown = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}, "
        f"was {str(item['input'])[:80]!r}"
        for item in found[:_SHOWN_ERRORS]
    )
    more = len(found) - _SHOWN_ERRORS
    return f"{shown} and {more} more" if more > 0 else shown
