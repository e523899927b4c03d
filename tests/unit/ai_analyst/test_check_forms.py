"""Forms a whole answer takes: floods of numbers, lists on one line, stakes, words for facts."""

from time import process_time

import pytest

from ai_analyst.core.verifier import check
from ai_analyst.core.verifier.check import MOST_NUMBERS
from tests.support.analyst_suite import market
from tests.unit.ai_analyst.test_check import QUESTION, clean


def test_a_flood_of_numbers_is_struck_in_no_time() -> None:
    flood = " ".join(str(7 * number + 13) for number in range(300))
    lines = "\n".join(f"The RSI is {number}, the ADX 9, the stop 7." for number in range(100))
    begin = process_time()

    checked = check(f"{flood}\n{lines}", market(), question=QUESTION)

    assert process_time() - begin < 5
    assert checked.struck[0].reasons == ("300 numbers in one sentence, above 30",)
    assert len(checked.struck) == 101


@pytest.mark.parametrize(
    "piece", ["a", " ", "[a", ".[a.", "BTCUSDT.", "price is above the average and "]
)
def test_a_sentence_without_an_end_is_struck_in_no_time(piece: str) -> None:
    endless = f"The stop {piece * (30_000 // len(piece))}x."
    begin = process_time()

    checked = check(f"{endless}\nThe score is 68.2.", market(), question=QUESTION)

    assert process_time() - begin < 5
    assert checked.text.endswith("The score is 68.2.")


def test_a_model_that_repeats_a_digit_is_struck() -> None:
    for endless in ("1" * 400, "1" + "0" * 400, "two " + "hundred " * 200):
        assert not clean(f"The stop is at {endless}.")


def test_a_wide_row_is_read() -> None:
    row = "Closes: " + ", ".join(["97,250"] * MOST_NUMBERS)

    assert clean(f"{row}.")
    assert not clean(f"{row}, 97,250.")


def test_a_position_is_sized_by_what_somebody_may_lose() -> None:
    assert clean("If you want to risk 100 USDT, buy about 0.0565 BTC, worth about 5,490 USDT.")
    assert not clean("If you want to risk 100 USDT, buy about 0.065 BTC.")
    assert not clean("The plan risks 100 USDT.")


def test_a_list_on_one_line_is_cut_into_its_items() -> None:
    checked = check("1. Long 2. Score: 61.5 3. Stop: 95,479.4", market(), question=QUESTION)

    assert [one.sentence for one in checked.struck] == ["2. Score: 61.5"]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (
            "The stop is less than 2 % below the entry.",
            "The stop is less than 1 % below the entry.",
        ),
        ("All six daily votes are long.", "All six hourly votes are long."),
        ("Don't chase it above 97,840.2.", "Don't chase it below 97,840.2."),
        ("BTCUSDT and SOLUSDT have plans.", "BTCUSDT and ETHUSDT have plans."),
        ("BTCUSDT is ranked above SOLUSDT.", "SOLUSDT is ranked above BTCUSDT."),
        (
            "The daily EMAs: 9 (96,010.7) over 50 (92,480.9).",
            "The daily EMAs: 9 (92,480.9) over 50 (96,010.7).",
        ),
        (
            "Across all timeframes 16 of 18 votes are long.",
            "Across all timeframes 17 of 18 votes are long.",
        ),
        (
            "At 10x leverage the stop costs 18 % of your margin.",
            "At 10x leverage the stop costs 28 % of your margin.",
        ),
        (
            "On a 10,000 USDT account, risking 0.5 % is 50 USDT.",
            "On a 10,000 USDT account, risking 0.5 % is 500 USDT.",
        ),
        (
            "For each plan two to three contracts were blocked.",
            "For each plan three to four contracts were blocked.",
        ),
        ("At the median pace TP1 comes on Tuesday.", "At the median pace TP1 comes on Thursday."),
        ("ETH has the second-highest score.", "DOGE has the second-highest score."),
        (
            "Its net R:R of 1.93 R meets the 1.2 R minimum.",
            "Its net R:R of 1.93 R does not meet the 1.2 R minimum.",
        ),
        (
            "The ADX weakens as you zoom in: 31.2 daily, 27.4 on the 4h, 18.6 on the 1h.",
            "The ADX strengthens as you zoom in: 31.2 daily, 27.4 on the 4h, 18.6 on the 1h.",
        ),
        ("Most of the crowd is long.", "Most of the crowd is short."),
        (
            "The net R:R is the higher one, 1.93 R against SOL's 1.71 R.",
            "The net R:R is the lower one, 1.93 R against SOL's 1.71 R.",
        ),
        (
            "The order has to be filled by 20:00 UTC today.",
            "The order has to be filled by 20:00 UTC tomorrow.",
        ),
        ("The daily swing high has not been broken.", "The daily swing high has been broken."),
        (
            "ETHUSDT was blocked by the overextension gate.",
            "ETHUSDT was blocked because of its score.",
        ),
        (
            "There are fewer plans than blocked contracts.",
            "There are more plans than blocked contracts.",
        ),
        ("No gate refused it.", "Every gate was evaluated and passed."),
        (
            "The 4h RSI agrees with most of the votes.",
            "The 4h stochastic RSI agrees with most of the votes.",
        ),
        ("Most of the contracts had no setup.", "Most of the contracts were blocked."),
        ("SOL must first rise to 185.4.", "SOL must first fall to 185.4."),
        ("ETH has no plan.", "ETH has no setup."),
        (
            "The EMA trend votes are 0.95, 0.91 and 0.44.",
            "The EMA trend votes are 0.95, 0.81 and 0.44.",
        ),
        (
            "Plans and blocked contracts add up to 43, or 21.5 % of the universe.",
            "Plans and blocked contracts add up to 43, or 31.5 % of the universe.",
        ),
        ("ETH is overextended.", "BTC is overextended."),
        (
            "TP1 takes 20 hours at the 25th percentile.",
            "TP1 takes 56 hours at the 25th percentile.",
        ),
        ("Of the four contracts three lean long.", "Of the four contracts two lean long."),
        ("DOGE misses the bar by 27.6 points.", "DOGE misses the bar by 22.4 points."),
        (
            "The stop at 95,479.4 sits just above the 4h swing low of 95,210.",
            "The stop at 95,479.4 sits just underneath the 4h swing low of 95,210.",
        ),
        (
            "The daily score of 74.5 is 20.4 points above the hourly 54.1.",
            "The daily score of 74.5 is 20.4 points below the hourly 54.1.",
        ),
        ("The daily EMA 200 at 84,210 is far below.", "The daily EMA 200 at 84,210 is far above."),
        ("TP1 pays 1.42 R net.", "TP1 pays 1.42 R gross."),
        (
            "The MACD histogram is slightly negative on the 1h (-6.6).",
            "The MACD histogram is slightly positive on the 1h (-6.6).",
        ),
        ("Ten gates passed and none refused.", "Ten gates refused and none passed."),
        (
            "If price falls to 95,479.4 the long is stopped out.",
            "If price falls to 95,479.4 the short is stopped out.",
        ),
    ],
)
def test_words_are_held_against_the_facts(true: str, false: str) -> None:
    assert clean(true)
    assert not clean(false)
