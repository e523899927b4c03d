"""Run the recorder, or `python -m recorder migrate` once."""

import os
import sys

from common.errors import ScannerError
from common.service import main
from common.settings import SettingsSource
from recorder.app import migrate, wire


def _migrate() -> None:
    try:
        migrate(SettingsSource.load(os.environ))
    except ScannerError as error:
        sys.exit(f"recorder: {error}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [] | ["--version"]:
            main("recorder", wire)
        case ["migrate"]:
            _migrate()
        case unknown:
            sys.exit(f"recorder: the only command is migrate, was {' '.join(unknown)!r}")
