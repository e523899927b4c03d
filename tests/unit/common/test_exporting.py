"""What the last spans may cost a process that ends."""

import threading
import time

from common.exporting import in_time


def test_a_last_thing_that_does_not_end_is_left_behind() -> None:
    never, began = threading.Event(), time.monotonic()

    in_time(never.wait, seconds=0.05)

    assert time.monotonic() - began < 5.0
    never.set()


def test_a_last_thing_that_ends_is_waited_for() -> None:
    done: list[bool] = []

    in_time(lambda: done.append(True), seconds=5.0)

    assert done == [True]
