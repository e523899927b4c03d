"""What Bybit calls the contracts that Binance lists, and on which terms it lists them."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import key_of, uniforms
from exchange_sim.core.siblings import Distance

BYBIT_DISTANCE = Distance(basis=0.00012, swing=0.0004, volume_share=0.42)
"""How far Bybit's prices stand from Binance's, and how much of its volume trades there."""

_BUNDLED = {"1000SHIB": "SHIB1000", "1MBABYDOGE": "1000000BABYDOGE"}
_KINDS = {"EQUITY": "stock", "COMMODITY": "commodity"}
_ABSENT = 0.08  # of the smaller contracts are not listed here
_INNOVATION = 0.25
_FOUR_HOURLY = 0.6  # of the eight-hourly ones settle every four hours here
_USUAL_SPREAD = 0.00008  # what is tighter is one of the majors: BTC and ETH


def bybit_contract(contract: Contract, *, key: int) -> Contract | None:
    """Return a Binance contract as Bybit lists it, or None where it does not."""
    absent, kind, hours = uniforms(key_of(key, contract.symbol), np.arange(3)).tolist()
    major = contract.spread_ratio <= _USUAL_SPREAD
    scannable = contract.contract_type == "PERPETUAL" and contract.underlying_type == "COIN"
    if contract.underlying_type == "INDEX":
        return None
    if scannable and not major and contract.quote == "USDT" and absent < _ABSENT:
        return None
    base = _BUNDLED.get(contract.base, contract.base)
    four_hourly = not major and contract.funding_hours == 8 and hours < _FOUR_HOURLY  # noqa: PLR2004 (eight hours)
    innovation = "innovation" if scannable and not major and kind < _INNOVATION else ""
    return replace(
        contract,
        symbol=_symbol(contract, base),
        pair=base + contract.quote,
        base=base,
        funding_hours=4 if four_hourly else contract.funding_hours,
        kind=_KINDS.get(contract.underlying_type, innovation),
        drawn_as=contract.root,
        typical_open_interest=contract.typical_open_interest * 0.6,
    )


def _symbol(contract: Contract, base: str) -> str:
    if not contract.perpetual:
        delivery = datetime.fromtimestamp(contract.settles / 1000, UTC)
        return f"{base}{contract.quote}-{delivery:%d%b%y}".upper()
    return f"{base}PERP" if contract.quote == "USDC" else base + contract.quote
