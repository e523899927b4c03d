"""docs/messages.md, written from the code: `python -m common.documentation docs/messages.md`.

A test fails when the file is not what this module writes.
"""

import datetime as dt
import decimal
import sys
from collections.abc import Iterator
from enum import StrEnum
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typing_extensions import override

from common import domain
from common.codec import COLUMNAR
from common.domain import FACTS, Fact, Request
from common.domain.frames import CANDLE_COLUMNS, CandleFrames, IndicatorFrames
from common.domain.operations import ServiceName
from common.streams import STREAMS, Stream, stream_of
from common.subjects import PATTERNS

_INTRODUCTION: Final = """\
# Messages

Written by `python -m common.documentation docs/messages.md` from the code; do not edit.

Facts are told under the subjects below. A durable fact is kept by its stream and stored once per
key (the `Nats-Msg-Id` header) within ten minutes; an untold one is heard by whoever listens at that
moment. The `Fact` header says what a body is and in which version, `Scan-Id` names the scan,
`traceparent` carries the trace (W3C). JSON bodies are strict: no unknown keys, no NaN, times in
UTC, prices as decimal strings. Arrow bodies are one IPC stream of all timeframes' rows, longest
first; the scalar fields are JSON in the schema's metadata under `fact`, where `frames` holds the
row count of each timeframe.

Any NATS client can listen: subscribe to `plans.proposed.>`. Who comes late asks for what a stream
keeps: an empty request to `$JS.API.DIRECT.GET.{stream}.{subject}` is answered with the newest fact
of that subject, `{"seq": 1, "next_by_subj": "plans.proposed.>"}` to `$JS.API.DIRECT.GET.{stream}`
with the first one from that sequence on (the answer's `Nats-Sequence` header says which; ask again
from the next). The user `reader`, whom a scanner without containers takes everyone without a name
for, may do this with results and nothing else. Ignore fields you do not know: optional ones may be
added under the same version, a changed meaning is a new one.
"""

_ALIASES: Final = {
    "Price": domain.Price,
    "Venue": domain.Venue,
    "Symbol": domain.Symbol,
    "ScanId": domain.ScanId,
    "Unit": domain.Unit,
    "Signed": domain.Signed,
    "Points": domain.Points,
    "Percent": domain.Percent,
    "Utc": domain.Utc,
    "ServiceName": ServiceName,
}
_MEANINGS: Final = {
    "Price": "a decimal string, above 0: a price exactly as the venue quotes it",
    "Venue": "a venue's name, lower case: `binance`, `bybit`",
    "Symbol": "the venue's own symbol id: `BTCUSDT`, `1000PEPEUSDT`",
    "ScanId": "`{venue}.{close time}.{kind}.{n}`, as `binance.20260101T040000Z.scheduled.0`",
    "Unit": "a number from 0 to 1",
    "Signed": "a number from −1 (short) to +1 (long)",
    "Points": "a number from −100 to +100",
    "Percent": "a number from 0 to 100",
    "Utc": "an ISO 8601 time in UTC",
    "ServiceName": "a service's name, also its durable consumers'",
}
_PLAIN: Final[dict[object, str]] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    dt.datetime: "time",
    decimal.Decimal: "decimal",
    type(None): "null",
    Any: "anything",
}


def messages() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION, _overview()]
    parts += ["## Facts\n", *(_fact(fact) for fact in FACTS)]
    parts += [_requests()]
    models, enums = _values()
    parts += ["## Values inside facts\n", *(_model(model) for model in models)]
    parts += ["## Words\n", *(_enumeration(one) for one in enums)]
    parts += ["## Kinds of numbers and names\n", _kinds(), "## Streams\n", _streams()]
    return "\n".join(parts)


def main() -> None:
    """Write the page where the first argument says, or to stdout."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(messages(), encoding="utf-8")
    else:
        sys.stdout.write(messages())


def _overview() -> str:
    rows = [
        f"| [`{fact.__name__}`](#{fact.__name__.lower()}) | {_first_line(fact)} "
        f"| `{PATTERNS[fact]}` | {_stream_name(fact)} | {_encoding(fact)} |"
        for fact in FACTS
    ]
    return _table(("Fact", "What it says", "Subject", "Stream", "Body"), rows)


def _fact(fact: type[Fact]) -> str:
    facts = [
        f"- subject `{PATTERNS[fact]}`",
        f"- key `{_key(fact)}`",
        f"- header `Fact: {fact.name()}`",
        f"- {_encoding(fact)}, " + (f"stream {_stream_name(fact)}" if fact.durable else "not kept"),
    ]
    head = f"### {fact.__name__}\n\n{getdoc(fact)}\n\n" + "\n".join(facts) + "\n"
    return f"{head}\n{_fields(fact)}"


def _requests() -> str:
    head = (
        "## Requests\n\nAsked and answered over core NATS; nothing is kept. An answer with an "
        "`Error` header is a sentence that says why there is none. Where several answer, the "
        "target (a fetcher's venue) is one more token of the subject.\n"
    )
    asked = [
        f"### {request.__name__}\n\n{getdoc(request)}\n\n- subject `{request.subject}`\n"
        f"- answered with [`{request.answered_with}`](#{request.answered_with.lower()})\n\n"
        f"{_fields(request)}"
        for request in Request.__subclasses__()
    ]
    return "\n".join([head, *asked, *map(_model, _answers())])


def _answers() -> list[type[BaseModel]]:
    named = dict.fromkeys(request.answered_with for request in Request.__subclasses__())
    models: list[type[BaseModel]] = [getattr(domain, name) for name in named]
    return [model for model in models if model not in FACTS]


def _model(model: type[BaseModel]) -> str:
    return f"### {model.__name__}\n\n{getdoc(model)}\n\n{_fields(model)}"


def _enumeration(kind: type[StrEnum]) -> str:
    words = ", ".join(f"`{member.value}`" for member in kind)
    return f"### {kind.__name__}\n\n{getdoc(kind)}\n\n{words}\n"


def _kinds() -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in _MEANINGS.items()]
    return _table(("Kind", "Meaning"), rows)


def _streams() -> str:
    rows = [_stream(stream) for stream in STREAMS]
    return _table(("Stream", "Keeps", "For", "At most"), rows)


def _stream(stream: Stream) -> str:
    told = ", ".join(fact.__name__ for fact in stream.facts)
    kept = told or ("shared values" if stream.only_last else "the broker's own reports")
    size = f"{stream.max_bytes / 1024**2:,.0f} MiB"
    days = stream.max_age.days
    return f"| {stream.name} | {kept} | {days} day{'s' * (days > 1)} | {size} |"


def _fields(model: type[BaseModel]) -> str:
    hints = get_type_hints(model, include_extras=True)
    rows = [
        f"| `{name}` | {_type(hints[name])} | {_about(field)} |"
        for name, field in model.model_fields.items()
    ]
    return _table(("Field", "Type", "Meaning"), rows)


class _Placeholder(str):
    """Formats as its own name in braces, whatever the format asks for."""

    __slots__ = ()

    @override
    def __format__(self, specification: str) -> str:
        return "{" + self + "}"


class _Names:
    """Stands for a fact whose every field is its name."""

    def __getattr__(self, name: str) -> _Placeholder:
        return _Placeholder(name)


def _key(fact: type[Fact]) -> str:
    named: str = fact.key.fget(_Names())  # type: ignore[attr-defined]  # a property, on the class
    return named


def _about(field: FieldInfo) -> str:
    text = " ".join((field.description or "").split())
    if not field.is_required():
        text = f"{text} Optional." if text else "Optional."
    return text.replace("|", "\\|")


def _type(annotation: Any) -> str:  # noqa: ANN401 - any type annotation
    for name, alias in _ALIASES.items():
        if annotation == alias:
            return f"`{name}`"
    if annotation == CandleFrames:
        return f"columns `{'`, `'.join(CANDLE_COLUMNS)}`"
    if annotation == IndicatorFrames:
        return "columns: `open_time`, candles, indicators, patterns"
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if get_args(annotation):
        return _composed(get_origin(annotation), get_args(annotation))
    return f"[`{annotation.__name__}`](#{annotation.__name__.lower()})"


def _composed(origin: object, arguments: tuple[Any, ...]) -> str:
    if origin is Annotated:
        return _type(arguments[0])
    if origin is dict:
        return f"{_type(arguments[0])} → {_type(arguments[1])}"
    if origin is tuple and Ellipsis in arguments:
        return f"list of {_type(arguments[0])}"
    if origin is tuple:
        return f"[{', '.join(map(_type, arguments))}]"
    return " or ".join(map(_type, arguments))


def _values() -> tuple[list[type[BaseModel]], list[type[StrEnum]]]:
    models: dict[type[BaseModel], None] = {}
    enums: dict[type[StrEnum], None] = {}
    waiting: list[type[BaseModel]] = [*FACTS, *Request.__subclasses__(), *_answers()]
    while waiting:
        for found in _inside(waiting.pop(0)):
            if issubclass(found, StrEnum):
                enums[found] = None
            elif found not in models and found not in FACTS:
                models[found] = None
                waiting.append(found)
    return list(models), list(enums)


def _inside(model: type[BaseModel]) -> Iterator[type[Any]]:
    for field in model.model_fields.values():
        yield from _classes(field.annotation)


def _classes(annotation: Any) -> Iterator[type[Any]]:  # noqa: ANN401 - any type annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | StrEnum):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _encoding(fact: type[Fact]) -> str:
    return "Arrow" if fact in COLUMNAR else "JSON"


def _stream_name(fact: type[Fact]) -> str:
    return stream_of(fact).name if fact.durable else "(not kept)"


def _first_line(fact: type[Fact]) -> str:
    return (getdoc(fact) or "").splitlines()[0].rstrip(".")


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
