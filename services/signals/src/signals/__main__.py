"""Run signals: `python -m signals`."""

from common.service import main
from signals.app import wire

if __name__ == "__main__":
    main("signals", wire)
