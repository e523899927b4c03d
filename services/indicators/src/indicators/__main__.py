"""Run indicators: `python -m indicators`."""

from common.service import main
from indicators.app import wire

if __name__ == "__main__":
    main("indicators", wire)
