"""How a model's verdicts fared: against themselves, in the mirror, against what came of the plans.

A plan that was never entered is no result: its 0 R would only make a loss look smaller.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from ai_analyst.core.verdicts import Judged, disagreement
from common.domain import AnalystRecord, Direction, Estimate, ModelRecord, Stance, StanceRecord
from common.estimates import Result, mean_of


def record(judged: Iterable[Judged]) -> AnalystRecord:
    """Write the record of every model and every version of its prompts, the busiest first."""
    by_model: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        by_model[one.verdict.model, one.verdict.prompt_version].append(one)
    records = [_model_record(*name, found) for name, found in by_model.items()]
    records.sort(key=lambda one: (-one.verdicts, one.model, one.prompt_version))
    return AnalystRecord(models=tuple(records))


def _model_record(model: str, version: str, judged: Sequence[Judged]) -> ModelRecord:
    plans: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
    for one in sorted(judged, key=lambda one: one.verdict.attempt):
        plans[one.verdict.venue, one.verdict.symbol, one.verdict.scan_id].append(one)
    straight = [[one for one in plan if not one.verdict.mirrored] for plan in plans.values()]
    firsts = [plan[0] for plan in straight if plan]
    apart = [
        share
        for plan in straight
        if (share := disagreement([one.verdict.stance for one in plan])) is not None
    ]
    turns = [turned for plan in plans.values() if (turned := _turned(plan)) is not None]
    decided = _decided(firsts)
    result = mean_of(decided)
    kept = mean_of(_decided(one for one in firsts if one.verdict.stance is not Stance.VETO))
    longs = [one for one in firsts if one.verdict.direction is Direction.LONG]
    shorts = [one for one in firsts if one.verdict.direction is Direction.SHORT]
    return ModelRecord(
        model=model,
        prompt_version=version,
        verdicts=len(firsts),
        reasons=sum(len(one.verdict.reasons) for one in firsts),
        reasons_struck=sum(len(one.verdict.struck) for one in firsts),
        longs=len(longs),
        longs_agreed=_agreed(longs),
        shorts=len(shorts),
        shorts_agreed=_agreed(shorts),
        repeated=len(apart),
        disagreement=fmean(apart) if apart else None,
        mirrored=len(turns),
        turned=sum(turns),
        stances=tuple(_stance_record(stance, firsts) for stance in Stance),
        decided=len(decided),
        unfilled=sum(not one.filled and one.net_r is not None for one in firsts),
        unknown=sum(one.ended and one.net_r is None for one in firsts),
        mean_net_r=_value(result),
        margin_net_r=_margin(result),
        mean_net_r_without_vetoes=_value(kept),
        margin_net_r_without_vetoes=_margin(kept),
    )


def _stance_record(stance: Stance, firsts: Sequence[Judged]) -> StanceRecord:
    taken = [one for one in firsts if one.verdict.stance is stance]
    decided = _decided(taken)
    return StanceRecord(
        stance=stance,
        verdicts=len(taken),
        decided=len(decided),
        mean_net_r=_value(mean_of(decided)),
    )


def _turned(plan: Sequence[Judged]) -> bool | None:
    """Say whether a model's lean flipped with the prices; None when it did not lean both times."""
    seen = next((one.verdict.lean for one in plan if not one.verdict.mirrored), None)
    flipped = next((one.verdict.lean for one in plan if one.verdict.mirrored), None)
    return None if seen is None or flipped is None else seen is not flipped


def _agreed(judged: Iterable[Judged]) -> int:
    return sum(one.verdict.stance is Stance.AGREE for one in judged)


def _decided(judged: Iterable[Judged]) -> list[Result]:
    return [
        (one.verdict.asked_at.date(), one.net_r)
        for one in judged
        if one.filled and one.net_r is not None
    ]


def _value(mean: Estimate | None) -> float | None:
    return None if mean is None else mean.value


def _margin(mean: Estimate | None) -> float | None:
    return None if mean is None else mean.high - mean.value
