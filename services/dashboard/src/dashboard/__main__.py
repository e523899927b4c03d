"""Serve the dashboard: `python -m dashboard`."""

import importlib.metadata
import os
import sys
from importlib.resources import files

from streamlit.web import bootstrap

from common.errors import SettingsError
from common.settings import SettingsSource
from dashboard.serving import options
from dashboard.settings import DashboardSettings


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    if "--version" in sys.argv[1:]:
        print(f"dashboard {importlib.metadata.version('scanner-dashboard')}")
        return 0
    try:
        settings = SettingsSource.load(dict(os.environ)).read(DashboardSettings)
    except SettingsError as error:
        sys.stderr.write(f"dashboard: {error}\n")
        return 2
    flags = options(settings)
    bootstrap.load_config_options(flags)
    bootstrap.run(str(files("dashboard") / "page.py"), is_hello=False, args=[], flag_options=flags)
    return 0


if __name__ == "__main__":
    sys.exit(main())
