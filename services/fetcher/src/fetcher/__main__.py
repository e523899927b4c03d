"""Runs the fetcher: `python -m fetcher`."""

from common.service import main
from fetcher.app import wire

if __name__ == "__main__":
    main("fetcher", wire)
