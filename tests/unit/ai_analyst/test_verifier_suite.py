"""The labelled suite's figures, and the check on sentences made from it."""

import pytest

from ai_analyst.core.verifier import check
from tests.support.analyst_damage import damaged
from tests.support.analyst_suite import TUNED, judged, market, suite


def test_the_suite_is_large_and_half_honest() -> None:
    labelled = list(suite())

    assert len(labelled) >= 300
    assert sum(one.honest for one in labelled) >= len(labelled) / 2
    assert len({one.sentence for one in labelled}) == len(labelled)


def test_fabricated_numbers_are_caught() -> None:
    fabricated = [one for one in suite() if not one.honest and one.part in TUNED]
    missed = [one.sentence for one in fabricated if judged(one).clean]

    assert len(missed) <= len(fabricated) * 0.006, missed


def test_honest_sentences_are_kept() -> None:
    honest = [one for one in suite() if one.honest and one.part in TUNED]
    refused = [one.sentence for one in honest if not judged(one).clean]

    assert len(refused) <= len(honest) * 0.015, refused


@pytest.mark.parametrize(("swap", "floor"), [(False, 0.98), (True, 0.93)])
def test_a_changed_number_is_caught(swap: bool, floor: float) -> None:
    changed = list(damaged(swap=swap, every=8))
    missed = [text for text, about in changed if check(text, market(), question=about).clean]

    assert len(missed) <= len(changed) * (1 - floor), missed


def test_honest_sentences_together_stay_an_answer() -> None:
    sentences = [one.sentence for one in suite("dev") if one.honest and one.about == "BTC"]
    answer = "\n".join(sentences)

    checked = check(answer, market(), question="Why is BTCUSDT long?")

    assert len(checked.struck) <= len(sentences) * 0.02
