"""Which contracts are whose when several fetchers share one venue's universe."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

_FORM: Final = re.compile(r"([1-9]\d?)/([1-9]\d?)")


@dataclass(frozen=True, kw_only=True)
class Partition:
    """One share of so many; a contract's share follows from its name alone."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> "Partition":
        """Read `2/3`: the second of three; raise ValueError for anything else."""
        found = _FORM.fullmatch(text)
        number, of = (int(found[1]), int(found[2])) if found else (1, 0)
        if number > of:
            raise ValueError(f"partition must be like 1/2, the first of two, was {text!r}")
        return cls(number=number, of=of)

    @property
    def first(self) -> bool:
        """Whether it is the share of the fetcher that starts and completes scans."""
        return self.number == 1

    def has(self, symbol: str) -> bool:
        """Return whether a contract belongs to this share."""
        digest = hashlib.blake2b(symbol.encode(), digest_size=8).digest()
        return int.from_bytes(digest) % self.of == self.number - 1
