"""One contract's open interest over the last day: the venue's hourly history and our readings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

_SAME: Final = timedelta(minutes=3)
_TOLERANCE: Final = timedelta(minutes=30)  # as far as an hourly history can be off
_KEPT: Final = timedelta(hours=25)


@dataclass(frozen=True)
class InterestPoint:
    """Open interest at one time, in units of the base asset."""

    at: datetime
    amount: float
    price: float | None = None
    """What the contract cost then, where that is known."""


class InterestMemory:
    """What open interest was.

    The venue's history counts before our own readings of the same minutes, so that a restart,
    which forgets the readings, changes nothing of what a scan at a full hour says.
    """

    def __init__(self) -> None:
        self._history: tuple[InterestPoint, ...] = ()
        self._readings: list[InterestPoint] = []

    @property
    def newest(self) -> InterestPoint | None:
        """Our last reading."""
        return self._readings[-1] if self._readings else None

    def learn(self, reading: InterestPoint) -> None:
        """Add a reading; one that is not later than the last says nothing new."""
        if self.newest is None or reading.at > self.newest.at:
            self._readings = [one for one in self._readings if one.at >= reading.at - _KEPT]
            self._readings.append(reading)

    def learn_history(self, points: Iterable[InterestPoint]) -> None:
        """Take the venue's history in place of what it told before."""
        self._history = tuple(points)

    def price(self, price_at: Callable[[datetime], float | None]) -> None:
        """Give each point of the history that came without a price the one it had then."""
        self._history = tuple(
            point if point.price is not None else replace(point, price=price_at(point.at))
            for point in self._history
        )

    @property
    def priced(self) -> bool:
        """Whether it is known what the contract cost at every point of the history."""
        return all(point.price is not None for point in self._history)

    def near(self, at: datetime) -> InterestPoint | None:
        """Return what is known nearest to a time, None when that is over half an hour off."""
        told = _nearest(self._history, at)
        if told is not None and abs(told.at - at) <= _SAME:
            return told
        nearest = _nearest((*self._history, *self._readings), at)
        return nearest if nearest is not None and abs(nearest.at - at) <= _TOLERANCE else None


def _nearest(points: Iterable[InterestPoint], at: datetime) -> InterestPoint | None:
    return min(points, key=lambda point: abs(point.at - at), default=None)
