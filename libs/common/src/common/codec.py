"""Facts to bytes and back: JSON for scalars, one Arrow stream for facts with columns.

The `Fact` header decides how a body is read; nothing is guessed from the bytes.
"""

from typing import Final

import polars as pl
import pyarrow as pa
from pydantic import ValidationError

from common.domain import CandleSet, Fact, IndicatorFrame
from common.errors import InvalidMessageError
from common.subjects import fact_named

COLUMNAR: Final[tuple[type[Fact], ...]] = (CandleSet, IndicatorFrame)
"""Facts whose body is an Arrow IPC stream with the scalar fields in the schema's metadata."""

_FACT_KEY: Final = b"fact"
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
        raise InvalidMessageError(f"{name} cannot be read: {_summary(error)}") from error


def _encode_columns(fact: CandleSet | IndicatorFrame) -> bytes:
    frames = list(fact.frames.values())
    rows = pl.concat(frames, rechunk=True) if frames else pl.DataFrame()
    table = rows.to_arrow()
    sink = pa.BufferOutputStream()
    schema = table.schema.with_metadata({_FACT_KEY: fact.model_dump_json().encode()})
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(table.cast(schema))
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow ships no types


def _decode_columns(kind: type[Fact], body: bytes) -> Fact:
    try:
        table = pa.ipc.open_stream(body).read_all()
        columns = pl.DataFrame(pl.from_arrow(table))
    except (pa.ArrowException, ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise InvalidMessageError(f"{kind.name()} is not an Arrow stream: {error}") from error
    header = (table.schema.metadata or {}).get(_FACT_KEY)
    if header is None:
        raise InvalidMessageError(f"{kind.name()} has no scalar fields in its Arrow schema")
    return kind.model_validate_json(header, context=columns)


def _summary(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    shown = "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']}, was {str(item['input'])[:80]!r}"
        for item in found[:_SHOWN_ERRORS]
    )
    more = len(found) - _SHOWN_ERRORS
    return f"{shown} and {more} more" if more > 0 else shown
