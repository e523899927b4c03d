"""GET /fapi/v1/exchangeInfo and fundingInfo: what is listed and on which terms."""

import json
from functools import lru_cache

from exchange_sim.core.contracts import NEVER, Contract
from exchange_sim.handlers.binance.query import Query
from exchange_sim.handlers.view import MarketView

WEIGHT_PER_MINUTE = 2_400

_USUAL_HOURS, _USUAL_CAP = 8, 0.02
_NOTIONALS = {"BTC": "100", "ETH": "20"}
_RATE_LIMITS = [
    {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": WEIGHT_PER_MINUTE,
    },
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]
_ASSETS = [
    {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
    for asset in ("USDT", "BTC", "BNB", "ETH", "USDC")
]
_ORDER_TYPES = [
    "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
]  # fmt: skip


def exchange_info(query: Query, view: MarketView, now: int) -> str:
    """Answer every contract; `simulated` is no field of Binance's and marks this venue."""
    del query
    head = json.dumps(
        {
            "timezone": "UTC",
            "serverTime": now,
            "futuresType": "U_MARGINED",
            "simulated": True,
            "rateLimits": _RATE_LIMITS,
            "exchangeFilters": [],
            "assets": _ASSETS,
        }
    )
    symbols = ",".join(_symbol(contract, contract.status(now)) for contract in view.contracts(now))
    return f'{head[:-1]},"symbols":[{symbols}]}}'


def funding_info(query: Query, view: MarketView, now: int) -> str:
    """Answer the perpetuals whose interval or cap is not the usual one, as Binance does."""
    del query
    return json.dumps(
        [
            {
                "symbol": contract.symbol,
                "adjustedFundingRateCap": f"{contract.funding_cap:.8f}",
                "adjustedFundingRateFloor": f"{-contract.funding_cap:.8f}",
                "fundingIntervalHours": contract.funding_hours,
                "disclaimer": False,
            }
            for contract in view.contracts(now)
            if contract.perpetual
            and (contract.funding_hours, contract.funding_cap) != (_USUAL_HOURS, _USUAL_CAP)
        ]
    )


@lru_cache(maxsize=8_192)
def _symbol(contract: Contract, status: str) -> str:
    tick = f"{10.0**-contract.tick_decimals:.{contract.tick_decimals}f}"
    step = f"{10.0**-contract.quantity_decimals:.{contract.quantity_decimals}f}"
    lot = {"stepSize": step, "maxQty": "10000000", "minQty": step}
    return json.dumps(
        {
            "symbol": contract.symbol,
            "pair": contract.pair,
            "contractType": contract.contract_type,
            "deliveryDate": contract.delivery,
            "onboardDate": contract.announced if contract.listed == NEVER else contract.listed,
            "status": status,
            "maintMarginPercent": "2.5000",
            "requiredMarginPercent": "5.0000",
            "baseAsset": contract.base,
            "quoteAsset": contract.quote,
            "marginAsset": contract.quote,
            "pricePrecision": contract.price_decimals,
            "quantityPrecision": contract.quantity_decimals,
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "underlyingType": contract.underlying_type,
            "underlyingSubType": list(contract.underlying_subtypes),
            "settlePlan": 0,
            "triggerProtect": "0.0500",
            "liquidationFee": "0.012500",
            "marketTakeBound": "0.05",
            "filters": [
                {
                    "minPrice": tick,
                    "maxPrice": "10000000",
                    "filterType": "PRICE_FILTER",
                    "tickSize": tick,
                },
                {**lot, "filterType": "LOT_SIZE"},
                {**lot, "filterType": "MARKET_LOT_SIZE"},
                {"limit": 200, "filterType": "MAX_NUM_ORDERS"},
                {"limit": 10, "filterType": "MAX_NUM_ALGO_ORDERS"},
                {"notional": _NOTIONALS.get(contract.base, "5"), "filterType": "MIN_NOTIONAL"},
                {
                    "multiplierDown": "0.8500",
                    "multiplierUp": "1.1500",
                    "multiplierDecimal": "4",
                    "filterType": "PERCENT_PRICE",
                },
            ],
            "orderTypes": _ORDER_TYPES,
            "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        }
    )
