"""What the analyst says of a plan: words about numbers it was given, never new numbers."""

from enum import StrEnum

from pydantic import Field
from typing_extensions import override

from common.domain.base import Model, ScanFact, Unit
from common.domain.requests import Request


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


class RecordRequest(Request):
    """Ask how the analyst's verdicts fared: against themselves, in the mirror, against outcomes."""

    subject = "analyst.request.record"
    answered_with = "AnalystRecord"


class StanceRecord(Model):
    """What became of the plans a model took one stance on."""

    stance: Stance
    verdicts: int = Field(ge=0)
    decided: int = Field(ge=0)
    """Plans among them that were entered and ended with a known result."""
    mean_net_r: float | None = None
    """Their mean result in units of risk after costs; null below 30 of them."""


class ModelRecord(Model):
    """How one model's verdicts fared with one set of prompts; null is not enough to tell."""

    model: str
    prompt_version: str
    verdicts: int = Field(ge=0)
    """Plans it gave a verdict on."""
    reasons: int = Field(ge=0)
    """Reasons that passed the number check."""
    reasons_struck: int = Field(ge=0)
    longs: int = Field(ge=0)
    """Verdicts on long plans."""
    longs_agreed: int = Field(ge=0)
    shorts: int = Field(ge=0)
    shorts_agreed: int = Field(ge=0)
    repeated: int = Field(ge=0)
    """Plans it was asked about more than once at temperature 0."""
    disagreement: Unit | None = None
    """Mean share of the repeats whose stance was not the commonest; null without any."""
    mirrored: int = Field(ge=0)
    """Plans it argued for again with all prices flipped, saying both times which way it leans."""
    turned: int = Field(ge=0)
    """How often its lean flipped with the prices, as it must."""
    stances: tuple[StanceRecord, ...]
    decided: int = Field(ge=0)
    """Plans that were entered and ended with a known result."""
    unfilled: int = Field(default=0, ge=0)
    """Plans that ended without being entered: no result, and in no mean."""
    unknown: int = Field(default=0, ge=0)
    """Plans that ended with a result nobody knows (stop and target in one candle, candles missing,
    trading ended): in no mean either."""
    mean_net_r: float | None = None
    """Mean result of all decided plans, whatever it said; null below 30."""
    margin_net_r: float | None = None
    """Half of the mean's 95 % interval; plans of one day move together and count as fewer."""
    mean_net_r_without_vetoes: float | None = None
    """The same without the plans it vetoed: what following it would have changed; null below 30."""
    margin_net_r_without_vetoes: float | None = None


class AnalystRecord(Model):
    """The record of every model that gave verdicts, the busiest first."""

    models: tuple[ModelRecord, ...]
