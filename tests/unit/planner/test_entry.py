from datetime import timedelta

import pytest

from common.domain import Direction, EntryKind, Verdict
from tests.support.facts import AS_OF
from tests.unit.planner.setups import decided, gate, instrument, levels, planned, price, signal

LONG, SHORT = Direction.LONG, Direction.SHORT


@pytest.mark.parametrize(
    ("reference", "direction"), [(100.0, LONG), (102.0, LONG), (98.0, LONG), (98.0, SHORT)]
)
def test_within_one_atr_of_ema_21_the_entry_is_at_market(
    reference: float, direction: Direction
) -> None:
    entry = planned(signal(reference, direction)).entry

    assert entry.kind is EntryKind.MARKET
    assert entry.price == entry.zone_low == entry.zone_high == price(reference)


def test_further_out_a_long_waits_for_a_pullback_to_the_zones_upper_edge() -> None:
    entry = planned(signal(103.0)).entry

    assert entry.kind is EntryKind.PULLBACK
    assert (entry.zone_low, entry.zone_high) == (price("100.5"), price("101.5"))
    assert entry.price == price("101.5")


def test_further_out_a_short_waits_for_a_pullback_to_the_zones_lower_edge() -> None:
    entry = planned(signal(97.0, SHORT)).entry

    assert entry.kind is EntryKind.PULLBACK
    assert (entry.zone_low, entry.zone_high) == (price("98.5"), price("99.5"))
    assert entry.price == price("98.5")


@pytest.mark.parametrize(
    ("reference", "direction", "verdict"),
    [
        (98.0, LONG, Verdict.PASSED),
        (97.9, LONG, Verdict.REFUSED),
        (102.1, SHORT, Verdict.REFUSED),
        (103.0, LONG, Verdict.PASSED),
    ],
)
def test_no_entry_more_than_one_atr_on_the_wrong_side(
    reference: float, direction: Direction, verdict: Verdict
) -> None:
    assert gate(decided(signal(reference, direction)), "no_entry").verdict is verdict


def test_the_other_gates_are_judged_even_without_an_entry() -> None:
    decision = decided(signal(90.0))

    assert gate(decision, "stop_too_wide").value is not None
    assert gate(decision, "net_rr").value is not None


def test_do_not_chase_beyond_half_an_atr_from_the_entry() -> None:
    assert planned(signal(101.0)).entry.do_not_chase == price("102.00")
    assert planned(signal(103.0)).entry.do_not_chase == price("102.50")
    assert planned(signal(99.0, SHORT)).entry.do_not_chase == price("98.00")


def test_an_entry_is_waited_for_during_three_anchor_bars() -> None:
    assert planned(signal(103.0)).entry.fill_by == AS_OF + timedelta(hours=12)


@pytest.mark.parametrize(
    ("direction", "entry", "stop", "first"),
    [(LONG, "101.1", "98.0", "105.5"), (SHORT, "100.9", "104.0", "96.5")],
)
def test_prices_are_rounded_to_the_tick_against_the_trade(
    direction: Direction, entry: str, stop: str, first: str
) -> None:
    # unrounded: 101.003, a stop of 3 beyond it, 4.5 to the first target
    reference = 101.003 if direction is LONG else 100.997
    sent = signal(reference, direction, instrument=instrument(tick_size=price("0.1")))

    plan = planned(sent)

    assert (plan.entry.price, plan.stop) == (price(entry), price(stop))
    assert plan.targets[0].price == price(first)


@pytest.mark.parametrize("tick", ["5", "50", "1000"])
def test_a_tick_too_coarse_for_the_atr_is_refused_not_rounded_into_a_plan(tick: str) -> None:
    decision = decided(signal(101.0, instrument=instrument(tick_size=price(tick))))

    assert gate(decision, "no_entry").verdict is Verdict.REFUSED
    assert gate(decision, "net_rr").verdict is Verdict.NOT_EVALUATED


def test_an_atr_larger_than_price_allows_is_refused() -> None:
    decision = decided(signal(levels=levels(100.0, anchor_atr=80.0)))

    assert gate(decision, "no_entry").verdict is Verdict.REFUSED
