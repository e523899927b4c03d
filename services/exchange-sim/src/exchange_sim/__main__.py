"""Run the simulated venue: settings from the environment, `EXCHANGE_SIM_PORT=8900` and so on."""

import asyncio
import os
import signal
import sys

from pydantic import ValidationError

from common.errors import SettingsError
from exchange_sim.app import listen, wire
from exchange_sim.settings import Settings

_PREFIX = "EXCHANGE_SIM_"


def main() -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code."""
    try:
        asyncio.run(_run(_settings()))
    except SettingsError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


async def _run(settings: Settings) -> None:
    venue = wire(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner, address = await listen(venue)
    now = venue.clock.now()
    print(f"simulated venue on {address}, venue time {now:%Y-%m-%d %H:%M:%S} UTC", flush=True)
    await stop.wait()
    await runner.cleanup()


def _settings() -> Settings:
    given = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(_PREFIX)
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as e:
        first = e.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        msg = f"exchange-sim: {name or 'settings'}: {first['msg']}, was {first['input']!r}"
        raise SettingsError(msg) from e


if __name__ == "__main__":
    sys.exit(main())
