"""The deterministic check: every number, symbol, direction and time of an answer against facts."""

from ai_analyst.core.verifier.check import Checked, Struck, check

__all__ = ["Checked", "Struck", "check"]
