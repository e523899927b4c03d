"""How much to buy for an amount somebody may lose: "to risk 100 USDT, buy about 0.0565 BTC"."""

import re
from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.ledger import Found, Ledger
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding
from ai_analyst.core.verifier.tolerance import close

_WILLING: Final = re.compile(
    r"\b(?:if|jika|kalau|bila)\b[^.,;]*\b(?:want|willing|ready|like|prefer|afford|mau|ingin|rela|siap)\b"
    r"[^.,;]*\b(?:risk(?:ing)?|los(?:e|ing)|(?:me)?risikokan|rugi|kehilangan)\s(?:\w+\s){0,3}\$?$",
    re.IGNORECASE,
)
"""Before an amount somebody may choose to lose."""


def is_stake(number: Number, said: Claims) -> bool:
    """Whether a number is an amount that is only supposed to be lost: it claims nothing itself."""
    return number.unit == "money" and bool(_WILLING.search(said.text[: number.start]))


def sized(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    """Return a number as the size of a position, in coins or in money, that risks the amount."""
    stakes = [value for one, value, _ in ledger.known if is_stake(one, said)]
    if len(bound.symbols) != 1 or len(stakes) != 1:
        return None
    return next(
        (
            Found(ids, value, unit)
            for value, unit, ids in _sizes(number, stakes[0], bound.symbols[0], table)
            if close(number, value, said)
        ),
        None,
    )


def _sizes(
    number: Number, stake: float, symbol: str, table: FactTable
) -> Iterator[tuple[float, Unit, tuple[str, ...]]]:
    risk, entry = (table.by_id.get(f"{symbol}.plan.{one}") for one in ("risk", "entry"))
    if risk is None or entry is None or not risk.number or not entry.number:
        return
    if number.unit == "":
        yield stake / risk.number, Unit.PLAIN, (risk.id,)
    if number.unit == "money":
        yield stake / risk.number * entry.number, Unit.USD, (risk.id, entry.id)
