"""Run the api."""

from api.app import wire
from common.service import main

if __name__ == "__main__":
    main("api", wire)
