import pytest

from common.domain import Instrument
from fetcher.core.contracts import Asset, asset_of, same_contract
from tests.support.facts import instrument


def listed(venue: str, base: str, quote: str = "USDT") -> Instrument:
    changes = {"venue": venue, "base": base, "quote": quote, "settle": quote}
    return instrument().model_copy(update=changes)


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


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("BTC", "BTC"),
        ("1000SHIB", "SHIB1000"),
        ("1000CAT", "1000CAT"),
        ("1MBABYDOGE", "1000000BABYDOGE"),
    ],
)
def test_one_contract_is_recognised_under_two_venues_names(here: str, there: str) -> None:
    assert same_contract(listed("binance", here), listed("bybit", there))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (("SHIB", "USDT"), ("SHIB1000", "USDT")),
        (("1000CAT", "USDT"), ("CAT", "USDT")),
        (("1000CHEEMS", "USDT"), ("1000000CHEEMS", "USDT")),
        (("BTC", "USDT"), ("BTC", "USDC")),
        (("LUNA", "USDT"), ("LUNA2", "USDT")),
    ],
)
def test_contracts_whose_prices_do_not_compare_are_not_the_same(
    here: tuple[str, str], there: tuple[str, str]
) -> None:
    assert not same_contract(listed("binance", *here), listed("bybit", *there))
