"""Run the recorder; or, once, `python -m recorder migrate` or `python -m recorder backfill`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import date

from common import logs
from common.domain import SCANNED, Timeframe
from common.errors import ScannerError, SettingsError
from common.sections import TelemetrySettings
from common.service import main
from common.settings import SettingsSource
from recorder.adapters.progress import ProgressBar
from recorder.app import backfill, migrate, wire
from recorder.core.backfills import BackfillRequest

_INTERRUPTED = 130


def _migrate() -> None:
    try:
        migrate(SettingsSource.load(os.environ))
    except ScannerError as error:
        sys.exit(f"recorder: {error}")


def _backfill(words: Sequence[str]) -> int:
    request = _request(words)
    with ProgressBar() as progress:
        try:
            source = SettingsSource.load(os.environ)
            logs.configure(  # what is tried again is told above the bar
                source.read(TelemetrySettings), service="backfill", instance=str(os.getpid())
            )
            report = asyncio.run(backfill(source, request, progress))
        except SettingsError as error:
            progress.say(f"backfill: {error}")
            return 2
        except ScannerError as error:
            progress.say(f"backfill: {error}; what is done is kept, start again to go on")
            return 1
        except KeyboardInterrupt:
            progress.say("backfill: stopped; what is done is kept, start again to go on")
            return _INTERRUPTED
    for line in report.lines():
        print(line)
    return 1 if report.problems else 0


def _request(words: Sequence[str]) -> BackfillRequest:
    parser = argparse.ArgumentParser(
        prog="recorder backfill",
        description="History from Binance Vision's files into Postgres, complete UTC days; what "
        "they lack is read from the venue. Stopped and started again, it goes on.",
    )
    parser.add_argument("--symbols", default="", help="BTCUSDT,ETHUSDT; default: what is scanned")
    parser.add_argument("--timeframes", default=",".join(SCANNED), help="default: %(default)s")
    parser.add_argument(
        "--from", dest="since", required=True, type=_day, help="2024-01-01 or 2024-01"
    )
    parser.add_argument("--to", dest="until", type=_day, help="the last day; default: today")
    parser.add_argument(
        "--metrics", action="store_true", help="hourly open interest and who was long as well"
    )
    parser.add_argument("--again", action="store_true", help="read files again that are done")
    given = parser.parse_args(words)
    try:
        timeframes = tuple(Timeframe(name) for name in _names(given.timeframes))
    except ValueError as error:
        parser.error(
            f"timeframes must be of {', '.join(Timeframe)}, was {given.timeframes!r}: {error}"
        )
    return BackfillRequest(
        symbols=_names(given.symbols),
        timeframes=timeframes,
        since=given.since,
        until=given.until,
        metrics=given.metrics,
        again=given.again,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if text.count("-") > 1 else f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a day is written 2024-01-31, was {text!r}") from error


if __name__ == "__main__":
    match sys.argv[1:]:
        case [] | ["--version"]:
            main("recorder", wire)
        case ["migrate"]:
            _migrate()
        case ["backfill", *words]:
            sys.exit(_backfill(words))
        case unknown:
            sys.exit(f"recorder: the commands are migrate and backfill, was {' '.join(unknown)!r}")
