"""Every error this project raises on purpose.

::

    ScannerError
    ├── SettingsError           the service prints one sentence and exits non-zero
    ├── InvalidMessageError     the message is terminated and becomes a DeadLetter
    ├── InvalidDataError        a value cannot be true; its symbol is refused by name
    ├── TransientError          the work is tried again later, with back-off
    │   ├── BusUnavailableError     the broker does not answer
    │   ├── StreamFullError         the stream refuses new messages; the publisher pauses
    │   ├── DatabaseUnavailableError  Postgres does not answer
    │   └── VenueUnavailableError   the venue does not answer as it should
    │       └── VenueCoolingError       the venue told us to stay away until a stated time
    │           └── VenueForbiddenError     the venue refuses this place: use another source
    └── VenueRefusedError       the venue understood and said no; no retry
"""

from datetime import datetime


class ScannerError(Exception):
    """The root of the tree: catch it to catch everything raised here on purpose."""


class SettingsError(ScannerError):
    """A setting is unknown or out of range: the service does not start."""


class InvalidMessageError(ScannerError):
    """A message cannot be read as the fact it claims to be: it is set aside as a DeadLetter."""


class InvalidDataError(ScannerError):
    """A value contradicts what it stands for: the symbol it belongs to is refused by name."""


class TransientError(ScannerError):
    """The cause may pass: the message is offered again after a pause."""


class BusUnavailableError(TransientError):
    """The broker cannot be reached: connecting is tried again."""


class StreamFullError(TransientError):
    """A stream has reached its limit and refuses new messages: the publisher pauses."""


class DatabaseUnavailableError(TransientError):
    """Postgres cannot be reached: the batch stays on the stream and is tried again."""


class VenueUnavailableError(TransientError):
    """The venue does not answer, or not with what was asked: the request is tried again."""


class VenueCoolingError(VenueUnavailableError):
    """The venue asked us to stop: no request leaves until `until` (venue wall time, UTC)."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class VenueForbiddenError(VenueCoolingError):
    """The venue refuses this place or address: it is asked again only at long intervals."""


class VenueRefusedError(ScannerError):
    """The venue understood the request and refused it: asking again would change nothing."""
