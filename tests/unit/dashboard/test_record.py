"""How plans ended, in words: estimates with their intervals, and few results told as few."""

from typing import Final

from common.domain import (
    Aspect,
    Estimate,
    LosingRun,
    OutcomeStep,
    PlanFigures,
    PlanRecord,
    RecordPart,
    TargetTimes,
)
from dashboard.core.record import record_lines, record_rows

ENOUGH: Final = PlanFigures(
    plans=300,
    waiting=4,
    running=8,
    never_entered=76,
    decided=200,
    unknown=12,
    entered=220,
    ends={
        OutcomeStep.STOPPED: 118,
        OutcomeStep.TP2: 82,
        OutcomeStep.NOT_FILLED: 76,
        OutcomeStep.AMBIGUOUS: 12,
        OutcomeStep.DELISTED: 0,
    },
    first_target_known=212,
    first_target_reached=87,
    first_target_share=Estimate(value=87 / 212, low=0.346, high=0.478),
    first_target_times=TargetTimes(median_hours=14, told_hours=12.5, within_told=0.48),
    mean_net_r=Estimate(value=-0.03, low=-0.15, high=0.09),
    total_net_r=-6.0,
    worst_run=LosingRun(losses=9, net_r=-8.7),
)
FEW: Final = ENOUGH.model_copy(
    update={
        "decided": 7,
        "first_target_known": 9,
        "first_target_reached": 4,
        "first_target_share": None,
        "first_target_times": None,
        "mean_net_r": None,
        "total_net_r": 1.5,
    }
)
NONE: Final = PlanFigures.model_validate(
    {
        "plans": 0, "waiting": 0, "running": 0, "never_entered": 0, "decided": 0, "unknown": 0,
        "entered": 0, "ends": {}, "first_target_known": 0, "first_target_reached": 0,
        "first_target_share": None, "first_target_times": None, "mean_net_r": None,
        "total_net_r": None, "worst_run": None,
    }
)  # fmt: skip


def record(total: PlanFigures, *parts: RecordPart) -> PlanRecord:
    return PlanRecord(simulated=True, total=total, parts=parts)


def told(total: PlanFigures) -> dict[str, tuple[str, str]]:
    return {line.label: (line.value, line.note) for line in record_lines(record(total))}


def texts(*parts: RecordPart) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in record_rows(record(ENOUGH, *parts))]


def test_enough_plans_are_told_with_what_their_figures_are_worth() -> None:
    assert told(ENOUGH) == {
        "Proposed": (
            "300 plans",
            (
                "220 entered, 76 never entered, 12 open, 12 with a result nobody knows · "
                "118 stopped, 82 tp2, 76 not filled, 12 ambiguous"
            ),
        ),
        "TP1 before stop": ("41 %", "35–48 %, 87 of 212 entered plans"),
        "Time to TP1": (
            "14h 00m",
            "the median; 12h 30m was told, 48 % came within the quartiles told (half should)",
        ),
        "Mean result": (
            "−0.03 R",
            "−0.15 to +0.09; 200 results after costs, −6.0 R in all",
        ),
        "Worst run": ("9 losses", "−8.70 R together"),
    }


def test_few_results_are_told_as_they_are_without_a_share_or_a_mean() -> None:
    few = told(FEW)

    assert few["TP1 before stop"] == (
        "4 of 9 entered plans",
        "too few to tell: 30 are needed, 9 are known",
    )
    assert few["Mean result"] == (
        "+1.50 R in 7 results",
        "too few to tell: 30 are needed, 7 are known",
    )
    assert "Time to TP1" not in few


def test_entered_plans_without_a_result_have_none() -> None:
    running = NONE.model_copy(update={"plans": 1, "running": 1, "entered": 1})

    assert told(running)["Mean result"][0] == "no result yet"
    assert told(running)["TP1 before stop"][0] == "no result yet"


def test_no_plan_is_one_line() -> None:
    assert told(NONE) == {"Proposed": ("0 plans", "")}


def test_parts_are_shown_where_they_tell_plans_apart() -> None:
    def part(aspect: Aspect, value: str, figures: PlanFigures) -> RecordPart:
        return RecordPart(aspect=aspect, value=value, figures=figures)

    rows = texts(
        part(Aspect.DIRECTION, "long", ENOUGH),
        part(Aspect.DIRECTION, "short", FEW),
        part(Aspect.VENUE, "binance", ENOUGH),
    )

    assert rows == [
        ["All", "300", "76", "12", "12", "41 %", "−0.03 R", "−6.0 R", "9 losses"],
        ["long", "300", "76", "12", "12", "41 %", "−0.03 R", "−6.0 R", "9 losses"],
        ["short", "300", "76", "12", "12", "—", "—", "+1.5 R", "9 losses"],
    ]
