import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import SettingsError
from common.settings import SettingsSource
from fetcher.core.partition import Partition
from fetcher.settings import FetcherSettings


@given(symbol=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1), of=st.integers(1, 9))
def test_every_contract_belongs_to_exactly_one_share(symbol: str, of: int) -> None:
    owners = [number for number in range(1, of + 1) if Partition(number=number, of=of).has(symbol)]

    assert len(owners) == 1


def test_shares_are_of_like_size() -> None:
    symbols = [f"COIN{number}USDT" for number in range(600)]

    shares = [sum(Partition(number=n, of=3).has(one) for one in symbols) for n in (1, 2, 3)]

    assert sum(shares) == 600
    assert min(shares) > 150


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1/100"])
def test_a_share_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=rf"1/2, the first of two, was '{text}'"):
        SettingsSource({"fetcher": {"partition": text}}).read(FetcherSettings)
