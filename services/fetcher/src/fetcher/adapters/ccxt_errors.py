"""ccxt's exceptions to ours, at the border and nowhere else; most specific first.

ccxt files by message as much as by status, so transport failures it calls `ExchangeError`
(a truncated body) are told apart by their cause.
"""

import aiohttp
from ccxt.base import errors as ccxt

from common.errors import ScannerError, VenueRefusedError, VenueUnavailableError

_LONGEST: int = 300

_UNAVAILABLE: tuple[type[Exception], ...] = (ccxt.OperationFailed,)
_REFUSED: tuple[type[Exception], ...] = (ccxt.BaseError,)


def translate(error: Exception) -> ScannerError:
    """Return our error for one of ccxt's; the caller raises it `from` the original."""
    sentence = _sentence(error)
    if isinstance(error, _UNAVAILABLE) or isinstance(error.__cause__, aiohttp.ClientError):
        return VenueUnavailableError(sentence)
    if isinstance(error, _REFUSED):
        return VenueRefusedError(sentence)
    return VenueUnavailableError(sentence)


def _sentence(error: Exception) -> str:
    cause = error.__cause__
    text = " ".join(str(error).split())
    told = f"{type(error).__name__}: {text}"
    if cause is not None:
        told += f" ({type(cause).__name__}: {cause})"
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
