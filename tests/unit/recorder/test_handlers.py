"""The handler over a history in memory: it writes batches and swallows nothing."""

import pytest

from common.errors import DatabaseUnavailableError
from recorder.core.batches import Batch
from recorder.handlers.recording import Recorder
from tests.support import facts


class GivenHistory:
    """Keeps the batches it was given, or refuses them."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.batches: list[Batch] = []
        self._failure = failure

    async def write(self, batch: Batch) -> None:
        if self._failure is not None:
            raise self._failure
        self.batches.append(batch)

    async def prepare(self) -> None:
        return

    async def prune(self) -> None:
        return

    async def problem(self) -> str | None:
        return None


async def test_a_batch_is_one_write_and_publishes_nothing() -> None:
    history = GivenHistory()

    told = await Recorder(history).record([facts.plan(), facts.rejection(), facts.plan()])

    assert [list(one) for one in told] == [[], [], []]
    [batch] = history.batches
    assert {record.values["symbol"] for record in batch.records} == {"BTCUSDT", "ETHUSDT"}


async def test_a_database_away_is_the_runtimes_to_wait_for() -> None:
    recorder = Recorder(GivenHistory(DatabaseUnavailableError("away")))

    with pytest.raises(DatabaseUnavailableError):
        await recorder.record([facts.plan()])
