import subprocess
import sys

import aiohttp
import pytest

from common.errors import ScannerError, VenueRefusedError, VenueUnavailableError
from fetcher.adapters.ccxt_errors import translate
from fetcher.adapters.ccxt_parts import errors as ccxt


def every_ccxt_error() -> list[type[Exception]]:
    found, left = [], [ccxt.BaseError]
    while left:
        one = left.pop()
        found.append(one)
        left += one.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_ccxt_error(), ids=lambda kind: kind.__name__)
def test_every_error_of_ccxt_has_one_of_ours(kind: type[Exception]) -> None:
    translated = translate(kind("binanceusdm GET http://x/fapi/v1/klines"), venue="binance")

    assert isinstance(translated, ScannerError)
    assert isinstance(translated, VenueUnavailableError) == issubclass(kind, ccxt.OperationFailed)
    assert kind.__name__ in str(translated)


def test_a_broken_transport_may_pass_whatever_ccxt_calls_it() -> None:
    error = ccxt.ExchangeError("binanceusdm GET http://x")
    error.__cause__ = aiohttp.ClientPayloadError("Response payload is not completed")

    translated = translate(error, venue="binance")

    assert isinstance(translated, VenueUnavailableError)
    assert "Response payload is not completed" in str(translated)


def test_a_refusal_is_not_tried_again() -> None:
    assert isinstance(
        translate(ccxt.BadSymbol("Invalid symbol."), venue="binance"), VenueRefusedError
    )


def test_a_page_of_html_is_told_shortly() -> None:
    error = ccxt.ExchangeNotAvailable("binanceusdm 502 " + "<html>\n" * 2000)

    assert len(str(translate(error, venue="binance"))) < 310


def test_only_the_venue_that_is_read_is_loaded() -> None:
    program = (
        "import sys, fetcher.app\n"
        "from fetcher.adapters.ccxt_parts import client_class\n"
        "client_class('binanceusdm')\n"
        "print([name for name in sys.modules if name.startswith('ccxt.async_support.')\n"
        "       and name.rpartition('.')[2] in ('kraken', 'bybit', 'binanceusdm')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "['ccxt.async_support.binanceusdm']"
