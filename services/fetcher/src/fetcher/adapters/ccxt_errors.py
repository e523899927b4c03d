"""ccxt's exceptions to ours, at the border and nowhere else; most specific first.

ccxt files by message as much as by status, so transport failures it calls `ExchangeError`
(a truncated body) are told apart by their cause.
"""

import socket
from typing import Final

import aiohttp

from common.errors import ScannerError, VenueRefusedError, VenueUnavailableError
from fetcher.adapters.ccxt_parts import errors

_LONGEST: Final = 300


def translate(error: Exception, *, venue: str) -> ScannerError:
    """Return our error for one of ccxt's; the caller raises it `from` the original."""
    sentence = _sentence(error)
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientConnectorError | socket.gaierror):
        return VenueUnavailableError(f"{venue} cannot be reached: {cause}")
    transport = isinstance(cause, aiohttp.ClientError)
    if transport or isinstance(error, errors.OperationFailed):
        return VenueUnavailableError(sentence)
    return VenueRefusedError(sentence)


def _sentence(error: Exception) -> str:
    cause = error.__cause__
    text = " ".join(str(error).split())
    told = f"{type(error).__name__}: {text}"
    if cause is not None:
        told += f" ({type(cause).__name__}: {cause})"
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
