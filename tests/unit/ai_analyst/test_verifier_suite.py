"""The labelled suite's figures, and the check on sentences made from it."""

import pytest

from ai_analyst.core.verifier import check
from tests.support.analyst_suite import HELD_OUT, TUNED, judged, market, suite


def test_the_suite_is_large_and_half_honest() -> None:
    labelled = list(suite())

    assert len(labelled) >= 300
    assert sum(one.honest for one in labelled) >= len(labelled) / 2
    assert len({one.sentence for one in labelled}) == len(labelled)


def test_fabricated_numbers_are_caught() -> None:
    fabricated = [one for one in suite() if not one.honest and one.part != "held-out-2"]
    missed = [one.sentence for one in fabricated if judged(one).clean]

    assert len(missed) <= len(fabricated) * 0.01, missed


def test_honest_sentences_are_kept() -> None:
    honest = [one for one in suite() if one.honest and one.part in TUNED]
    refused = [one.sentence for one in honest if not judged(one).clean]

    assert len(refused) <= len(honest) * 0.02, refused


@pytest.mark.parametrize(("part", "refused_at_most"), [("held-out", 0.15), ("held-out-2", 0.20)])
def test_honest_sentences_never_tuned_by_are_mostly_kept(part: str, refused_at_most: float) -> None:
    # what was measured, far from the 2 % that is wanted: these bounds only stop it from growing
    honest = [one for one in suite(part) if one.honest]
    refused = [one.sentence for one in honest if not judged(one).clean]

    assert part in HELD_OUT
    assert len(refused) <= len(honest) * refused_at_most, refused


def test_fabricated_sentences_never_tuned_by_are_mostly_caught() -> None:
    # 5 % slipped through when it was measured, against the 1 % that is wanted
    fabricated = [one for one in suite("held-out-2") if not one.honest]
    missed = [one.sentence for one in fabricated if judged(one).clean]

    assert len(missed) <= len(fabricated) * 0.05, missed


def test_honest_sentences_together_stay_an_answer() -> None:
    sentences = [one.sentence for one in suite("dev") if one.honest and one.about == "BTC"]
    answer = "\n".join(sentences)

    checked = check(answer, market(), question="Why is BTCUSDT long?")

    assert len(checked.struck) <= len(sentences) * 0.02
