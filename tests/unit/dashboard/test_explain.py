"""Why and why not: gates, votes, funding, and the plan in numbers."""

from datetime import UTC, timedelta
from decimal import Decimal

from common.domain import (
    EntryKind,
    InterestQuadrant,
    Modifier,
    Origin,
    Quality,
    Sizing,
    Source,
    Timeframe,
    Verdict,
)
from dashboard.core import explain
from dashboard.core.plan_card import plan_lines
from dashboard.core.positioning import derivative_lines
from dashboard.core.sheet import Line
from dashboard.core.standing import standing
from tests.support import facts


def by_label(lines: tuple[Line, ...]) -> dict[str, Line]:
    return {line.label: line for line in lines}


def test_every_gate_is_listed_and_those_that_refused_come_first() -> None:
    rows = explain.gate_rows(facts.gates("btc_conflict"))

    assert len(rows) == len(facts.gates())
    assert [cell.text for cell in rows[0].cells] == [
        "✕ refused",
        "BTC conflict",
        "2.6 points",
        "−60 points",
        "needs -60.0 points, has 2.6",
    ]
    assert rows[-1].cells[0].text == "– not evaluated"
    assert rows[-1].cells[2].text == "—"


def test_a_gate_that_was_not_evaluated_says_so() -> None:
    (row,) = explain.gate_rows(
        (facts.gate("funding", Verdict.NOT_EVALUATED, value=None, timeframe=None),)
    )

    assert [cell.text for cell in row.cells][:3] == ["– not evaluated", "funding", "—"]


def test_votes_are_shown_by_timeframe_with_their_sums_and_regime() -> None:
    signal = facts.signal(score=80.0)
    rows = {row.id: row for row in explain.vote_rows(signal)}

    assert [column.label for column in explain.vote_columns(signal)] == [
        "Vote",
        "1d · 0.35",
        "4h · 0.45",
        "1h · 0.20",
    ]
    assert [cell.text for cell in rows["supertrend"].cells] == ["supertrend"] + ["+1.00"] * 3
    assert rows["stoch_rsi"].cells[1].level == -0.3
    assert rows["sum score"].cells[1].text == "+60"
    assert rows["regime"].cells[1].text == "trending up"


def test_a_vote_that_could_not_be_cast_is_a_dash() -> None:
    signal = facts.signal()
    silent = tuple(
        reading.model_copy(
            update={
                "votes": tuple(
                    vote.model_copy(update={"value": None, "weight": 0.0}) for vote in reading.votes
                ),
                "regime": None,
                "score": None,
            }
        )
        for reading in signal.timeframes
    )

    rows = explain.vote_rows(signal.model_copy(update={"timeframes": silent}))

    assert {cell.text for row in rows[:6] for cell in row.cells[1:]} == {"—"}
    assert {cell.level for row in rows[:6] for cell in row.cells[1:]} == {None}
    assert rows[-1].cells[1].text == "—"


def test_modifiers_are_named_with_their_points() -> None:
    applied = (Modifier(name="bullish_engulfing", points=4.0), Modifier(name="streak", points=-3.0))

    assert explain.modifiers(applied) == "bullish engulfing +4.0 · streak −3.0"


def test_funding_is_shown_with_its_real_interval_and_per_eight_hours() -> None:
    lines = by_label(derivative_lines(facts.derivatives(), UTC))

    assert lines["Funding"].value == "+0.0050 %"
    assert lines["Funding"].note == "every 4 h · longs pay"
    assert lines["Funding per 8 h"].value == "+0.0100 %"
    assert lines["Funding per 8 h"].note == "+10.9 % a year"
    assert lines["Change 1h / 4h / 24h"].value == "+1.2 % / — / −3.4 %"
    assert lines["… of its value"].value == "+1.4 % / — / −5.2 %"


def test_positions_are_shown_with_what_they_were_read_from_and_when() -> None:
    lines = by_label(
        derivative_lines(
            facts.derivatives(
                quadrant_4h=InterestQuadrant.SHORT_COVERING, open_interest_change_4h=-0.021
            ),
            UTC,
        )
    )

    assert lines["Price and interest, 4h"].value == "short covering"
    assert lines["Price and interest, 4h"].note == (
        "price rose, open interest fell: +0.8 % / −2.1 %"
    )
    assert lines["Long / short accounts"].value == "1.67"
    assert lines["Long / short accounts"].note == "62.5 % long"
    assert lines["Index"].note == "mark +10.0 bps"
    assert lines["Observed"].note == "open interest 07:59:53 · accounts 07:55:00"


def test_derivatives_that_are_not_known_are_dashes_not_zeros() -> None:
    unknown = facts.derivatives(
        funding_rate=None,
        funding_interval_hours=None,
        funding_rate_8h=None,
        open_interest=None,
        open_interest_usd=None,
        next_funding_at=None,
        index_price=None,
        funding_rate_year=None,
        basis_bps=None,
        long_share=None,
        long_short_ratio=None,
    )
    lines = by_label(derivative_lines(unknown, UTC))

    for label in (
        "Funding",
        "Funding per 8 h",
        "Open interest",
        "Next funding",
        "Price and interest, 4h",
        "Long / short accounts",
        "Index",
    ):
        assert lines[label].value == "—", label
    assert lines["Funding"].note == "interval not known"
    assert derivative_lines(None, UTC)[0].value == "—"


def test_a_plan_card_has_every_number_and_calls_its_times_if_reached() -> None:
    plan = facts.plan()
    lines = by_label(plan_lines(plan, standing(plan, (), 100.0, None), UTC))

    assert lines["Entry"].note == "at market"
    assert lines["Stop"].note == "by ATR · 1.50 ATR, 3.00 % from entry"
    assert lines["TP1"].note == (
        "1.50 R, net 1.40 R · closes 50% · if reached: 20h 00m · 1d 11h · 2d 8h (P25 · P50 · P75)"
    )
    assert lines["Reward / risk"].value == "1.93 net"
    assert lines["Reward / risk"].note == "2.25 gross · 2.00 net at mark"
    assert "fee 2 × 0.05%, spread 1.2 bps, slippage 2.0 bps" in lines["Risk R"].note
    assert lines["Funding to pay"].value == "0.120 %"
    assert lines["Max leverage"].value == "13×"
    assert lines["Max leverage"].note == "isolated margin assumed, maintenance about 1 %"
    assert lines["Expires"].value == "Sun 11 Jan 17:00"


def test_a_funding_credit_is_shown_and_not_counted() -> None:
    costs = facts.plan().costs.model_copy(
        update={"funding_signed": -0.0003, "funding_charged": 0.0}
    )
    plan = facts.plan(costs=costs)
    line = by_label(plan_lines(plan, standing(plan, (), None, None), UTC))["Funding to pay"]

    assert line.value == "0.000 %"
    assert line.note.endswith("a credit of 0.030 % is not counted")


def test_funding_that_is_not_known_is_a_dash_and_an_assumed_spread_is_called_assumed() -> None:
    costs = facts.plan().costs.model_copy(
        update={"funding_signed": None, "funding_settlements": None, "spread_assumed": True}
    )
    plan = facts.plan(costs=costs, kind=EntryKind.PULLBACK)
    lines = by_label(plan_lines(plan, standing(plan, (), None, None), UTC))

    assert lines["Funding to pay"].value == "—"
    assert "assumed" in lines["Risk R"].note
    assert lines["Entry"].note == "pull-back, zone 99.00 – 100.00"


def test_a_size_is_shown_when_an_account_is_known() -> None:
    sizing = Sizing(
        account=Decimal(10000),
        risk_share=0.01,
        quantity=Decimal("30.7"),
        notional=Decimal("3070.00"),
        risk=Decimal("99.8"),
    )
    plan = facts.plan(sizing=sizing)

    line = by_label(plan_lines(plan, standing(plan, (), None, None), UTC))["Size"]

    assert line.value == "30.7"
    assert line.note == "notional 3,070.00, loses 99.8 at the stop (1.0% of 10,000)"


def test_candles_from_elsewhere_say_from_where_and_how_old_they_are() -> None:
    quality = Quality(
        score=1.0,
        source=Source.SPOT,
        origins=(
            Origin(
                timeframe=Timeframe.H4,
                source=Source.SPOT,
                place="binance-spot",
                newest_close=facts.AS_OF - timedelta(hours=4),
            ),
            Origin(
                timeframe=Timeframe.H1,
                source=Source.OTHER_VENUE,
                place="bybit",
                newest_close=facts.AS_OF,
            ),
            Origin(timeframe=Timeframe.D1, source=Source.VENUE, place="binance", newest_close=None),
        ),
    )

    assert explain.origin(quality, Timeframe.H4, facts.AS_OF) == (
        "spot candles, no volumes (binance-spot, newest 4h 00m before the scan)"
    )
    assert explain.origin(quality, Timeframe.H1, facts.AS_OF) == (
        "another venue's candles (bybit, newest 0s before the scan)"
    )
    assert explain.origin(quality, Timeframe.D1, facts.AS_OF) == ""
    assert explain.origin(Quality(score=1.0), Timeframe.H1, facts.AS_OF) == ""
