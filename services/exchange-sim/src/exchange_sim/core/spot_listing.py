"""Which of the perpetuals have a spot pair, and what it is called: 1000PEPE is PEPE there."""

from dataclasses import replace

import numpy as np

from exchange_sim.core.contracts import Contract
from exchange_sim.core.noise import key_of, uniforms
from exchange_sim.core.siblings import Distance, multiplier

SPOT_DISTANCE = Distance(basis=0.0005, swing=0.0003, volume_share=0.16)
"""Perpetuals trade about five basis points below spot, and six times its volume."""

_PERPETUAL_ONLY = 0.06  # of the smaller contracts have no spot pair
_MAJOR_SPREAD = 0.00008
_MOST_DECIMALS = 8
_DIGITS = "0123456789"


def spot_contract(contract: Contract, *, key: int) -> Contract | None:
    """Return the spot pair of a crypto perpetual, or None where there is none."""
    crypto = contract.contract_type == "PERPETUAL" and contract.underlying_type == "COIN"
    if not crypto or contract.quote != "USDT":
        return None
    major = contract.spread_ratio <= _MAJOR_SPREAD
    if not major and uniforms(key_of(key, contract.symbol), np.arange(1))[0] < _PERPETUAL_ONLY:
        return None
    bundle = multiplier(contract.base)
    base = contract.base.removeprefix("1M").lstrip(_DIGITS) if bundle > 1 else contract.base
    finer = len(str(bundle)) - 1
    decimals = min(contract.price_decimals + finer, _MOST_DECIMALS)
    return replace(
        contract,
        symbol=base + contract.quote,
        pair=base + contract.quote,
        base=base,
        price_decimals=decimals,
        tick_decimals=decimals,
        drawn_as=contract.root,
    )
