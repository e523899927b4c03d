import pytest
from pydantic import ValidationError

from common.machine import Burden, MachineReading, MachineSettings, judge, read_machine

LIMITS = MachineSettings(heavy_memory_share=0.8, full_memory_share=0.9, heavy_load_per_core=4.0)


def reading(*, memory: float = 0.3, load: float = 0.5) -> MachineReading:
    return MachineReading(memory_share=memory, load_per_core=load)


@pytest.mark.parametrize(
    ("seen", "expected", "said"),
    [
        (reading(), Burden.LIGHT, ""),
        (reading(memory=0.79), Burden.LIGHT, ""),
        (reading(memory=0.8), Burden.HEAVY, "80% of the memory is in use"),
        (reading(memory=0.9), Burden.FULL, "90% of the memory is in use"),
        (reading(load=4.0), Burden.HEAVY, "4.0 tasks want each core"),
        (reading(memory=0.95, load=9.0), Burden.FULL, "95% of the memory is in use"),
    ],
)
def test_a_machine_is_judged_by_its_memory_and_its_load(
    seen: MachineReading, expected: Burden, said: str
) -> None:
    judgement = judge(seen, LIMITS)

    assert (judgement.burden, judgement.reason) == (expected, said)


def test_limits_that_contradict_each_other_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="heavy_memory_share must be less than full_memory"):
        MachineSettings(heavy_memory_share=0.95)


def test_this_machine_can_be_read() -> None:
    seen = read_machine()

    assert 0 < seen.memory_share <= 1
    assert seen.load_per_core >= 0
