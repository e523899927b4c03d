"""A number that cites a fact is that fact or comes from it, whatever the words around it are."""

import pytest

from ai_analyst.core.verifier import check
from ai_analyst.core.verifier.citations import Citation, without_citations
from tests.support.analyst_damage import cited, miscited
from tests.support.analyst_suite import market
from tests.unit.ai_analyst.test_check import QUESTION, clean


def test_citations_are_taken_out_with_their_places() -> None:
    text = "TP1 99,905.9 [BTCUSDT.plan.tp1] or `[a.b; c.d]` (`BTCUSDT.price`) and [long]."

    assert without_citations(text) == (
        "TP1 99,905.9 or and [long].",
        (
            Citation(12, ("BTCUSDT.plan.tp1",)),
            Citation(15, ("a.b", "c.d", "BTCUSDT.price")),
        ),
    )


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Void at 95,479.4 [BTCUSDT.plan.stop].", "Void at 95,210 [BTCUSDT.plan.stop]."),
        ("Void at 95,479.4 [BTCUSDT.plan.stop].", "Void at 95,479.4 [BTCUSDT.plan.tp1]."),
        ("TP1 is 99,905.9 [BTCUSDT.plan.tp1].", "TP1 is 102,561.8 [BTCUSDT.plan.tp2]."),
        (
            "Momentum reads 57.6 [BTCUSDT.4h.rsi] and 52.3 [BTCUSDT.1h.rsi].",
            "Momentum reads 52.3 [BTCUSDT.4h.rsi] and 57.6 [BTCUSDT.1h.rsi].",
        ),
        (
            "[BTCUSDT.4h.adx] 27.4 and [BTCUSDT.1d.adx] 31.2.",
            "[BTCUSDT.4h.adx] 31.2 and [BTCUSDT.1d.adx] 27.4.",
        ),
        ("Void at 95,479.4 [ BTCUSDT.plan.stop ].", "Void at 95,479.4 [ BTCUSDT.plan.tp1 ]."),
        ("Void at 95,479.4 [fact: BTCUSDT.plan.stop].", "Void at 95,479.4 [fact: a.b]."),
        ("Void at 95,479.4 [^1], TP1 at 99,905.9 [1,2].", "The stop is at [95,210]."),
        ("The stop is at [95,479.4].", "The stop is at [95,210.4]."),
        ("The RSI is 57.6 [BTCUSDT.4h.rsi].", "The RSI is 95,479.4 [BTCUSDT.plan.stop]."),
        (
            "A close below 95,479.4 [BTCUSDT.plan.stop] invalidates the plan.",
            "A close above 95,479.4 [BTCUSDT.plan.stop] invalidates the plan.",
        ),
        (
            "Price is above 95,479.4 [BTCUSDT.plan.stop].",
            "Price is below 95,479.4 [BTCUSDT.plan.stop].",
        ),
        (
            "Price trades above 96,120.5 [BTCUSDT.4h.ema_21].",
            "Price trades above 99,905.9 [BTCUSDT.plan.tp1].",
        ),
        ("The price is just under 97,300.", "The price is just over 97,900."),
        (
            "From 97,250 [BTCUSDT.plan.entry] to 99,905.9 [BTCUSDT.plan.tp1] is 2.73 %.",
            "The zone is 97,250 [BTCUSDT.plan.entry] to 99,905.9 [BTCUSDT.plan.tp1].",
        ),
        (
            "Wait for a pullback to 96,120.5 [BTCUSDT.4h.ema_21].",
            "Wait for a pullback to 95,479.4 [BTCUSDT.plan.stop].",
        ),
        ("BTCUSDT.4h.rsi is 57.6.", "BTCUSDT.4h.rsi is 52.3."),
        ("The 4h RSI is 57.6 [BTCUSDT.4h.rsi].", "The daily RSI is 57.6 [BTCUSDT.4h.rsi]."),
        (
            "The stop is 1.82 % below the entry [BTCUSDT.plan.stop].",
            "The stop is 2.3 % below the entry [BTCUSDT.plan.stop].",
        ),
        ("Ten of eleven [BTCUSDT.gates.passed].", "Nine of eleven [BTCUSDT.gates.passed]."),
        ("Price is 0.96 ATR above the EMA [BTCUSDT.4h.ema_21].", "1.5R [SOLUSDT.plan.tp1.net_r]."),
        (
            "It has until 20:00 UTC [BTCUSDT.plan.fill_by].",
            "It has until 20:00 UTC [BTCUSDT.plan.expires_at].",
        ),
        (
            "- **Trap wick:** passed with 0.2 ATR [BTCUSDT.gate.trap_wick].",
            "- **Trap wick:** refused with 0.2 ATR [BTCUSDT.gate.trap_wick].",
        ),
        (
            "| funding gate | 0.01 % [BTCUSDT.gate.funding] | passed |",
            "| funding gate | 0.01 % [BTCUSDT.gate.funding] | refused |",
        ),
        (
            "It is 0.96 ATR [BTCUSDT.gate.overextension] above its EMA.",
            "It is 0.96 ATR [BTCUSDT.gate.overextension] below its EMA.",
        ),
    ],
)
def test_a_citation_decides_what_a_number_is(true: str, false: str) -> None:
    assert clean(true)
    assert not clean(false)


def test_a_plan_that_is_not_there_has_no_levels() -> None:
    false = "The stop for the ETHUSDT plan is 3,268.5 [ETHUSDT.4h.swing_low.1]."

    assert not check(false, market(), question="Why nothing on ETHUSDT?").clean


def test_a_citation_of_a_contract_nobody_named_is_struck() -> None:
    other = "Its stop is 190.59 [SOLUSDT.plan.stop]."

    assert check(other, market(), question=QUESTION).struck
    assert check(f"SOL is short. {other}", market(), question=QUESTION).clean
    assert check(other, market(), question="What did the scan find?").clean


def test_a_citation_behind_the_full_stop_belongs_to_its_sentence() -> None:
    checked = check(
        "Void at 95,210. [BTCUSDT.plan.stop] The score is 68.2.", market(), question=QUESTION
    )

    assert checked.text == "The score is 68.2."


def test_a_chinese_answer_loses_its_false_sentence_only() -> None:
    true = "第一目标为99,905.9 [BTCUSDT.plan.tp1]。分数68.2！"
    checked = check(f"止损价为95,210 [BTCUSDT.plan.stop]。{true}", market(), question=QUESTION)

    assert checked.text == true


def test_the_reason_tells_what_the_citation_is() -> None:
    checked = check("Void at 95,210. [BTCUSDT.plan.stop]", market(), question=QUESTION)

    assert checked.struck[0].reasons == ("95,210 cites BTCUSDT.plan.stop, which is 95479.4",)


def test_a_reason_is_told_once() -> None:
    (struck,) = check("Shorts pay longs funding.", market(), question=QUESTION).struck

    assert struck.reasons == ("funding of BTCUSDT is +0.01 %, so the other side pays",)


def test_honest_sentences_stay_honest_with_their_citations() -> None:
    refused = [
        text for text, about in cited(every=16) if not check(text, market(), question=about).clean
    ]

    assert refused == []


def test_an_exchanged_citation_is_caught() -> None:
    exchanged = list(miscited(every=16))
    missed = [text for text, about in exchanged if check(text, market(), question=about).clean]

    assert len(missed) <= len(exchanged) * 0.02, missed
