"""Run the simulated venue: settings from `[exchange_sim]` and `SCANNER_EXCHANGE_SIM__…`."""

import asyncio
import os
import signal
import sys

from common.errors import SettingsError
from common.settings import SettingsSource
from exchange_sim.app import listen, wire
from exchange_sim.settings import Settings

_SWITCH = 0.001  # seconds after which the thread that reads the market lets the loop answer


def main() -> int:
    """Run until SIGTERM or Ctrl-C; return the exit code."""
    try:
        asyncio.run(_run(SettingsSource.load(os.environ).read(Settings)))
    except SettingsError as e:
        print(f"exchange-sim: {e}", file=sys.stderr)
        return 1
    return 0


async def _run(settings: Settings) -> None:
    sys.setswitchinterval(_SWITCH)
    venue = wire(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner, address = await listen(venue)
    now = venue.clock.now()
    print(f"simulated venue on {address}, venue time {now:%Y-%m-%d %H:%M:%S} UTC", flush=True)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
