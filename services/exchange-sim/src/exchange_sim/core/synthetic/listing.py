"""Which contracts a synthetic venue lists: the scannable ones and those a scanner must refuse."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from exchange_sim.core.contracts import NEVER, Contract
from exchange_sim.core.noise import generator, key_of
from exchange_sim.core.synthetic.tickers import FAMILIAR, bases
from exchange_sim.core.timeframes import DAY

GENESIS = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp() * 1000)

_LAST_LISTING = int(datetime(2025, 12, 31, tzinfo=UTC).timestamp() * 1000)
_MAJORS = 30  # these are as old as the market and settle funding every eight hours
_LATE_SHARE = 0.15  # of the others were listed some time after the market began
_FOUR_HOURLY, _HOURLY = 0.45, 0.55  # cumulated shares of the faster funding intervals
_THICKEST, _THINNEST = 9e9, 4e6  # quote volume a day of the first and of a far contract
_QUARTERS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Character:
    """How a contract moves: per-day volatilities, its pull by the market, its turnover."""

    start_price: float
    beta: float
    volatility: float
    daily_quote_volume: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A contract together with the character of its price."""

    contract: Contract
    character: Character


def scannable(seed: int, count: int) -> list[Listing]:
    """Return the USDT-settled crypto perpetuals, the most traded first."""
    return [_perpetual(seed, base, rank) for rank, base in enumerate(bases(count))]


def refused() -> list[Listing]:
    """Return contracts that trade or exist but that a crypto scanner must not take."""
    odd: list[tuple[str, float, dict[str, object]]] = [
        ("AAPL", 228.0, {"contract_type": "TRADIFI_PERPETUAL", "underlying_type": "EQUITY"}),
        ("XAU", 2650.0, {"contract_type": "TRADIFI_PERPETUAL", "underlying_type": "COMMODITY"}),
        ("BTCDOM", 3100.0, {"underlying_type": "INDEX", "underlying_subtypes": ("INDEX",)}),
        ("DEFI", 880.0, {"underlying_type": "INDEX", "underlying_subtypes": ("DEFI",)}),
        ("SRM", 0.04, {"settles": GENESIS + 200 * DAY}),
        ("FUTURECOIN", 1.0, {"listed": NEVER, "announced": GENESIS}),
        ("BTC", 68_000.0, {"symbol": "BTCUSDC", "pair": "BTCUSDC", "quote": "USDC"}),
    ]
    return [
        Listing(
            _contract(base, price, **changes),
            Character(price, 1.0 if base == "BTC" else 0.5, 0.004, 4e7),
        )
        for base, price, changes in odd
    ]


def quarterlies(first: int, last: int) -> Iterator[Listing]:
    """Yield the dated BTC and ETH futures that are delivered in [first, last]."""
    for year in range(_year(first), _year(last) + 1):
        for month in (3, 6, 9, 12):
            delivery = _last_friday(year, month)
            if not first <= delivery <= last:
                continue
            for base in ("BTC", "ETH"):
                price = float(FAMILIAR[base])
                stamp = datetime.fromtimestamp(delivery / 1000, UTC).strftime("%y%m%d")
                contract = _contract(
                    base, price,
                    symbol=f"{base}USDT_{stamp}",
                    contract_type="CURRENT_QUARTER",
                    listed=max(GENESIS, delivery - _QUARTERS_AHEAD * 91 * DAY),
                    settles=delivery,
                )  # fmt: skip
                yield Listing(contract, Character(price, 1.0, 0.002, 2e8))


def _perpetual(seed: int, base: str, rank: int) -> Listing:
    draws = generator(key_of(seed, "listing", base)).random(8)
    major = rank < _MAJORS
    price = FAMILIAR.get(base) or float(10 ** (-3.0 + 5.0 * draws[0]))
    listed = GENESIS
    if not major and draws[1] < _LATE_SHARE:
        days = (_LAST_LISTING - GENESIS) // DAY
        listed += int(draws[2] * days) * DAY + 8 * 3_600_000
    hours = 8 if major or draws[3] > _HOURLY else 4 if draws[3] < _FOUR_HOURLY else 1
    volume = max(_THICKEST / (1 + rank) ** 1.25, _THINNEST * (0.5 + draws[4]))
    calm = 0.25 if base == "BTC" else 0.6 if base == "ETH" else 1.0
    character = Character(
        start_price=float(price),
        beta=1.0 if base == "BTC" else 0.75 + 0.8 * draws[5],
        volatility=calm * (0.012 + 0.026 * draws[6]) * (1.0 if major else 1.25),
        daily_quote_volume=volume,
    )
    contract = _contract(
        base, float(price),
        listed=listed,
        funding_hours=hours,
        funding_cap=0.003 if base in ("BTC", "ETH") else 0.02 if hours > 1 else 0.01,
        spread_ratio=0.00002 if rank < 2 else 0.00008 + 0.0006 * draws[7] * (rank / 300),  # noqa: PLR2004 (BTC and ETH)
        typical_open_interest=volume * (0.25 + 0.5 * draws[4]) / float(price),
    )  # fmt: skip
    return Listing(contract, character)


def _contract(base: str, price: float, **changes: object) -> Contract:
    magnitude = math.floor(math.log10(price))
    decimals = min(max(4 - magnitude, 1), 8)
    fields: dict[str, object] = {
        "symbol": f"{base}USDT",
        "pair": f"{base}USDT",
        "base": base,
        "price_decimals": decimals,
        "tick_decimals": decimals,
        "quantity_decimals": min(max(magnitude, 0), 3),
        "announced": changes.get("listed", GENESIS),
        "listed": GENESIS,
        "underlying_subtypes": ("PoW",) if base == "BTC" else (),
        **changes,
    }
    return Contract(**fields)  # type: ignore[arg-type]  # gathered by name just above


def _year(time: int) -> int:
    return datetime.fromtimestamp(time / 1000, UTC).year


def _last_friday(year: int, month: int) -> int:
    after = date(year + month // 12, month % 12 + 1, 1)
    day = after - timedelta(days=1)
    day -= timedelta(days=(day.weekday() - 4) % 7)
    return int(datetime(day.year, day.month, day.day, 8, tzinfo=UTC).timestamp() * 1000)
