"""The short form of `make soak` and `make faults`: a few scans in lockstep, a few faults."""

from pathlib import Path

import pytest

from tests.soak.profiles import PROFILES
from tests.soak.run import run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400), pytest.mark.xdist_group("system")]


async def test_after_a_few_faults_every_scan_is_accounted_for_and_postgres_equals_the_streams(
    tmp_path: Path,
) -> None:
    outcome = await run(PROFILES["short"], seed=1, folder=tmp_path, say=print)

    assert outcome.breaches == []
    assert {broken.partition(":")[0] for broken in outcome.broken} == set(outcome.profile.faults)
    assert len(outcome.samples) == 4
