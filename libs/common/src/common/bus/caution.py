"""After a crash, take one message at a time: a killer must not take its neighbours with it.

A batch that dies is delivered again together. Were it taken together each time, the killer's
innocent neighbours would use up their deliveries with it. So a consumer that finds messages in
someone's hands when it starts takes single messages until the dead one's have come back (one
acknowledgement wait) and none of them is outstanding.
"""

from datetime import timedelta

from common.bus.port import Consumer


class Caution:
    """How many messages a consumer dares to take at once; times are monotonic seconds."""

    def __init__(self, consumer: Consumer, *, in_hands: int, redelivered: int, now: float) -> None:
        wait = consumer.ack_wait + timedelta(seconds=1)
        self._batch = consumer.batch
        self._careful = in_hands > 0 or redelivered > 0
        self._quiet_after = now + wait.total_seconds()
        self._ends = now + (wait * (consumer.max_deliveries + 1)).total_seconds()

    @property
    def careful(self) -> bool:
        """Whether single messages are taken."""
        return self._careful

    def limit(self, *, redelivered: int, now: float) -> int:
        """Return how many messages to take, `redelivered` of which are outstanding now."""
        if self._careful and now > self._quiet_after and (redelivered == 0 or now > self._ends):
            self._careful = False
        return 1 if self._careful else self._batch
