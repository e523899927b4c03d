"""Run indicators, or `python -m indicators compile` once, where its image is built."""

import sys

from common.service import main
from indicators.app import wire
from indicators.core.frames import warm_up

if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main("indicators", wire)
        case ["compile"]:
            warm_up()
        case unknown:
            sys.exit(f"indicators: the only command is compile, was {' '.join(unknown)!r}")
