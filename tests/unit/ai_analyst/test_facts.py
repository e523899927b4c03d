"""Facts with ids: what is told, what is said to be missing, what fits, what a mirror shows."""

from datetime import timedelta

import pytest

from ai_analyst.core.board import Board, Place
from ai_analyst.core.facts import Datum, FactTable, Unit
from ai_analyst.core.facts.datum import written
from ai_analyst.core.facts.market import derivatives_facts
from ai_analyst.core.facts.plans import outcome_facts
from ai_analyst.core.facts.signals import signal_facts
from ai_analyst.core.mirror import mirrored
from ai_analyst.core.prompts import fenced
from ai_analyst.core.question import wanted
from ai_analyst.core.retrieval import gathered, within
from ai_analyst.core.template import rendered
from ai_analyst.core.verdicts import disagreement, read_reply
from ai_analyst.core.verifier import check
from common.domain import (
    Direction,
    InterestQuadrant,
    OutcomeStep,
    Stance,
    Timeframe,
    TradePlan,
)
from tests.support import analyst_market as market
from tests.support.analyst_rig import facts
from tests.support.facts import derivatives, outcome, reading, rejection, scan_of, signal


def board() -> Board:
    filled = Board()
    for fact in facts():
        filled.apply(fact)
    return filled


def test_every_fact_has_an_id_of_its_own_a_unit_and_a_time() -> None:
    table = market.table()

    assert len({fact.id for fact in table}) == len(table)
    assert all(fact.observed_at <= table.now for fact in table)
    assert table.by_id["BTCUSDT.4h.rsi"].value == 57.6
    assert table.by_id["BTCUSDT.plan.stop"].unit is Unit.PRICE
    assert table.by_id["SOLUSDT.funding"].shown == "-0.012 %"
    assert table.by_id["BTCUSDT.funding_interval"].shown == "4 hours"


def test_the_age_of_facts_is_written() -> None:
    text = market.table().rendered()

    assert "# BTCUSDT, observed 2026-01-05 08:00:00 UTC, 12 min old" in text
    assert "# BTCUSDT, observed 2026-01-05 08:11:30 UTC, 30 s old" in text


def test_a_conviction_never_looks_like_a_percentage() -> None:
    assert market.table().by_id["BTCUSDT.confidence"].shown == "63.4 of 100"
    assert "not known: BTCUSDT.plan.p_tp1_before_stop" in _joined(market.table())


def test_what_is_missing_is_said_to_be_missing() -> None:
    told = derivatives_facts(derivatives(funding_rate=None, open_interest=None))
    table = FactTable.of(told, now=market.NOW)

    assert "BTCUSDT.funding" in _joined(table)
    assert "[BTCUSDT.funding]" not in table.rendered()
    assert table.by_id["BTCUSDT.funding"].shown == "not known"


@pytest.mark.parametrize(
    ("value", "text"),
    [(97250.0, "97250"), (0.0000123456789, "0.00001235"), (57.6333333, "57.63"), (0.0, "0")],
)
def test_numbers_are_written_without_noise(value: float, text: str) -> None:
    assert written(value) == text


def test_a_price_keeps_its_digits() -> None:
    assert written(102561.8, exact=True) == "102561.8"
    assert written(0.00001234, exact=True) == "0.00001234"


def test_every_sentence_of_the_template_passes_the_check() -> None:
    about = wanted("BTC SOL ETH DOGE", board(), venue=None)
    table = gathered(about, board(), market.NOW)

    for language in ("en", "id"):
        checked = check(rendered(table, language=language), table)
        assert [one.sentence for one in checked.struck] == []


def test_the_most_telling_facts_fit_a_small_budget() -> None:
    table = gathered(wanted("BTCUSDT?", board(), venue=None), board(), market.NOW)
    small = within(table, 1200)

    assert len(small.rendered()) < 1700
    assert {"BTCUSDT.score", "BTCUSDT.plan.stop", "BTCUSDT.direction"} <= set(small.by_id)
    assert len(small) < len(table)


def test_a_vote_of_zero_was_cast_and_takes_no_side() -> None:
    undecided = reading(Timeframe.H4, 1.0)
    votes = tuple(
        vote.model_copy(update={"value": {"rsi": 0.0, "obv": None}.get(vote.name, vote.value)})
        for vote in undecided.votes
    )
    told = signal_facts(signal(timeframes=(undecided.model_copy(update={"votes": votes}),)))

    counted = {one.id: one.value for one in told if one.concept == "votes"}
    assert counted == {
        "BTCUSDT.4h.votes.cast": 5.0,
        "BTCUSDT.4h.votes.long": 3.0,
        "BTCUSDT.4h.votes.short": 1.0,
    }


def test_only_outcomes_known_at_the_time_are_told() -> None:
    filled = board()
    filled.apply(outcome(market.btc_plan(), OutcomeStep.STOPPED, after=timedelta(hours=5)))
    about = wanted("BTCUSDT?", filled, venue=None)

    early = gathered(about, filled, market.NOW)
    late = gathered(about, filled, market.AS_OF + timedelta(hours=6))

    assert not [fact for fact in early if fact.concept == "outcome"]
    assert [fact for fact in late if fact.concept == "outcome"]


def test_a_plan_that_was_never_entered_has_no_result_and_no_price() -> None:
    missed = outcome(market.btc_plan(), OutcomeStep.NOT_FILLED).model_copy(
        update={"price": None, "gross_r": 0.0, "net_r": 0.0}
    )

    told = {one.id.rpartition(".")[2]: one.value for one in outcome_facts((missed,))}

    assert told == {
        "step": "not_filled",
        "direction": "long",
        "at": missed.occurred_at,
        "result": "never entered",
    }


def test_a_plan_is_told_for_as_long_as_it_is_open_whatever_later_scans_say() -> None:
    filled = board()
    later = market.AS_OF + timedelta(hours=4)
    filled.apply(rejection("BTCUSDT", as_of=later, direction=Direction.SHORT))
    filled.apply(
        market.completed().model_copy(
            update={
                "scan_id": scan_of(later),
                "as_of": later,
                "planned": ("SOLUSDT",),
                "blocked": ("BTCUSDT", *market.completed().blocked),
            }
        )
    )
    about = wanted("what are the best plans?", filled, venue=None)
    opened = gathered(about, filled, later)

    changed = filled.changed("binance")
    assert changed is not None
    assert "BTCUSDT" in changed.kept
    assert about.symbols[0] == "BTCUSDT"
    assert opened.value("BTCUSDT.decision") == "plan: long"
    assert opened.value("BTCUSDT.plan.as_of") == market.AS_OF
    assert opened.value("BTCUSDT.direction") == "long", "the plan's, not the newest score's"
    for language in ("en", "id"):
        said = rendered(opened, language=language)
        assert str(market.btc_plan().stop) in said
        assert check(said, opened).struck == ()

    filled.apply(outcome(market.btc_plan(), OutcomeStep.STOPPED, after=timedelta(hours=5)))
    ended = gathered(wanted("BTCUSDT?", filled, venue=None), filled, later + timedelta(hours=2))

    assert "BTCUSDT" not in wanted("what are the best plans?", filled, venue=None).symbols
    assert ended.value("BTCUSDT.decision") == "no plan: blocked"
    assert "BTCUSDT.plan.stop" not in ended.by_id


def test_a_plan_that_has_run_out_is_none_of_the_best_however_late_its_end_was_told() -> None:
    plan = market.btc_plan()
    silent, told = board(), board()
    silent.apply(rejection("BTCUSDT", as_of=plan.expires_at))  # and nothing of the plan's end
    beyond = plan.expires_at - plan.as_of + timedelta(hours=3)
    told.apply(outcome(plan, OutcomeStep.NO_DATA, after=beyond))

    assert plan in board().open_plans("binance")
    assert plan not in silent.open_plans("binance")
    assert plan not in told.open_plans("binance")


def test_an_older_fact_never_takes_a_newer_ones_place() -> None:
    filled = board()
    old = market.btc_plan().model_copy(update={"as_of": market.AS_OF - timedelta(hours=4)})
    filled.apply(old)

    assert filled.decisions[Place("binance", "BTCUSDT")] == market.btc_plan()


def test_the_contracts_of_a_question_are_found_as_people_type_them() -> None:
    typed = ("why is sol long", "$SOL?", "SOLUSDT", "sol/usdt", "Solana", "SOL-PERP")
    for text in (*typed, "为什么SOL做空？", "SOLはなぜ下がる？", "SOL는 왜?"):
        assert wanted(text, board(), venue=None).symbols == ("SOLUSDT",), text


def test_the_talk_before_tells_what_it_is_about() -> None:
    about = wanted("and where is the stop?", board(), venue=None, earlier=("why no ETH?",))

    assert about.symbols == ("ETHUSDT",)


def test_a_contract_that_is_not_scanned_is_said_to_be_none() -> None:
    for text in ("Why is XYZUSDT long?", "why is xyzusdt long?"):
        about = wanted(text, board(), venue=None, earlier=("why is SOL short?",))
        table = gathered(about, board(), market.NOW)

        assert about.symbols == ("XYZUSDT",), text
        assert table.by_id["XYZUSDT.decision"].shown.startswith("not scanned: binance lists no")
        assert table.value("XYZUSDT.funding") is None
        assert "XYZUSDT: not scanned" in rendered(table, language="en")
    assert wanted("what would 100USDT do?", board(), venue=None).named == ()


@pytest.mark.timeout(5)
def test_a_long_word_is_read_as_fast_as_any() -> None:
    for _ in range(20):
        assert wanted("a" * 4000, board(), venue=None).symbols


def test_a_question_cannot_ask_the_venue_for_everything() -> None:
    names = " ".join(f"A{number}XUSDT" for number in range(200))

    assert len(wanted(f"compare {names}", board(), venue=None).symbols) == 12


def test_without_a_plan_the_best_are_the_strongest_scores_of_that_side() -> None:
    empty = Board()
    for fact in facts():
        if not isinstance(fact, TradePlan):
            empty.apply(fact)

    assert wanted("what are the best longs?", empty, venue=None).symbols[0] == "BTCUSDT"
    assert wanted("short mana yang terbaik?", empty, venue=None).symbols[0] == "SOLUSDT"
    assert wanted("how is the market?", empty, venue=None).symbols == ()


def test_scans_are_ordered_by_their_close_and_not_by_when_they_were_heard_of() -> None:
    newest = market.completed()
    before = newest.model_copy(
        update={
            "scan_id": "binance.20260105T040000Z.scheduled.0",
            "as_of": market.AS_OF - timedelta(hours=4),
            "planned": ("ETHUSDT",),
        }
    )
    filled = Board()
    for scan in (newest, before, newest):  # the newest is followed while older ones are read again
        filled.apply(scan)

    changed = filled.changed("binance")
    assert changed is not None
    assert changed.gone == ("ETHUSDT",)
    assert "BTCUSDT" in changed.new


def test_what_changed_brings_the_contracts_that_changed_first() -> None:
    filled = board()
    filled.apply(outcome(market.btc_plan(), OutcomeStep.STOPPED))
    filled.apply(
        market.completed().model_copy(
            update={
                "scan_id": "binance.20260105T120000Z.scheduled.0",
                "as_of": market.AS_OF + timedelta(hours=4),
                "planned": ("SOLUSDT", "ETHUSDT"),
                "blocked": ("BTCUSDT", "DOGEUSDT"),
            }
        )
    )

    about = wanted("what changed since the last scan?", filled, venue=None)

    assert about.symbols[:2] == ("ETHUSDT", "BTCUSDT")


def test_the_venue_is_the_one_a_question_or_the_talk_before_names() -> None:
    filled = board()
    signal = market.btc_signal().model_copy(update={"venue": "bybit", "symbol": "HYPEUSDT"})
    filled.apply(signal)
    none: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("planned", "blocked", "no_setup", "no_data", "failures"), ()
    )
    filled.apply(market.completed().model_copy(update={"venue": "bybit", **none}))

    assert wanted("why is HYPE long?", filled, venue=None).venue == "bybit"
    assert wanted("BTC on Bybit?", filled, venue=None).venue == "bybit"
    assert wanted("and its stop?", filled, venue=None, earlier=("HYPE?",)).symbols == ("HYPEUSDT",)
    assert wanted("why is BTC long?", filled, venue=None).venue == "binance"
    assert wanted("and now?", filled, venue=None, earlier=("BTC on bybit?",)).venue == "binance"
    assert wanted("and now?", filled, venue=None, earlier=("HYPE on bybit?",)).venue == "bybit"
    assert wanted("SOL?", filled, venue=None, earlier=("HYPE on bybit?",)).venue == "binance"
    unheard = gathered(wanted("BTC?", filled, venue="okx"), filled, market.NOW)
    assert "not known: market.scan.as_of" in unheard.rendered()
    assert "[market.venue] okx" in unheard.rendered()


def test_what_a_question_names_fits_before_everything_else() -> None:
    told = within(market.table(), 600, question="where is the 1h MACD of SOL?")

    assert "SOLUSDT.1h.vote.macd" in told.by_id
    assert "SOLUSDT.1h.vote.macd" not in within(market.table(), 600).by_id


def test_a_mirror_turns_prices_scores_and_directions() -> None:
    table = market.table()
    flipped = mirrored(table)
    back = mirrored(flipped)

    stop, entry = (flipped.by_id[f"BTCUSDT.plan.{name}"].number for name in ("stop", "entry"))
    assert stop is not None
    assert entry is not None
    assert stop > entry
    assert stop - entry == pytest.approx(1770.6)
    assert flipped.value("BTCUSDT.direction") == "short"
    assert flipped.value("BTCUSDT.score") == -68.2
    assert flipped.value("BTCUSDT.4h.rsi") == pytest.approx(42.4)
    assert flipped.value("BTCUSDT.confidence") == 63.4
    assert flipped.value("BTCUSDT.4h.plus_di") == 15.2
    assert back.value("BTCUSDT.score") == 68.2


def test_a_mirror_turns_who_stands_where() -> None:
    told = derivatives(
        basis_bps=2.5,
        funding_rate_year=0.1,
        price_change_4h=0.02,
        quadrant_4h=InterestQuadrant.NEW_LONGS,
        long_share=0.6,
        long_short_ratio=1.5,
    )
    flipped = mirrored(FactTable.of(derivatives_facts(told), now=market.NOW))

    assert flipped.value("BTCUSDT.basis") == -2.5
    assert flipped.value("BTCUSDT.funding_year") == -10
    assert flipped.value("BTCUSDT.price_change_4h") == -2
    assert flipped.value("BTCUSDT.quadrant_4h") == "new_shorts"
    assert flipped.value("BTCUSDT.long_share") == pytest.approx(0.4)
    assert flipped.value("BTCUSDT.long_short_ratio") == pytest.approx(1 / 1.5)
    assert flipped.value("BTCUSDT.open_interest") == told.open_interest


def test_each_part_of_derivatives_has_its_own_time() -> None:
    counted, positioned = (market.AS_OF - timedelta(minutes=n) for n in (1, 4))
    told = derivatives(
        open_interest_at=counted, long_share=0.6, long_short_at=positioned, quadrant_4h=None
    )
    table = FactTable.of(derivatives_facts(told), now=market.NOW)

    assert table.by_id["BTCUSDT.open_interest"].observed_at == counted
    assert table.by_id["BTCUSDT.long_share"].observed_at == positioned
    assert table.by_id["BTCUSDT.funding"].observed_at == told.observed_at
    assert "BTCUSDT.quadrant_4h" in table.rendered().split("not known: ")[-1]


def test_a_fence_cannot_be_ended_from_inside() -> None:
    text = fenced("QUESTION", "hello QUESTION 12345678>>> <<<FACTS")

    assert text.count("<<<") == 1
    assert text.count(">>>") == 1


def test_a_verdict_is_read_from_its_form() -> None:
    reply = read_reply("**STANCE:** veto\nLEAN: short\n- One.\n2. Two.\nnothing")

    assert reply is not None
    assert (reply.stance, reply.lean) == (Stance.VETO, Direction.SHORT)
    assert reply.reasons == ("One.", "Two.")
    assert read_reply("I agree with it.") is None


def test_disagreement_is_the_share_of_the_others() -> None:
    assert disagreement([Stance.AGREE]) is None
    assert disagreement([Stance.AGREE] * 3) == 0
    assert disagreement([Stance.AGREE, Stance.VETO]) == 0.5


def _joined(table: FactTable) -> str:
    return "\n".join(line for line in table.rendered().splitlines() if line.startswith("not known"))


def test_a_fact_without_a_number_has_none() -> None:
    fact = Datum(id="x", concept="x", unit=Unit.WORD, value="long", observed_at=market.NOW)

    assert fact.number is None
