"""`python -m tests.soak PROFILE [--seed N] [--output FOLDER]`."""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak import network, report
from tests.soak.profiles import PROFILES, Profile
from tests.soak.run import run
from tests.support.browser import CHROMIUM

_DISK_MEGABYTES = 1_500


def main() -> int:
    """Run a profile; return 1 when anything that must hold did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("profile", choices=sorted(PROFILES))
    parser.add_argument("--seed", type=int, default=None, help="what is broken, where and when")
    parser.add_argument("--output", type=Path, default=None, help="where table and plot are put")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10_000) if arguments.seed is None else arguments.seed
    profile: Profile = PROFILES[arguments.profile]
    output: Path | None = arguments.output
    if profile.faults:
        again = [profile.name, "--seed", str(seed)]
        network.enter_namespace([*again, "--output", str(output)] if output else again)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postgres runs as nobody
        disk = folder / "synthetic" / "nats"
        with _small_disk(disk, wanted="disk full" in profile.faults) as small:
            outcome = asyncio.run(run(profile, seed=seed, folder=folder, say=_say, disk=small))
    if output is not None:
        report.write(outcome, output)
        if Path(CHROMIUM).exists():
            asyncio.run(report.picture(outcome, output))
    print(report.summary(outcome))
    return 1 if outcome.breaches else 0


@contextmanager
def _small_disk(place: Path, *, wanted: bool) -> Iterator[Path | None]:
    mounted = False
    if wanted and os.geteuid() == 0:
        place.mkdir(parents=True)
        size = f"size={_DISK_MEGABYTES}m"
        mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
