"""How well the number check tells honest sentences from fabricated ones, and how fast.

Run it: `python -m tests.bench.bench_verifier`. Besides the labelled suite it damages every number
of every honest sentence, by a share and by another fact's value, and counts what slips through.
"""

import math
import time
from collections.abc import Sequence
from typing import Final

from ai_analyst.core.verifier import check
from tests.support.analyst_damage import cited, damaged, miscited
from tests.support.analyst_suite import HELD_OUT, TUNED, judged, market, suite

_Z: Final = 1.96
_LENGTH: Final = 2000


def main() -> None:
    """Print the figures."""
    for part in TUNED:
        _print_parts(part, [part], "tuned by")
    for part in HELD_OUT:
        _print_parts(part, [part], "held out, never tuned by")
    _print_parts("tuned by, together", TUNED, f"{len(TUNED)} parts")
    if HELD_OUT:
        _print_parts("held out, together", HELD_OUT, f"{len(HELD_OUT)} parts")
    shares, swaps = list(damaged(swap=False)), list(damaged(swap=True))
    for name, changed in (("changed by a share", shares), ("another fact's value", swaps)):
        missed = sum(check(text, market(), question=about).clean for text, about in changed)
        print(f"numbers {name}: {len(changed)} sentences, {missed} missed, "
              f"{100 * (1 - missed / len(changed)):.1f} % caught")  # fmt: skip
    with_citations, exchanged = list(cited()), list(miscited())
    refused = sum(not check(text, market(), question=about).clean for text, about in with_citations)
    missed = sum(check(text, market(), question=about).clean for text, about in exchanged)
    print(f"citations added to honest sentences: refused {_share(refused, len(with_citations))}; "
          f"one exchanged: missed {_share(missed, len(exchanged))}")  # fmt: skip
    _print_speed()


def _print_parts(name: str, parts: Sequence[str], kind: str) -> None:
    told = [one for one in suite() if one.part in parts]
    honest = [judged(one).clean for one in told if one.honest]
    fabricated = [judged(one).clean for one in told if not one.honest]
    refused, caught = honest.count(False), fabricated.count(False)
    print(
        f"{name} ({kind}): {len(honest)} honest, refused {_share(refused, len(honest))}; "
        f"{len(fabricated)} fabricated, caught {_share(caught, len(fabricated))}"
    )


def _share(count: int, of: int) -> str:
    """Write a share with the interval it is known to (Wilson, 95 %)."""
    share, spread = count / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{count} ({100 * share:.1f} %, {100 * low:.1f} to {100 * high:.1f})"


def _print_speed() -> None:
    answer = "\n".join(one.sentence for one in suite() if one.honest)[:_LENGTH]
    rounds = []
    for _ in range(5):
        begin = time.perf_counter()
        check(answer, market(), question="What about BTCUSDT?")
        rounds.append(time.perf_counter() - begin)
    print(f"an answer of {len(answer)} characters against {len(market())} facts: "
          f"{min(rounds) * 1000:.0f} ms, at worst {max(rounds) * 1000:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
