from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from common.errors import SettingsError
from common.sections import BusSettings, ClockSettings, HealthSettings, TelemetrySettings
from common.settings import SECTIONS, Section, SettingsSource
from tests.support.processes import ROOT


class Weights(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    macd: float = 0.5
    rsi: float = 0.5


class Sample(Section):
    section: ClassVar[str] = "scan"

    trigger_timeframe: str = "1h"
    symbols: tuple[str, ...] = ()
    limit: int = Field(default=5, ge=1)
    share: float = 0.5
    live: bool = False
    password: SecretStr = SecretStr("")
    weights: Weights = Weights()


def _read(tables: dict[str, Any] | None = None, **environment: str) -> Sample:
    return SettingsSource(tables, environment, origin="scanner.toml").read(Sample)


def test_defaults_need_neither_file_nor_environment() -> None:
    assert _read() == Sample()


def test_the_environment_overrides_the_file() -> None:
    found = _read({"scan": {"limit": 7, "share": 1}}, SCANNER_SCAN__LIMIT="9")

    assert (found.limit, found.share) == (9, 1.0)


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("SCANNER_SCAN__LIVE", "true", "live", True),
        ("SCANNER_SCAN__LIMIT", "12", "limit", 12),
        ("SCANNER_SCAN__SHARE", "1", "share", 1.0),
        ("SCANNER_SCAN__SYMBOLS", '["BTCUSDT", "ETHUSDT"]', "symbols", ("BTCUSDT", "ETHUSDT")),
        ("SCANNER_SCAN__TRIGGER_TIMEFRAME", "4h", "trigger_timeframe", "4h"),
        ("SCANNER_SCAN__TRIGGER_TIMEFRAME", '"4h"', "trigger_timeframe", "4h"),
        ("SCANNER_SCAN__TRIGGER_TIMEFRAME", "", "trigger_timeframe", ""),
        ("SCANNER_SCAN__TRIGGER_TIMEFRAME", "15", "trigger_timeframe", "15"),
        ("SCANNER_SCAN__PASSWORD", "12345", "password", SecretStr("12345")),
        ("SCANNER_SCAN__PASSWORD", "a\nb = 1", "password", SecretStr("a\nb = 1")),
        ("SCANNER_SCAN__WEIGHTS__MACD", "0.7", "weights", Weights(macd=0.7)),
    ],
)
def test_a_variable_says_what_toml_would(
    variable: str, text: str, field: str, value: object
) -> None:
    assert getattr(_read({}, **{variable: text}), field) == value


@pytest.mark.parametrize(
    ("tables", "environment", "sentence"),
    [
        (
            {"scan": {"trigger_timefram": "1h"}},
            {},
            "scanner.toml: [scan] has no key 'trigger_timefram'; did you mean 'trigger_timeframe'?",
        ),
        (
            {},
            {"SCANNER_SCAN__TRIGGER_TIMEFRAM": "1h"},
            (
                "SCANNER_SCAN__TRIGGER_TIMEFRAM: [scan] has no key 'trigger_timefram'; "
                "did you mean 'trigger_timeframe'?"
            ),
        ),
        (
            {"scan": {"weights": {"mcd": 1.0}}},
            {},
            "scanner.toml: [scan.weights] has no key 'mcd'; did you mean 'macd'?",
        ),
        (
            {"scna": {}},
            {},
            "scanner.toml has no section [scna]; did you mean 'scan'?",
        ),
        (
            {},
            {"SCANNER_PLANER__RISK": "1"},
            (
                "environment variable SCANNER_PLANER__RISK names no setting; "
                "did you mean 'SCANNER_PLANNER__…'?"
            ),
        ),
        (
            {"scan": {"limit": "seven"}},
            {},
            "scanner.toml: [scan] limit: Input should be a valid integer, was 'seven'",
        ),
        (
            {"scan": {"limit": 0}},
            {},
            "scanner.toml: [scan] limit: Input should be greater than or equal to 1, was 0",
        ),
        (
            {},
            {"SCANNER_SCAN__LIMIT": "many"},
            "SCANNER_SCAN__LIMIT: [scan] limit: Input should be a valid integer, was 'many'",
        ),
        ({"scan": 5}, {}, "scanner.toml [scan] must be a table, was 5"),
    ],
)
def test_a_mistake_is_one_sentence(
    tables: dict[str, Any], environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        _read(tables, **environment)

    assert str(refusal.value) == sentence


def test_infinity_is_no_setting() -> None:
    with pytest.raises(SettingsError, match=r"\[scan\] share: .*finite"):
        _read({"scan": {"share": float("inf")}})


def test_a_wrong_secret_is_not_shown() -> None:
    with pytest.raises(SettingsError) as refusal:
        _read({"scan": {"password": ["hunter2"]}})

    assert "hunter2" not in str(refusal.value)


def test_what_was_read_is_described_without_secrets() -> None:
    source = SettingsSource(
        # pragma: allowlist nextline secret
        {"scan": {"password": "hunter2"}, "bus": {"url": "nats://me:hunter2@broker:4222"}}
    )
    source.read(Sample)
    source.read(BusSettings)

    described = source.describe()

    assert "hunter2" not in str(described)
    assert described["bus"]["url"] == "nats://me:***@broker:4222"


def test_sections_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        _read().limit = 3  # type: ignore[misc]  # that it cannot be set is the point


def test_the_committed_file_is_read_by_every_shared_section() -> None:
    source = SettingsSource.load({"SCANNER_CONFIG": str(ROOT / "config" / "scanner.toml")})

    for section in (BusSettings, TelemetrySettings, ClockSettings, HealthSettings):
        assert source.read(section).section in SECTIONS


def test_a_file_that_is_not_there_or_not_toml_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings file cannot be read, was .*none\.toml"):
        SettingsSource.load({"SCANNER_CONFIG": str(tmp_path / "none.toml")})
    broken = tmp_path / "broken.toml"
    broken.write_text("[scan\n")
    with pytest.raises(SettingsError, match=r"broken\.toml is not TOML"):
        SettingsSource.load({"SCANNER_CONFIG": str(broken)})


class Locked(Section):
    section: ClassVar[str] = "bus"

    password: SecretStr = SecretStr("")
    pace: int = Field(default=1, le=10)


def _locked(**environment: str) -> Locked:
    return SettingsSource({}, environment).read(Locked)


def test_a_secret_is_read_from_the_file_its_variable_names(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("12345\n")

    found = _locked(SCANNER_BUS__PASSWORD_FILE=str(secret))

    assert found.password.get_secret_value() == "12345"


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")

    with pytest.raises(SettingsError, match=r"SCANNER_BUS__PASSWORD_FILE .* cannot be read, was"):
        _locked(SCANNER_BUS__PASSWORD_FILE=missing)
    (tmp_path / "none").write_text("a")
    with pytest.raises(SettingsError, match="given twice"):
        _locked(SCANNER_BUS__PASSWORD_FILE=missing, SCANNER_BUS__PASSWORD="b")
    (tmp_path / "none").write_text("\n")
    with pytest.raises(SettingsError, match="empty file"):
        _locked(SCANNER_BUS__PASSWORD_FILE=missing)


def test_only_secrets_are_read_from_files() -> None:
    with pytest.raises(SettingsError, match="has no key 'pace_file'; did you mean 'pace'"):
        _locked(SCANNER_BUS__PACE_FILE="/etc/hostname")


def test_a_number_out_of_range_is_not_called_text() -> None:
    with pytest.raises(SettingsError, match="less than or equal to 10, was 99"):
        _locked(SCANNER_BUS__PACE="99")
