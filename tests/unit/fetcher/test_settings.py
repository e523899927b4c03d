import tomllib
from pathlib import Path

import pytest

from common.errors import SettingsError
from common.settings import Section, SettingsSource
from fetcher.settings import (
    DerivativesSettings,
    FallbackSettings,
    FetcherSettings,
    ScanSettings,
    UniverseSettings,
)

TABLES = tomllib.loads(
    (Path(__file__).parents[3] / "config" / "scanner.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    "kind",
    [UniverseSettings, ScanSettings, DerivativesSettings, FetcherSettings, FallbackSettings],
)
def test_the_settings_file_says_every_default(kind: type[Section]) -> None:
    section = SettingsSource(TABLES).read(kind)

    assert section == kind()
    assert TABLES[kind.section].keys() == kind.model_fields.keys()


@pytest.mark.parametrize(
    ("tables", "kind", "named"),
    [
        ({"scan": {"cron": "whenever"}}, ScanSettings, "whenever"),
        ({"scan": {"timezone": "Atlantis"}}, ScanSettings, "Atlantis"),
        ({"scan": {"trigger_timeframe": "7h"}}, ScanSettings, "7h"),
        ({"scan": {"crn": "0 * * * *"}}, ScanSettings, "did you mean 'cron'"),
        ({"fetcher": {"bars": {"1h": 300}}}, FetcherSettings, "bars must name 1d, 4h, 1h"),
        ({"fetcher": {"weight_share": 1.5}}, FetcherSettings, "1.5"),
        ({"universe": {"top": 0}}, UniverseSettings, "0"),
        ({"universe": {"allow": ["BTC/USDT"]}}, UniverseSettings, "BTC/USDT"),
        ({"universe": {"min_age_days": 10**9}}, UniverseSettings, str(10**9)),
        ({"scan": {"timezone": "America"}}, ScanSettings, "America"),
        ({"scan": {"trigger_timeframe": "1m"}}, ScanSettings, "1m"),
        ({"scan": {"deadline_seconds": 1e300}}, ScanSettings, "1e+300"),
        ({"fetcher": {"timeout_seconds": 1e300}}, FetcherSettings, "1e+300"),
        ({"fetcher": {"stream_hours": 25.0}}, FetcherSettings, "25.0"),
        ({"fetcher": {"base_url": "fapi.binance.com"}}, FetcherSettings, "fapi.binance.com"),
        ({"fallback": {"spot_url": "ftp://spot"}}, FallbackSettings, "ftp://spot"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    tables: dict[str, dict[str, object]], kind: type[Section], named: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        SettingsSource(tables).read(kind)

    assert named in str(refusal.value)


def test_the_environment_overrides_the_file() -> None:
    source = SettingsSource(TABLES, {"SCANNER_FETCHER__BASE_URL": "http://127.0.0.1:8900"})

    assert source.read(FetcherSettings).base_url == "http://127.0.0.1:8900"


def test_contracts_may_be_written_in_small_letters() -> None:
    tables = {"universe": {"allow": ["btcusdt"], "deny": ["Ethusdt"], "settle": "usdt"}}
    rules = SettingsSource(tables).read(UniverseSettings).rules()

    assert (rules.allow, rules.deny, rules.settle) == ({"BTCUSDT"}, {"ETHUSDT"}, "USDT")
