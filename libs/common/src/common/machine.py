"""Whether this machine can bear more work: the memory that is left and who waits for a core."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final, Self

import psutil
from pydantic import Field, model_validator

from common.domain.agreement import require_rising
from common.settings import Section

_CONTROL_GROUP: Final = Path("/sys/fs/cgroup")
"""Where Linux tells a container its own memory limit (control groups, version 2)."""


class MachineSettings(Section):
    """The `[machine]` table: from where on new work is held back."""

    section: ClassVar[str] = "machine"

    heavy_memory_share: float = Field(default=0.85, gt=0, le=1)
    full_memory_share: float = Field(default=0.94, gt=0, le=1)
    heavy_load_per_core: float = Field(default=8.0, gt=0)
    look_seconds: float = Field(default=2.0, gt=0)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        require_rising(self, "heavy_memory_share", "full_memory_share")
        return self


class Burden(StrEnum):
    """How much a machine carries."""

    LIGHT = "light"
    HEAVY = "heavy"
    """Little is left: take on less at once."""
    FULL = "full"
    """Nothing is left: take on nothing until something is."""


@dataclass(frozen=True, kw_only=True)
class MachineReading:
    """A machine at one moment."""

    memory_share: float
    """Memory in use, of the machine's or of the container's limit, whichever is tighter: 0 to 1."""
    load_per_core: float
    """Tasks that ran or waited for a core in the last minute, per core."""


@dataclass(frozen=True)
class Judgement:
    """How much is carried, and why in one sentence; empty when it is light."""

    burden: Burden
    reason: str = ""


def judge(reading: MachineReading, limits: MachineSettings) -> Judgement:
    """Say how much the machine carries."""
    memory = f"{reading.memory_share:.0%} of the memory is in use"
    if reading.memory_share >= limits.full_memory_share:
        return Judgement(Burden.FULL, memory)
    if reading.memory_share >= limits.heavy_memory_share:
        return Judgement(Burden.HEAVY, memory)
    if reading.load_per_core >= limits.heavy_load_per_core:
        return Judgement(Burden.HEAVY, f"{reading.load_per_core:.1f} tasks want each core")
    return Judgement(Burden.LIGHT)


def read_machine() -> MachineReading:
    """Read the machine and, inside a container, the container's own limit."""
    memory = psutil.virtual_memory()
    shares = [1 - memory.available / memory.total]
    contained = _contained_share(_CONTROL_GROUP)
    if contained is not None:
        shares.append(contained)
    return MachineReading(
        memory_share=max(shares),
        load_per_core=psutil.getloadavg()[0] / (psutil.cpu_count() or 1),
    )


def _contained_share(group: Path) -> float | None:
    try:
        limit = (group / "memory.max").read_text().strip()
        figures = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except OSError:  # no container, or not this kind
        return None
    # Pages that merely cache files are given back when they are needed: they are not in use.
    return None if limit == "max" else int(figures["anon"]) / int(limit)
