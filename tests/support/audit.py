"""Ask PyPI's advisories about everything in the lock: `python -m tests.support.audit`.

A mirror may serve packages and no advisories, and pip-audit then says "no known vulnerabilities" of
everything. So a release that is known to be vulnerable is asked about first: unless it is reported,
nothing was audited, and that is said instead. It ends with 1 when something must be done, and with
0 when nobody could be asked: what is out of reach must not stop work that is sound.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "requirements.lock"
KNOWN_VULNERABLE: Final = "jinja2==2.10"  # CVE-2019-10906, and it stays so
ACCEPTED: Final[tuple[str, ...]] = ()
"""Advisories that do not concern us, each with its reason in a comment."""

_PATIENCE_SECONDS: Final = 180
_NOT_ASKED: Final = "the advisories do not answer from here: the dependencies were NOT audited"


def findings(requirements: Path) -> list[str] | None:
    """Return a sentence for each vulnerable requirement, or None when nobody could be asked."""
    ignored = [word for one in ACCEPTED for word in ("--ignore-vuln", one)]
    try:
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--requirement", str(requirements)),
                *("--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json"),
                *("--timeout", "10", *ignored),
            ],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    try:
        return sentences(json.loads(finished.stdout)["dependencies"])
    except json.JSONDecodeError:  # it says why on stderr, mostly that nobody answers
        return None


def sentences(dependencies: Sequence[dict[str, Any]]) -> list[str]:
    """Write what pip-audit found."""
    return [
        f"{one['name']} {one['version']}: {vulnerability['id']}"
        f" ({', '.join(vulnerability['fix_versions']) or 'no release'} mends it)"
        for one in dependencies
        for vulnerability in one.get("vulns", ())
    ]


def main() -> int:
    """Audit the lock."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "requirements.txt"
        probe.write_text(f"{KNOWN_VULNERABLE}\n")
        answered = bool(findings(probe))
    found = findings(LOCK) if answered else None
    told = _NOT_ASKED if found is None else "\n".join(found) or "no advisory concerns the lock"
    sys.stdout.write(f"{told}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
