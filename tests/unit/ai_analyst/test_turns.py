"""Whose turn it is to have the model."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from ai_analyst.handlers.turns import Turns
from ai_analyst.ports import ModelUnavailableError


class Row:
    """People and notes who want the model, and the order in which they had it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.had: list[str] = []
        self._go_on = asyncio.Event()

    async def come(self, name: str) -> "asyncio.Task[None]":
        """Let someone ask for a turn, as far as they get."""
        turn = self.turns.for_a_note if name.startswith("note") else self.turns.for_a_person
        task = asyncio.create_task(self._have(turn(), name))
        await asyncio.sleep(0)
        return task

    def go_on(self) -> None:
        """Let whoever has a turn give it back."""
        self._go_on.set()

    async def _have(self, turn: AbstractAsyncContextManager[None], name: str) -> None:
        async with turn:
            self.had.append(name)
            await self._go_on.wait()


async def test_a_waiting_person_precedes_notes_that_came_before() -> None:
    row = Row(Turns(parallel=1, waiting=8, patience=60))
    tasks = [await row.come(name) for name in ("note 1", "note 2", "ann", "note 3", "bob")]
    assert row.had == ["note 1"], "who has the model keeps it"

    row.go_on()
    await asyncio.gather(*tasks)

    assert row.had == ["note 1", "ann", "bob", "note 2", "note 3"]


async def test_only_people_are_counted_and_refused() -> None:
    row = Row(Turns(parallel=1, waiting=1, patience=60))
    tasks = [await row.come(name) for name in ("note 1", "note 2", "note 3", "ann")]
    assert row.turns.waiting == 1

    with pytest.raises(ModelUnavailableError, match="1 questions wait"):
        row.turns.for_a_person()
    row.go_on()
    await asyncio.gather(*tasks)

    assert row.turns.waiting == 0


async def test_who_leaves_the_line_leaves_no_gap() -> None:
    row = Row(Turns(parallel=1, waiting=8, patience=60))
    first, leaving, last = [await row.come(name) for name in ("ann", "bob", "note 1")]
    leaving.cancel()
    await asyncio.wait({leaving})
    assert row.turns.waiting == 0

    row.go_on()
    await asyncio.gather(first, last)

    assert row.had == ["ann", "note 1"]


async def test_a_turn_given_to_one_who_just_left_goes_to_the_next() -> None:
    turns = Turns(parallel=1, waiting=8, patience=60)
    row = Row(turns)
    async with turns.for_a_person():
        leaving, last = [await row.come(name) for name in ("bob", "ann")]
    leaving.cancel()  # the turn is bob's since the line above, and bob does not know yet
    row.go_on()
    await asyncio.wait({leaving, last}, timeout=5)

    assert row.had == ["ann"]
    async with turns.for_a_note():
        assert turns.waiting == 0


async def test_a_person_waits_for_so_long_and_a_note_as_long_as_it_takes() -> None:
    turns = Turns(parallel=1, waiting=8, patience=0.01)
    row = Row(turns)
    async with turns.for_a_person():
        note, ann = [await row.come(name) for name in ("note 1", "ann")]
        with pytest.raises(ModelUnavailableError, match="no turn came within"):
            await ann
        assert turns.waiting == 0
    row.go_on()
    await note

    assert row.had == ["note 1"]
