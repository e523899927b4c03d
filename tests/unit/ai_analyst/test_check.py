"""What the number check does with an answer."""

import pytest

from ai_analyst.core.verifier import check
from tests.support.analyst_suite import market

QUESTION = "Why is BTCUSDT long?"


def clean(text: str, question: str = QUESTION) -> bool:
    return check(text, market(), question=question).clean


def test_a_false_sentence_is_struck_and_the_rest_stays() -> None:
    answer = "BTCUSDT is long from 97,250. The stop is at 94,000. TP1 is 99,905.9."

    checked = check(answer, market(), question=QUESTION)

    assert checked.text == "BTCUSDT is long from 97,250. TP1 is 99,905.9."
    (struck,) = checked.struck
    assert struck.sentence == "The stop is at 94,000."
    assert struck.reasons == ("94,000 matches no fact (BTCUSDT.plan.stop is 95479.4)",)


def test_every_number_that_stands_names_its_fact() -> None:
    checked = check("The stop is 95,479.4 and the score 68.2.", market(), question=QUESTION)

    assert checked.matched["95,479.4"] == ("BTCUSDT.plan.stop",)
    assert checked.matched["68.2"] == ("BTCUSDT.score",)


@pytest.mark.parametrize(
    "text",
    [
        "The stop is at 95,479.4.",
        "The stop is at 95.479,4.",
        "The stop is at 95479.4.",
        "The stop is at 95,479.",
        "The stop is at $95.5k.",
        "The stop is about 95,500.",
        "Stop ada di 95,5 ribu.",
    ],
)
def test_one_number_may_be_written_in_many_ways(text: str) -> None:
    assert clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "The stop is at 95,497.4.",
        "The stop is at 9,547.94.",
        "The stop is at 95.4.",
        "The stop is at 95,479.4 %.",
        "The stop is at 95.4M.",
    ],
)
def test_nearly_is_not_the_same(text: str) -> None:
    assert not clean(text)


def test_the_unit_must_fit() -> None:
    assert clean("Conviction is 63.4.")
    assert not clean("Conviction is 63.4 %.")
    assert not clean("The stop is 1.5R.")


def test_a_number_belongs_to_the_contract_it_stands_with() -> None:
    assert clean("BTCUSDT has a score of 68.2 and SOLUSDT a score of −57.3.")
    assert not clean("BTCUSDT has a score of −57.3 and SOLUSDT a score of 68.2.")


def test_a_number_belongs_to_the_timeframe_it_stands_with() -> None:
    assert clean("RSI is 57.6 on the 4h and 61.8 on the daily.")
    assert not clean("RSI is 61.8 on the 4h and 57.6 on the daily.")


def test_a_level_lies_on_the_side_that_is_said() -> None:
    assert clean("The stop is 1.82 % below the entry.")
    assert not clean("The stop is 1.82 % above the entry.")


def test_citations_and_list_marks_are_no_numbers() -> None:
    assert clean("1. The 4h RSI is 57.6 [BTCUSDT.4h.rsi].\n2. First, see [1].")


def test_an_invented_citation_is_struck() -> None:
    checked = check("RSI looks fine [BTCUSDT.4h.rsi_trend].", market(), question=QUESTION)

    assert checked.struck[0].reasons == ("there is no fact [BTCUSDT.4h.rsi_trend]",)


def test_times_are_compared_across_zones() -> None:
    assert clean("Funding is next at 12:00 UTC, or 19:00 WIB.")
    assert not clean("Funding is next at 19:00 UTC.")
    assert clean("The plan expires on 11 January 2026 at 17:00 UTC.")
    assert not clean("The plan expires on 12 January 2026 at 17:00 UTC.")


def test_a_direction_is_a_claim() -> None:
    assert clean("BTCUSDT is long.")
    assert not clean("BTCUSDT is short.")
    assert clean("SOL is bearish on the 1h.", "What about SOLUSDT?")
    assert clean("If BTCUSDT were short, the stop would lie above.")


def test_a_contract_without_facts_is_not_spoken_of() -> None:
    assert not clean("XRPUSDT is the stronger long.")
    assert clean("I have no facts about XRPUSDT.")


def test_a_conviction_is_no_probability() -> None:
    assert not clean("This is a high probability setup.")
    assert not clean("The chance of success is 63.4 %.")
    assert clean("Confidence of 63.4 is a conviction, not a probability.")


def test_a_figure_from_the_question_may_be_repeated_but_not_as_a_level() -> None:
    question = "Would 96,000 be a better place for BTCUSDT's stop?"

    assert clean("You ask about 96,000, and no fact speaks for it.", question)
    assert not clean("The stop is at 96,000.", question)


def test_nothing_is_struck_from_words_alone() -> None:
    assert clean("The trend speaks for it. What would prove it wrong is a fall through the stop.")


def test_the_check_does_not_change_an_answer_it_lets_through() -> None:
    answer = "**BTCUSDT**\n\n- Entry: 97,250\n- Stop: 95,479.4\n\nThe score is 68.2."

    assert check(answer, market(), question=QUESTION).text == answer


def test_a_struck_list_item_leaves_no_mark_behind() -> None:
    answer = "Levels:\n- Stop: 93,000\n- Entry: 97,250"

    assert check(answer, market(), question=QUESTION).text == "Levels:\n- Entry: 97,250"


def test_a_table_is_struck_by_row_and_not_whole() -> None:
    answer = (
        "| Level | Price |\n|---|---|\n| Entry | 97,250 |\n| Stop | 94,000 |\n| TP1 | 99,905.9 |"
    )

    checked = check(answer, market(), question=QUESTION)

    assert checked.text == "| Level | Price |\n|---|---|\n| Entry | 97,250 |\n| TP1 | 99,905.9 |"


def test_a_cell_is_read_by_its_columns_heading() -> None:
    heading = "| | 1d | 4h | 1h |\n|---|---|---|---|\n"

    assert clean(heading + "| RSI | 61.8 | 57.6 | 52.3 |")
    assert not clean(heading + "| RSI | 57.6 | 61.8 | 52.3 |")
    assert clean("| TF | RSI | ADX |\n|---|---|---|\n| 4h | 57,6 | 27,4 |")
    assert not clean("| TF | RSI | ADX |\n|---|---|---|\n| 4h | 27,4 | 57,6 |")


def test_a_complaint_tells_the_nearest_facts() -> None:
    (struck,) = check("RSI is 60.2.", market(), question=QUESTION).struck

    assert struck.reasons == (
        "60.2 matches no fact (BTCUSDT.1d.rsi is 61.8; BTCUSDT.4h.rsi is 57.6)",
    )


def test_an_unknown_phrase_needs_enough_digits() -> None:
    assert clean("The wall everybody stares at is 98,310.")
    assert not clean("The wall everybody stares at is 98,000.")
    assert not clean("The whole affair is a 3.")


def test_a_name_forbids_every_other_fact() -> None:
    assert not clean("The stop is at 98,310.")
    assert not clean("The stop, as everybody will agree, should be thought of as 98,310.")


def test_what_lies_above_must_lie_above() -> None:
    assert clean("The price is above the EMA 200.")
    assert not clean("The price is below the EMA 200.")
    assert not clean("MACD is below its signal line on the 4h.")


def test_a_range_that_matches_nothing_is_struck() -> None:
    assert not clean("Expect 4.3 or 8.8 % from here.")


def test_past_wins_are_not_known() -> None:
    assert not clean("This works out in 63 of 100 cases.")
    assert not clean("TP1 is very likely to be reached.")


def test_a_gate_says_what_it_is_said_to_say() -> None:
    assert clean("The overextension gate refused ETHUSDT.", "Why nothing on ETHUSDT?")
    assert not clean("ETHUSDT passed the overextension gate.", "Why nothing on ETHUSDT?")
    assert not clean("BTCUSDT failed the funding gate.")


def test_a_decision_a_regime_and_a_kind_of_order_are_facts_too() -> None:
    assert not clean("ETHUSDT has an active long plan.", "Why nothing on ETHUSDT?")
    assert not clean("DOGEUSDT was blocked by a gate.", "And DOGEUSDT?")
    assert not clean("BTCUSDT is ranging.")
    assert not clean("The entry is a pullback limit order.")


def test_one_thing_of_two_contracts_or_timeframes_is_compared() -> None:
    assert clean("BTCUSDT has a higher confidence than SOLUSDT (63.4 vs 54.8).")
    assert not clean("SOLUSDT has a higher confidence than BTCUSDT.")
    assert not clean("The daily ADX is lower than the 4h ADX.")
    assert not clean("The 1h is the timeframe with the highest ADX.")


def test_signs_and_crossings_are_read_without_numbers() -> None:
    assert clean("Open interest grew over the last hour but shrank over 24 hours.")
    assert not clean("Open interest has grown over the last 24 hours.")
    assert not clean("Funding on BTCUSDT is negative right now.")
    assert not clean("StochRSI has crossed up on the 4h.")


def test_counts_add_up() -> None:
    assert clean("31 blocked and 12 planned: 43 contracts in all.", "What did the scan find?")
    assert not clean("31 blocked and 12 planned: 45 contracts in all.", "What did the scan find?")
    assert clean("In total 16 of 18 votes are long.")


def test_a_number_may_follow_from_the_sentence_before() -> None:
    assert clean("The stop is 95,479.4 and TP1 99,905.9. That is a span of 4,426.5.")
    assert not clean("The stop is 95,479.4 and TP1 99,905.9. That is a span of 4,626.5.")


def test_a_leverage_may_be_supposed_where_something_follows_from_it() -> None:
    assert clean("At 10x leverage the stop costs about 18 % of the margin.")
    assert not clean("At 10x leverage the stop costs about 28 % of the margin.")
    assert not clean("The plan allows 10x leverage.")


def test_a_duration_may_reach_from_now_to_a_time_that_is_said() -> None:
    assert clean("Next funding is at 12:00 UTC, in 3 hours and 48 minutes.")
    assert not clean("Next funding is at 12:00 UTC, in 2 hours and 48 minutes.")


def test_an_average_or_a_band_is_never_meant_without_its_name() -> None:
    assert not clean("Take half at 96,880.2.")
    assert not clean("Buy BTCUSDT near 101,870.")


def test_who_votes_against_the_others_is_checked() -> None:
    assert clean("Only one of the six 4h votes is against it: stochastic RSI.")
    assert not clean("Only one of the six 4h votes is against it: OBV.")


def test_a_value_goes_the_way_it_is_said_to_go() -> None:
    assert clean("The trend score falls from 58.3 on the daily to 29.6 on the 1h.")
    assert not clean("The trend score rises from 58.3 on the daily to 29.6 on the 1h.")


def test_a_limit_is_met_or_missed() -> None:
    assert clean("The score of 68.2 clears the threshold.")
    assert not clean("The score of 68.2 misses the threshold.")
    assert not clean("DOGEUSDT's volume is below the minimum.", "And DOGEUSDT?")


def test_a_sum_that_is_written_out_must_hold() -> None:
    question = "What did the scan find?"

    assert clean("12 + 31 + 152 + 3 + 2 = 200.", question)
    assert not clean("12 + 31 + 152 + 3 + 2 = 210.", question)


def test_a_ratio_is_told_of_the_larger_one() -> None:
    assert clean("On the daily, +DI (28.4) is nearly double −DI (14.9).")
    assert not clean("On the daily, −DI (14.9) is nearly double +DI (28.4).")


def test_an_average_has_one_of_its_periods() -> None:
    assert clean("Price is above the 9, 21 and 50 EMAs on the 4h.")
    assert not clean("Price is above the 12, 21 and 50 EMAs on the 4h.")


@pytest.mark.parametrize(
    "answer",
    ["The first target is 99,905.371,1.", "Pays 2 to 1,2.3,4 R.", "Held for a setengah a day."],
)
def test_what_is_no_number_strikes_its_sentence_and_nothing_else(answer: str) -> None:
    checked = check(f"BTC is long.\n{answer}", market(), question="Why is BTCUSDT long?")

    assert "BTC is long." in checked.text
