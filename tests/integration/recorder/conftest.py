"""The simulated venue and a Postgres of its own for every test of the recorder that asks."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.recorder.postgres import Opened, opened
from tests.support.servers import Database
from tests.support.venue import RunningVenue, running_venue


@pytest.fixture
async def venue() -> AsyncIterator[RunningVenue]:
    async with running_venue() as running:
        yield running


@pytest.fixture
async def place(postgres: Database) -> AsyncIterator[Opened]:
    async with opened(postgres.url, postgres.password) as prepared:
        yield prepared
