"""Facts in, by id: one typed line per number, with unit, time and age."""

from ai_analyst.core.facts.datum import Datum, Unit
from ai_analyst.core.facts.table import FactTable

__all__ = ["Datum", "FactTable", "Unit"]
