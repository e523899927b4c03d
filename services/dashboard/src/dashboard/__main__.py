"""Serve the dashboard: `python -m dashboard`."""

import importlib.metadata
import signal
import sys

from common.errors import SettingsError
from dashboard.adapters.web_app import web_app
from dashboard.app import process_feed
from dashboard.serving import options


def main() -> int:
    """Run until SIGTERM or SIGINT; the feed listens before the first reader comes."""
    if "--version" in sys.argv[1:]:
        print(f"dashboard {importlib.metadata.version('scanner-dashboard')}")
        return 0
    try:
        live = process_feed()
    except SettingsError as error:
        sys.stderr.write(f"dashboard: {error}\n")
        return 2
    # the server ends at the first signal and raises it once more when it has ended
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        web_app().run(config=options(live.settings))
    finally:
        live.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
