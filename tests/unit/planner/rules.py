"""The rules as config/scanner.toml has them."""

from pathlib import Path
from typing import Any, Final

from common.settings import SettingsSource
from planner.core.rules import PlanRules
from planner.settings import PlannerSettings

CONFIG: Final = Path(__file__).parents[3] / "config" / "scanner.toml"


def load_rules(**environment: Any) -> PlanRules:
    """The file's rules; `SIZING__ACCOUNT=1000` overrides one number."""
    overrides = {f"SCANNER_PLANNER__{name}": str(value) for name, value in environment.items()}
    source = SettingsSource.load({"SCANNER_CONFIG": str(CONFIG), **overrides})
    return source.read(PlannerSettings).rules
