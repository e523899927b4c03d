"""Run the planner: `python -m planner`."""

from common.service import main
from planner.app import wire

if __name__ == "__main__":
    main("planner", wire)
