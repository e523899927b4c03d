"""What a venue lists: a contract, its life from listing to delivery, and its grid of numbers."""

from dataclasses import dataclass
from typing import Literal

PERPETUAL = "PERPETUAL"
NEVER = 4_133_404_800_000  # the delivery date that venues give to perpetuals

Status = Literal["PENDING_TRADING", "TRADING", "SETTLING"]


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed contract; times are UTC milliseconds, funding fields matter to perpetuals.

    `kind` is the venue's own word for what a contract is about, where it has one.
    """

    symbol: str
    pair: str
    base: str
    price_decimals: int
    tick_decimals: int
    quantity_decimals: int
    announced: int
    listed: int
    settles: int = NEVER
    quote: str = "USDT"
    contract_type: str = PERPETUAL
    underlying_type: str = "COIN"
    underlying_subtypes: tuple[str, ...] = ()
    funding_hours: int = 8
    funding_cap: float = 0.02
    spread_ratio: float = 0.0002
    typical_open_interest: float = 1e6
    drawn_as: str = ""
    delisting_announced: bool = False
    kind: str = ""

    @property
    def root(self) -> str:
        """The name its noise is drawn under: the same contract moves alike on every venue."""
        return self.drawn_as or self.symbol

    @property
    def delivery(self) -> int:
        """The delivery date that is public: a perpetual has one once its end is announced."""
        return NEVER if self.perpetual and not self.delisting_announced else self.settles

    def status(self, now: int) -> Status:
        """Return where the contract is in its life."""
        if now < self.listed:
            return "PENDING_TRADING"
        return "TRADING" if now < self.settles else "SETTLING"

    @property
    def perpetual(self) -> bool:
        """Whether the contract pays funding instead of being delivered."""
        return self.contract_type.endswith(PERPETUAL)

    def price(self, units: float) -> str:
        """Write a price with the contract's decimals."""
        return f"{units / 10**self.price_decimals:.{self.price_decimals}f}"

    def quantity(self, units: float) -> str:
        """Write a volume with the contract's decimals."""
        return f"{units / 10**self.quantity_decimals:.{self.quantity_decimals}f}"

    def turnover(self, units: float) -> str:
        """Write a quote volume with the decimals of price times volume."""
        decimals = self.price_decimals + self.quantity_decimals
        return f"{units / 10**decimals:.{decimals}f}"
