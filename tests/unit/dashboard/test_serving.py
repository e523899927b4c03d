"""How the dashboard is served, and that its settings file line is true."""

import tomllib
from pathlib import Path

import pytest

from common.errors import SettingsError
from common.settings import SettingsSource
from dashboard.serving import options
from dashboard.settings import DashboardSettings

FILE = Path(__file__).parents[3] / "config" / "scanner.toml"


def test_it_listens_on_loopback_and_guards_against_other_sites() -> None:
    flags = options(DashboardSettings())

    assert flags["server.address"] == "127.0.0.1"
    assert flags["server.port"] == 8501
    assert flags["server.headless"] is True
    assert flags["server.enableXsrfProtection"] is True
    assert flags["server.enableCORS"] is True
    assert flags["browser.gatherUsageStats"] is False
    assert flags["server.allowedHosts"] == ["127.0.0.1", "localhost", "[::1]"]


def test_a_public_address_takes_any_host_name_unless_told_otherwise() -> None:
    public = DashboardSettings(address="0.0.0.0")
    named = DashboardSettings(address="0.0.0.0", allowed_hosts=("scanner.example",))

    assert options(public)["server.allowedHosts"] == []
    assert options(named)["server.allowedHosts"] == ["scanner.example"]


def test_the_settings_file_names_every_setting_with_its_default() -> None:
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))["dashboard"]

    assert table.keys() == DashboardSettings.model_fields.keys()
    assert SettingsSource({"dashboard": table}).read(DashboardSettings) == DashboardSettings()


def test_an_unknown_setting_is_refused_with_the_nearest_name() -> None:
    source = SettingsSource({"dashboard": {"prot": 1}})

    with pytest.raises(SettingsError, match="did you mean 'port'"):
        source.read(DashboardSettings)
