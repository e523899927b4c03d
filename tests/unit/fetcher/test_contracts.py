import pytest

from fetcher.core.contracts import Asset, asset_of


@pytest.mark.parametrize(
    ("base", "name", "multiplier"),
    [
        ("BTC", "BTC", 1),
        ("1000SHIB", "SHIB", 1000),
        ("SHIB1000", "SHIB", 1000),
        ("10000SATS", "SATS", 10_000),
        ("1MBABYDOGE", "BABYDOGE", 1_000_000),
        ("1000000BABYDOGE", "BABYDOGE", 1_000_000),
        ("1INCH", "1INCH", 1),
        ("LUNA2", "LUNA2", 1),
        ("SQT100", "SQT100", 1),
        ("2000SHIB", "2000SHIB", 1),
        ("1000X", "1000X", 1),
    ],
)
def test_the_number_in_a_base_is_told_from_the_coin(base: str, name: str, multiplier: int) -> None:
    assert asset_of(base) == Asset(name, multiplier)
