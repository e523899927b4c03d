"""Serve the dashboard: `python -m dashboard`."""

import importlib.metadata
import sys
from importlib.resources import files

from streamlit.web import bootstrap

from common.errors import SettingsError
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
    flags = options(live.settings)
    bootstrap.load_config_options(flags)
    try:
        bootstrap.run(
            str(files("dashboard") / "page.py"), is_hello=False, args=[], flag_options=flags
        )
    finally:
        live.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
