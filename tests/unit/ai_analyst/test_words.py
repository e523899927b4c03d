"""Numbers, times, thoughts and languages as they are written."""

from datetime import UTC, datetime

import pytest

from ai_analyst.core.language import language_of
from ai_analyst.core.thinking import ThinkSplitter
from ai_analyst.core.verifier.reading import readings, style_of, words_value
from ai_analyst.core.verifier.sentences import sentences
from ai_analyst.core.verifier.times import moments


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.5", [1234.5]),
        ("1.234,5", [1234.5]),
        ("1.234.567", [1234567]),
        ("1,234", [1.234, 1234]),
        ("0,123", [0.123]),
        ("97.25", [97.25]),
        ("12,34", [12.34]),
        ("97\u2009250", [97250]),
    ],
)
def test_a_number_is_read_in_both_formats(text: str, values: list[float]) -> None:
    assert [one.value for one in readings(text)] == pytest.approx(values)


def test_the_answers_own_style_settles_what_is_ambiguous() -> None:
    assert [one.value for one in readings("1,234", style="en")] == [1234]
    assert [one.value for one in readings("1,234", style="id")] == [1.234]
    assert style_of("stop 95,479.4") == "en"
    assert style_of("stop 95.479,4") == "id"
    assert style_of("stop 95 and 96") is None


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [("97.2", "k", 97_200), ("18,4", "miliar", 18.4e9), ("2", "juta", 2e6), ("7.9", "B", 7.9e9)],
)
def test_scales_multiply_value_and_step(text: str, scale: str, value: float) -> None:
    (one,) = readings(text, scale=scale)

    assert one.value == pytest.approx(value)
    assert one.step < value


@pytest.mark.parametrize(
    ("text", "value"),
    [("seventy-one", 71), ("tujuh puluh satu", 71), ("two hundred and five", 205),
     ("sebelas", 11), ("dua belas", 12), ("one", None), ("satu", None)],
)  # fmt: skip
def test_number_words_are_read(text: str, value: float | None) -> None:
    assert words_value(text) == value


@pytest.mark.parametrize(
    "text",
    ["2026-01-11 17:00 UTC", "11 January 2026, 17:00", "January 11 at 5 pm UTC",
     "12 Januari pukul 00.00 WIB", "Sunday"],
)  # fmt: skip
def test_a_moment_is_recognised(text: str) -> None:
    instant = datetime(2026, 1, 11, 17, tzinfo=UTC)
    (moment,) = moments(f"It ends on {text} at the latest.")

    assert moment.is_at(instant)
    assert not moment.is_at(instant.replace(day=15, hour=9))


def test_ratios_and_prices_are_no_clocks() -> None:
    assert not list(moments("It pays 2:1 at 17.25 and may fall."))


def test_sentences_end_at_full_stops_and_lines_but_not_inside_numbers() -> None:
    answer = "Entry 97.25 vs. 98. Then wait.\n1. First. \n- Stop 95,479.4"

    found = [one.text.strip() for one in sentences(answer)]

    assert found == ["Entry 97.25 vs. 98.", "Then wait.", "1. First.", "- Stop 95,479.4"]


def test_thoughts_are_split_even_across_pieces() -> None:
    split = ThinkSplitter()
    pieces = [split.feed(text) for text in ("<th", "ink>why", " not</thi", "nk>The", " answer <b>")]
    pieces.append(split.rest())

    assert "".join(answer for answer, _ in pieces) == "The answer <b>"
    assert "".join(thought for _, thought in pieces) == "why not"


@pytest.mark.parametrize(
    ("text", "language"),
    [("Why is SOL long?", "en"), ("Kenapa SOL long dan apa yang salah?", "id"),
     ("BTCUSDT?", ""), ("Rencana terbaik apa?", "id"), ("what are the best longs?", "en")],
)  # fmt: skip
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert language_of(text) == language
