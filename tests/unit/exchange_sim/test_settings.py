from pathlib import Path

import pytest

from common.errors import SettingsError
from common.settings import SettingsSource
from exchange_sim.settings import Settings


def read(**values: object) -> Settings:
    return SettingsSource({"exchange_sim": values}).read(Settings)


def test_the_defaults_are_a_synthetic_market_on_loopback() -> None:
    settings = read()

    assert (settings.host, settings.market, settings.symbols) == ("127.0.0.1", "synthetic", 300)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "example.org"])
def test_it_refuses_to_be_seen_from_outside(host: str) -> None:
    with pytest.raises(SettingsError, match=f"loopback only.*, was '{host}'"):
        read(host=host)


def test_inside_a_container_it_may_listen_on_the_containers_network() -> None:
    assert read(host="0.0.0.0", inside_container=True).host == "0.0.0.0"


def test_a_market_of_files_needs_its_folder() -> None:
    with pytest.raises(SettingsError, match="folder must be given"):
        read(market="files")

    assert read(market="files", folder="candles").folder == Path("candles")


def test_a_misspelt_setting_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(SettingsError, match="did you mean 'speed'"):
        read(sped=2)
