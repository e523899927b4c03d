"""The settings of indicators: how much it takes and tells at once."""

from typing import ClassVar

from pydantic import Field

from common.settings import Section
from indicators.core.frames import LAST_ROWS


class IndicatorsSettings(Section):
    """The `[indicators]` table."""

    section: ClassVar[str] = "indicators"

    batch: int = Field(default=16, ge=1, le=64)
    """CandleSets computed together; each is whole, about 200 kB."""
    last_rows: int = Field(default=LAST_ROWS, ge=16, le=256)
    """Rows of every timeframe that leave with a scan: signals reads a handful, people more."""
