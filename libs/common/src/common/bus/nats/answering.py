"""What both kinds of answers share: every asker has a task, and every reply fits."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

from nats.aio.msg import Msg

from common.bus.messages import ERROR, fitting
from common.bus.nats.connection import FOREIGN, Connection, settled
from common.bus.port import Reply

_LOGGER: Final = logging.getLogger(__name__)
_QUEUE: Final = "answers"
_CONTROL: Final = str.maketrans({"\r": " ", "\n": " "})


class Answering:
    """Hears questions and gives each to a task of its own, so that a slow one delays no other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tasks: set[asyncio.Task[None]] = set()

    async def hear(
        self, subject: str, answer: Callable[[Msg], Coroutine[None, None, None]]
    ) -> None:
        """Answer every question on `subject` from now on."""

        async def arrived(message: Msg) -> None:
            task = asyncio.create_task(answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        client = self._connection.client
        await client.subscribe(subject, queue=_QUEUE, cb=arrived)
        try:
            await settled(client)  # whoever asks from now on is heard
        except FOREIGN as error:
            _LOGGER.debug("%s is heard when the broker is back: %r", subject, error)

    async def send(self, message: Msg, reply: Reply, headers: Mapping[str, str]) -> None:
        """Send a reply the broker can carry; an asker who cannot be reached is left alone."""
        reply = fitting(reply, self._connection.client.max_payload)
        told = {**headers, **reply.headers}
        if reply.error is not None:
            told[ERROR] = reply.error.translate(_CONTROL)
        try:
            await self._connection.client.publish(message.reply, reply.body, headers=told or None)
        except FOREIGN as error:
            _LOGGER.warning("answer on %s not sent: %r", message.subject, error)

    async def close(self) -> None:
        """Let no answer run on."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def asked_on(subject: str, target: str) -> str:
    """Return the subject a question is asked on: `target` narrows it to one answerer."""
    return f"{subject}.{target}" if target else subject
