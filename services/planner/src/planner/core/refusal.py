"""Why there is no plan, in one sentence, and the one change that comes nearest to a plan."""

from collections.abc import Sequence
from math import inf

from common.domain import Gate, RejectionKind, Signal, Verdict

_HISTORY = "history"
_QUALITY = "quality"


def explain(
    signal: Signal, gates: Sequence[Gate], *, drawn: bool
) -> tuple[RejectionKind, str, str | None]:
    """Return the kind of rejection, its reason, and the nearest change that would flip it.

    `drawn` says whether the contract's levels allowed a trade's prices to be drawn at all.
    """
    refusing = [gate for gate in gates if gate.verdict is Verdict.REFUSED]
    young = next((gate for gate in refusing if gate.name == _HISTORY), None)
    if signal.score is None:
        missing = "no indicator of any timeframe could vote, so there is no score"
        return RejectionKind.NO_DATA, missing, None if young is None else young.flip
    if young is not None:
        return RejectionKind.NO_DATA, f"too little history: {young.detail}", young.flip
    # A score from candles that cannot be trusted says little: why they cannot comes first.
    untrusted = next((gate for gate in refusing if gate.name == _QUALITY), None)
    if not signal.candidate:
        weak = _too_weak(signal)
        reason = weak if untrusted is None else f"{_QUALITY}: {untrusted.detail}; {weak}"
        return RejectionKind.NO_SETUP, reason, _needed_score(signal)
    if not drawn:
        missing = (
            "the 1h close, the 4h EMA 21 or the 4h ATR is not known, so no prices can be drawn"
        )
        return RejectionKind.NO_DATA, missing, None
    nearest = untrusted or min(refusing, key=_miss)
    others = ", ".join(_named(gate) for gate in refusing if gate is not nearest)
    reason, flip = f"{_named(nearest)}: {nearest.detail}", nearest.flip
    if others:
        reason = f"{reason}; also refused by {others}"
        flip = flip and f"{flip}; not enough alone: also refused by {others}"
    return RejectionKind.BLOCKED, reason, flip


def _too_weak(signal: Signal) -> str:
    return (
        f"score {_told(signal)} is weaker than the "
        f"{signal.candidate_threshold:g} of either sign that a setup needs"
    )


def _needed_score(signal: Signal) -> str:
    score = signal.score or 0.0
    needed = -signal.candidate_threshold if score < 0 else signal.candidate_threshold
    return f"needs score {needed:+g}, has {_told(signal)}"


def _told(signal: Signal) -> str:
    # 49.96 of 50 must not read as 50.0
    score, needed = signal.score or 0.0, signal.candidate_threshold
    decimals = next((one for one in range(1, 15) if round(abs(score), one) != needed), 15)
    return f"{score:+.{decimals}f}"


def _named(gate: Gate) -> str:
    return gate.name.replace("_", " ")


def _miss(gate: Gate) -> float:
    # thresholds have different units: what counts is the miss relative to the threshold
    if gate.value is None or gate.threshold is None:
        return inf
    return abs(gate.value - gate.threshold) / max(abs(gate.threshold), 1.0)
