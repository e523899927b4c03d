"""What the fetcher needs from outside: a venue that answers, its streams, leave to ask it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from common.domain import Instrument, Timeframe
from common.errors import VenueCoolingError, VenueForbiddenError
from fetcher.core.budget import Pool
from fetcher.core.contracts import Listing
from fetcher.core.derivatives import AccountRatio, Premium
from fetcher.core.interest import InterestPoint
from fetcher.core.sources import Place
from fetcher.core.streamed import StreamedBar, Topic
from fetcher.core.windows import Span


class VenueReader(Protocol):
    """One venue's public market data.

    Every method raises VenueUnavailableError when the venue does not answer as it should (after
    its own retries), VenueCoolingError when it told us to stay away (no request leaves until
    then; VenueForbiddenError if it refuses this place), VenueRefusedError when it understood and
    said no.
    """

    async def time(self) -> datetime:
        """Return the exchange's time."""

    async def listing(self) -> Listing:
        """Return every listed contract."""

    async def turnovers(self) -> Mapping[str, float]:
        """Return each symbol's turnover of the last 24 hours, in its quote currency."""

    async def spreads(self) -> Mapping[str, float]:
        """Return each symbol's spread in basis points of the middle."""

    async def candles(self, symbol: str, timeframe: Timeframe, span: Span) -> Sequence[object]:
        """Return the raw rows whose open times lie in `span`, as the venue tells them.

        A row begins with open time (ms), open, high, low, close, volume in base units; rows may
        be anything until they are parsed.
        """

    async def premiums(self) -> Mapping[str, Premium]:
        """Return mark, index and funding of all contracts."""

    # What is asked for contract by contract has a budget of its own and never waits for it: None
    # says that it is spent for now.

    async def open_interest(self, symbol: str) -> InterestPoint | None:
        """Return the open interest of one contract now."""

    async def open_interest_history(self, symbol: str) -> Sequence[InterestPoint] | None:
        """Return the hourly open interest of the last day, oldest first."""

    async def account_ratio(self, symbol: str) -> AccountRatio | None:
        """Return which share of the accounts is long; None too where the venue does not know."""

    async def close(self) -> None:
        """Let go of the connections."""


class CandleSource(Protocol):
    """One place where a contract's candles can be read: the venue itself, or one that stands in.

    Raises as a VenueReader does; VenueRefusedError where a contract has no counterpart.
    """

    @property
    def place(self) -> Place:
        """What its candles are labelled with."""

    async def candles(
        self, instrument: Instrument, timeframe: Timeframe, span: Span
    ) -> Sequence[object]:
        """Return the raw rows whose open times lie in `span`, in the contract's own units."""

    async def close(self) -> None:
        """Let go of the connections."""


class BarStreams(Protocol):
    """One venue's streams of candles; what they miss is read from the venue one by one."""

    def want(self, topics: Collection[Topic]) -> None:
        """Listen to these from now on, and to no others."""

    async def run(self) -> None:
        """Connect, subscribe, and begin again what breaks, falls silent or grows old; for ever."""

    async def heard(self) -> Sequence[StreamedBar]:
        """Return the candles that have closed since the last call; wait for the next ones."""

    def listening(self) -> bool:
        """Whether anything is heard at all."""

    def trouble(self) -> str | None:
        """Say in one sentence what is not heard and why, or None."""


class Budget(Protocol):
    """What one venue may be asked, shared with everybody who asks from the same address.

    A venue that told us to stay away is not asked: `spend` and `check` raise VenueCoolingError,
    VenueForbiddenError when it refuses this place.
    """

    def check(self) -> None:
        """Raise if the venue is not to be asked now."""

    async def spend(self, pool: Pool, amount: int) -> None:
        """Return once the amount is spent; raise if the venue is not to be asked."""

    async def spend_at_once(self, pool: Pool, amount: int) -> bool:
        """Spend without waiting for a new window, and say whether there was enough."""

    def observe(self, pool: Pool, used: int, sent_at: datetime) -> None:
        """Believe the venue when it counts more than we did at the time of a request."""

    def rest(self, pool: Pool, until: datetime) -> None:
        """Spend nothing more from a pool until then: the venue says that little is left."""

    def stop(self, reason: str, pause: timedelta | None = None) -> VenueCoolingError:
        """Let nobody at this address ask for a while; the caller raises what is returned."""

    def forbid(self, reason: str) -> VenueForbiddenError:
        """Let nobody ask for long: the venue refuses this place; the caller raises it."""

    async def tell(self) -> None:
        """Let the others at this address know of a stop, if they can be reached."""

    @property
    def probing(self) -> bool:
        """Whether a stop is over and no request has been answered since."""

    def answered(self) -> None:
        """Note that the venue answers again."""
