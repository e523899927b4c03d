import asyncio
from contextlib import AsyncExitStack

import pytest

from common.machine import MachineReading, MachineSettings
from fetcher.handlers.pace import Pace

LIMITS = MachineSettings(heavy_memory_share=0.8, full_memory_share=0.9)


class Machine:
    memory = 0.3

    def __call__(self) -> MachineReading:
        return MachineReading(memory_share=self.memory, load_per_core=0.1)


@pytest.mark.parametrize(
    ("memory", "places"), [(0.3, 8), (0.85, 2), (0.95, 0)], ids=["light", "heavy", "full"]
)
async def test_a_burdened_machine_is_given_fewer_contracts_at_once(
    memory: float, places: int
) -> None:
    machine = Machine()
    pace = Pace(places=8, machine=machine, limits=LIMITS)
    machine.memory = memory
    await pace.look()

    assert await _taken_at_once(pace, of=12) == places


async def test_fetching_goes_on_by_itself_once_there_is_room_again() -> None:
    machine = Machine()
    machine.memory = 0.95
    pace = Pace(places=2, machine=machine, limits=LIMITS)
    await pace.look()
    waiting = asyncio.create_task(_once(pace))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert pace.slowed() == "fetching is stopped: 95% of the memory is in use"

    machine.memory = 0.3
    await pace.look()

    async with asyncio.timeout(5):
        await waiting
    assert pace.slowed() is None


async def test_work_in_hand_is_finished_while_nothing_new_begins() -> None:
    machine = Machine()
    pace = Pace(places=2, machine=machine, limits=LIMITS)
    async with pace.place():
        machine.memory = 0.85
        await pace.look()
        assert pace.slowed() == "fetching is slowed: 85% of the memory is in use"
        assert await _taken_at_once(pace, of=2) == 0
    assert await _taken_at_once(pace, of=2) == 1


async def _once(pace: Pace) -> None:
    async with pace.place():
        pass


async def _taken_at_once(pace: Pace, *, of: int) -> int:
    taken = 0
    async with AsyncExitStack() as held:

        async def take() -> None:
            nonlocal taken
            await held.enter_async_context(pace.place())
            taken += 1

        tasks = [asyncio.create_task(take()) for _ in range(of)]
        for _ in range(of * 4):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return taken
