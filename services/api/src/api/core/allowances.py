"""How often each caller may ask: a bucket of tokens each, filled at a steady pace."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 10_000
"""Callers remembered; whoever has been silent longest is forgotten first, with a full bucket."""


@dataclass
class _Bucket:
    tokens: float
    at: float


class Allowances:
    """Counts each caller's requests."""

    def __init__(self, *, per_minute: float, burst: int, kept: int = _KEPT) -> None:
        self._pace = per_minute / 60
        self._burst = float(burst)
        self._kept = kept
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller: str, now: float) -> int:
        """Take one request's token; return 0, or the whole seconds until there is one again.

        `now` is in seconds and never goes back.
        """
        bucket = self._buckets.pop(caller, None) or _Bucket(self._burst, now)
        self._buckets[caller] = bucket
        if len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._pace)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return math.ceil((1 - bucket.tokens) / self._pace)
