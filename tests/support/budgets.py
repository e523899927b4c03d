"""Budgets as a fetcher builds them, on any bus."""

from typing import Any

from common.bus import Bus
from common.bus.memory import MemoryBus
from common.clock import Clock
from fetcher.handlers.budget import SharedBudget
from fetcher.settings import FetcherSettings
from fetcher.venues import budget_of


def budget_on(
    clock: Clock, bus: Bus | None = None, *, venue: str = "binance", **settings: Any
) -> SharedBudget:
    """Return a venue's budget; nobody shares it unless they are given the same bus."""
    read = FetcherSettings.model_validate(settings)
    return budget_of(venue, bus or MemoryBus(), clock, read)
