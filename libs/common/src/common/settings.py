"""Settings: one TOML file, overridden by the environment, read into frozen typed sections.

`[scan] trigger_timeframe` is overridden by `SCANNER_SCAN__TRIGGER_TIMEFRAME`; a key of a table
inside a section by one more `__`. `SCANNER_BUS__PASSWORD_FILE` names a file with a secret in it.
What nobody knows is refused with the nearest known name.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from common.errors import SettingsError

SECTIONS: Final = (
    "bus",
    "database",
    "roles",
    "telemetry",
    "health",
    "clock",
    "machine",
    "universe",
    "scan",
    "fetcher",
    "fallback",
    "derivatives",
    "indicators",
    "signals",
    "planner",
    "recorder",
    "backfill",
    "api",
    "dashboard",
    "exchange_sim",
    "standalone",
    "analyst",
)
"""Every section there is, so that a service can refuse a misspelt one it does not read itself."""

DEFAULT_FILE: Final = Path("config/scanner.toml")

_PREFIX: Final = "SCANNER_"
_NOT_SETTINGS: Final = (
    "SCANNER_CONFIG",
    "SCANNER_DATA_DIR",
    "SCANNER_REFERENCE_DIR",
)  # where files are
_FILE: Final = "_file"
_TEXT_WANTED: Final = {"string_type", "path_type", "enum", "literal_error"}
_PASSWORD_IN_URL: Final = re.compile(r"(?<=://)([^:@/\s]*):[^@/\s]*@")


class Section(BaseModel):
    """One table of the settings: frozen, strict, no unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    section: ClassVar[str]
    """The TOML table's name."""


SectionType = TypeVar("SectionType", bound=Section)


class SettingsSource:
    """The file's tables and the environment's overrides, checked when a section is read."""

    def __init__(
        self,
        tables: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        origin: str = "settings",
    ) -> None:
        self._tables = dict(tables or {})
        self._origin = origin
        self._overrides = dict(_overrides(environment or {}))
        self._read: dict[str, Section] = {}
        for name in self._tables:
            if name not in SECTIONS:
                raise SettingsError(f"{origin} has no section [{name}]{_nearest(name, SECTIONS)}")

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> "SettingsSource":
        """Read the file that `SCANNER_CONFIG` names, or ./config/scanner.toml when there is one."""
        named = environment.get("SCANNER_CONFIG")
        path = Path(named) if named else DEFAULT_FILE
        if not named and not path.exists():
            return cls({}, environment)
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"settings file cannot be read, was {path}: {error}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not TOML: {error}") from error
        return cls(tables, environment, origin=str(path))

    def read(self, kind: type[SectionType]) -> SectionType:
        """Return a section, checked; raise SettingsError naming the key and the value."""
        name = kind.section
        if name not in SECTIONS:
            raise SettingsError(f"[{name}] is not in common.settings.SECTIONS")
        table = self._tables.get(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{self._origin} [{name}] must be a table, was {table!r}")
        overrides = {path[1:]: text for path, text in self._overrides.items() if path[0] == name}
        from_files: dict[tuple[str, ...], str] = {
            (stem,): _secret_in(_variable(name, path), text)
            for path, text in overrides.items()
            if len(path) == 1 and (stem := path[0].removesuffix(_FILE)) != path[0]
            if _is_secret(kind, (stem,)) and path[0] not in kind.model_fields
        }
        for path in from_files:
            if path in overrides:
                raise SettingsError(
                    f"{_variable(name, path)} is given twice: as itself and as a file"
                )
            del overrides[(path[0] + _FILE,)]
        section = self._validate(kind, table, {**overrides, **from_files}, set(from_files))
        self._read[name] = section
        return section

    def describe(self) -> dict[str, Any]:
        """Return every section read so far, secrets masked: to be printed once at start."""
        return {name: _masked(section.model_dump()) for name, section in self._read.items()}

    def _validate(
        self,
        kind: type[SectionType],
        table: Mapping[str, Any],
        overrides: Mapping[tuple[str, ...], str],
        literal: set[tuple[str, ...]],
    ) -> SectionType:
        while True:
            merged = _merge(table, overrides, literal)
            try:
                # JSON mode: strict types, and still tuples from lists and times from text.
                return kind.model_validate_json(json.dumps(merged, default=str))
            except ValidationError as error:
                wrong = {
                    _path(item["loc"]) for item in error.errors() if item["type"] in _TEXT_WANTED
                }
                # `SCANNER_DATABASE__PASSWORD=12345` is text after all.
                retry = {
                    path
                    for path in overrides.keys() - literal
                    if any(loc[: len(path)] == path for loc in wrong)
                }
                if not retry:
                    raise self._refusal(kind, error, overrides) from None
                literal |= retry

    def _refusal(
        self,
        kind: type[Section],
        error: ValidationError,
        overrides: Mapping[tuple[str, ...], str],
    ) -> SettingsError:
        item = error.errors(include_url=False)[0]
        path = _path(item["loc"])
        override = next((one for one in overrides if one == path[: len(one)]), None)
        where = f"{_variable(kind.section, override)}: " if override else f"{self._origin}: "
        table, key = ".".join((kind.section, *path[:-1])), path[-1] if path else ""
        if item["type"] == "extra_forbidden":
            known = _keys(kind, path[:-1])
            return SettingsError(f"{where}[{table}] has no key {key!r}{_nearest(key, known)}")
        if item["type"] == "missing":
            return SettingsError(f"{where}[{table}] needs a value for {key!r}")
        message = item["msg"].removeprefix("Value error, ")
        shown = "" if _is_secret(kind, path) else f", was {item['input']!r}"
        if path and ", was " not in message:
            return SettingsError(f"{where}[{table}] {key}: {message}{shown}")
        return SettingsError(f"{where}[{table}]{f' {key}' if key else ''}: {message}")


def _overrides(environment: Mapping[str, str]) -> Iterable[tuple[tuple[str, ...], str]]:
    for variable, text in environment.items():
        if not variable.startswith(_PREFIX) or variable in _NOT_SETTINGS:
            continue
        path = tuple(variable.removeprefix(_PREFIX).lower().split("__"))
        if path[0] not in SECTIONS or len(path) == 1:
            known = [f"{_PREFIX}{name.upper()}__…" for name in SECTIONS]
            guess = _nearest(f"{_PREFIX}{path[0].upper()}__…", known)
            raise SettingsError(f"environment variable {variable} names no setting{guess}")
        yield path, text


def _secret_in(variable: str, path: str) -> str:
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable} names a file that cannot be read, was {path}") from error
    if not secret:
        raise SettingsError(f"{variable} names an empty file, was {path}")
    return secret


def _merge(
    table: Mapping[str, Any],
    overrides: Mapping[tuple[str, ...], str],
    literal: set[tuple[str, ...]],
) -> dict[str, Any]:
    merged: dict[str, Any] = json.loads(json.dumps(dict(table), default=str))
    for path, text in overrides.items():
        inner = merged
        for step in path[:-1]:
            deeper = inner.setdefault(step, {})
            if not isinstance(deeper, dict):
                deeper = inner[step] = {}
            inner = deeper
        inner[path[-1]] = text if path in literal else _toml_value(text)
    return merged


def _toml_value(text: str) -> Any:  # noqa: ANN401 - whatever TOML can say
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if parsed.keys() == {"value"} else text


def _keys(kind: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    for step in path:
        field = kind.model_fields.get(step)
        if field is None or not _is_model(field.annotation):
            return []
        kind = field.annotation  # type: ignore[assignment]  # _is_model has looked
    return list(kind.model_fields)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_secret(kind: type[BaseModel], path: tuple[str, ...]) -> bool:
    field = kind.model_fields.get(path[0]) if path else None
    return field is not None and "Secret" in str(field.annotation)


def _path(location: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple(str(step) for step in location)


def _variable(section: str, path: tuple[str, ...]) -> str:
    return _PREFIX + "__".join((section, *path)).upper()


def _nearest(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _masked(value: Any) -> Any:  # noqa: ANN401 - settings hold any JSON value
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    if isinstance(value, SecretStr):
        return "**********" if value.get_secret_value() else ""
    return _PASSWORD_IN_URL.sub(r"\1:***@", value) if isinstance(value, str) else value
