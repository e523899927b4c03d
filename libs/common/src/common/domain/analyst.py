"""What the analyst says of a plan: words about numbers it was given, never new numbers."""

from enum import StrEnum

from typing_extensions import override

from common.domain.base import ScanFact


class Stance(StrEnum):
    """The analyst's verdict on a plan; it changes nothing in the plan."""

    AGREE = "agree"
    CAUTION = "caution"
    VETO = "veto"


class AnalystNote(ScanFact):
    """A model's verdict on one plan, written before anything is known of its outcome."""

    stance: Stance
    reasons: tuple[str, ...]
    model: str
    prompt_version: str
    struck: tuple[str, ...] = ()
    """Sentences removed because a number in them matched no fact."""

    @property
    @override
    def key(self) -> str:
        return f"note.{self.venue}.{self.symbol}.{self.scan_id}.{self.model}"
