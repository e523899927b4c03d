"""`python -m standalone demo [--candles FOLDER]`, `… run --venue binance` or `… backfill`."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from common.errors import ScannerError, SettingsError
from common.settings import SettingsSource
from standalone.app import fill_history, running, tell_scans
from standalone.core.programs import Market
from standalone.settings import StandaloneSettings

_INTERRUPTED = 130


def main() -> int:
    """Run the scanner until Ctrl-C; return the exit code."""
    arguments, for_recorder = _arguments()
    try:
        if arguments.command == "backfill":
            return asyncio.run(fill_history(_settings(), _market(arguments), for_recorder))
        asyncio.run(_run(_market(arguments)))
    except ScannerError as error:
        print(f"scanner: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # the backfill has said so itself
        return _INTERRUPTED
    return 0


def _arguments() -> tuple[argparse.Namespace, tuple[str, ...]]:
    parser = argparse.ArgumentParser(prog="standalone", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="scan a simulated market")
    demo.add_argument("--candles", type=Path, help="replay this folder of candle files instead")
    run = commands.add_parser("run", help="scan the live venue")
    run.add_argument("--venue", default="binance", choices=["binance", "bybit"])
    backfill = commands.add_parser(
        "backfill",
        add_help=False,
        help="fill a market's history; all other words as for python -m recorder backfill",
    )
    backfill.add_argument("--market", default="live", choices=["live", "demo"])
    backfill.add_argument("--candles", type=Path)
    known, more = parser.parse_known_args()
    if more and known.command != "backfill":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    return known, tuple(more)


def _market(arguments: argparse.Namespace) -> Market:
    if arguments.command == "run":
        return Market(venue=arguments.venue, live=True)
    if arguments.command == "backfill" and arguments.market == "live":
        return Market(venue="binance", live=True)
    candles: Path | None = arguments.candles
    if candles is not None and not any(candles.glob("*-1h.parquet")):
        raise SettingsError(f"no *-1h.parquet files in the candles folder, was {candles}")
    return Market(venue="binance", live=False, candles=candles and candles.absolute())


async def _run(market: Market) -> None:
    settings = _settings()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for reason in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(reason, ended.set)
    waiting = asyncio.create_task(ended.wait())
    living = asyncio.create_task(_live(settings, market))
    await asyncio.wait({waiting, living}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not living.done():
        _say("ending everything …")
        living.cancel()
    try:
        await living
    except asyncio.CancelledError:
        _say("ended")


def _settings() -> StandaloneSettings:
    return SettingsSource.load(os.environ).read(StandaloneSettings)


async def _live(settings: StandaloneSettings, market: Market) -> None:
    async with running(settings, market, _say) as scanner:
        kind = "LIVE" if market.live else "SIMULATED"
        _say(f"\n  dashboard  {scanner.dashboard_url}   ({kind} market)")
        _say(f"  API        {scanner.api_url}/docs")
        _say(f"  NATS       {scanner.nats.url}   (without a name: read results only)\n")
        _say("  Ctrl-C ends everything.\n")
        await tell_scans(scanner, _say)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
