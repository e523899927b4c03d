"""How well the number check tells honest sentences from fabricated ones, and how fast.

Run it: `python -m tests.bench.bench_verifier`. Besides the labelled suite it damages every number
of every honest sentence, by a share and by another fact's value, and counts what slips through.
"""

import random
import re
import time
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.verifier import check
from tests.support.analyst_suite import HELD_OUT, TUNED, Labelled, judged, market, suite

_SEED: Final = 20260105
_SHARES: Final = (0.7, 0.85, 0.93, 1.07, 1.2, 1.6)
_NUMBER: Final = re.compile(
    r"(?<![\w.,:\-/\[])\d+(?:[.,]\d+)*(?![\w:\]]|[.,]\d|\s*(?:jam|h\b|hours?\b|UTC|Jan))"
)


def main() -> None:
    """Print the figures."""
    for part in (*TUNED, *HELD_OUT):
        _print_part(part, "tuned by" if part in TUNED else "held out, never tuned by")
    _print_part(None, "all")
    shares, swaps = list(_damaged(swap=False)), list(_damaged(swap=True))
    for name, damaged in (("changed by a share", shares), ("another fact's value", swaps)):
        missed = sum(check(text, market(), question=about).clean for text, about in damaged)
        print(f"numbers {name}: {len(damaged)} sentences, {missed} missed, "
              f"{100 * (1 - missed / len(damaged)):.1f} % caught")  # fmt: skip
    _print_speed()


def _print_part(part: str | None, kind: str) -> None:
    honest = [one for one in suite(part) if one.honest]
    fabricated = [one for one in suite(part) if not one.honest]
    refused = sum(not judged(one).clean for one in honest)
    missed = sum(judged(one).clean for one in fabricated)
    share = 100 * refused / len(honest)
    print(
        f"{part or 'all'} ({kind}): {len(honest)} honest, {refused} refused ({share:.1f} %); "
        f"{len(fabricated)} fabricated, {100 * (1 - missed / len(fabricated)):.1f} % caught"
    )


def _print_speed() -> None:
    answer = "\n".join(one.sentence for one in suite() if one.honest)[:3000]
    begin = time.perf_counter()
    check(answer, market(), question="What about BTCUSDT?")
    seconds = time.perf_counter() - begin
    print(f"an answer of {len(answer)} characters against {len(market())} facts: "
          f"{seconds * 1000:.0f} ms")  # fmt: skip


def _damaged(*, swap: bool) -> Iterator[tuple[str, str]]:
    chance = random.Random(_SEED)
    others = [one.number for one in market() if one.number and abs(one.number) > 1]
    for one in suite():
        if not one.honest or not judged(one).clean:
            continue
        for match in _NUMBER.finditer(one.sentence):
            text = _written_like(match[0], chance, others, swap=swap)
            if text is not None:
                yield (
                    one.sentence[: match.start()] + text + one.sentence[match.end() :],
                    _about(one),
                )


def _written_like(
    text: str, chance: random.Random, others: list[float], *, swap: bool
) -> str | None:
    mark = re.search(r"[.,](?=\d{1,2}$)", text)
    decimals = len(text) - mark.end() if mark else 0
    value = float(re.sub(r"[.,]", "", text)) / 10**decimals
    near = [other for other in others if 0.3 * value < abs(other) < 3 * value]
    new = abs(chance.choice(near)) if swap and near else value * chance.choice(_SHARES)
    if abs(new - value) < max(1.5 * 10**-decimals, value * 0.02):
        return None
    written = f"{new:.{decimals}f}"
    continental = mark is not None and mark[0] == ","
    return written.replace(".", ",") if continental else written


def _about(one: Labelled) -> str:
    return f"What about {one.about}?"


if __name__ == "__main__":
    main()
