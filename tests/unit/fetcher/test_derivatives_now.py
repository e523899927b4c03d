"""Funding read when someone asks."""

from datetime import timedelta

from common.codec import decode
from common.domain import Derivatives, DerivativesRequest
from tests.unit.fetcher.harness import Stage


async def test_derivatives_are_read_when_asked_for() -> None:
    stage = Stage()
    async with stage.fetcher():
        request = DerivativesRequest(venue="binance", symbol="BTCUSDT")
        reply = await stage.bus.ask(request, target="binance", within=timedelta(seconds=10))
        unknown = await stage.bus.ask(
            DerivativesRequest(venue="binance", symbol="NOTUSDT"), target="binance"
        )

    assert reply.error is None
    told = decode(Derivatives.name(), reply.body)
    assert isinstance(told, Derivatives)
    assert told.symbol == "BTCUSDT"
    assert unknown.error == "symbol must be one binance tells marks of, was 'NOTUSDT'"
