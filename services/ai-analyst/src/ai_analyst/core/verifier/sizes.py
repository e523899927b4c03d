"""What an answer supposes, an account, an amount at risk, a leverage, and the size that follows."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

from collections.abc import Iterator
from typing import Final

from ai_analyst.core.facts import FactTable, Unit
from ai_analyst.core.verifier.claims import Claims
from ai_analyst.core.verifier.cues import phrase
from ai_analyst.core.verifier.ledger import Found, Ledger
from ai_analyst.core.verifier.numbers import Number
from ai_analyst.core.verifier.scope import Binding
from ai_analyst.core.verifier.tolerance import close

_STAKED: Final = phrase(r"\b(?:risk(?:ing|ed)?|los(?:e|ing)|loss(?: of)?|account(?: of| is)?|capital(?: of| is)?|equity(?: of| is)?|balance(?: of| is)?|size for|budget(?: of| is)?|modal(?:nya)?|akun(?:nya)?|saldo(?:nya)?|(?:me)?risikokan|risiko(?:nya)?|rugi|kehilangan)\s(?:(?:an?|only|just|about|at most|say|up to|maksimal|sebesar|sekitar|hanya)\s){0,2}\$?$")  # fmt: skip
"""Before what somebody may choose to have or to lose."""
_STAKE: Final = phrase(r"\s?(?:USDT?\s|dollars?\s)?(?:account|capital|balance|loss|budget|position|risk|of risk|akun|modal|posisi|risiko)\b")  # fmt: skip
_LEVERED: Final = phrase(r"\b(?:leverage\w*|margin|collateral|daya ungkit|jaminan)")
_MOST: Final = phrase(r"\b(?:max\w*|caps?|capped|limit\w*|ceiling|up to|allow\w*|maks\w*|batas\w*|hingga|sampai)\b[^.,;]{0,24}$")  # fmt: skip
"""Before a leverage that is no choice."""
_ROUND: Final = 100
_DIGITS: Final = 50
"""A round figure shows two digits or little more."""


def is_supposed(number: Number, said: Claims) -> bool:
    """Whether a number is a choice of the reader's: it claims nothing, others may follow from it."""
    before, behind = said.text[: number.start], said.text[number.end :]
    if number.unit == "x":
        return bool(said.find(_LEVERED)) and not _MOST.search(before)
    round_figure = all(
        one.round_step >= one.value / (10 if number.unit == "%" else _DIGITS)
        or (one.value % 5 == 0 and one.value <= _ROUND)
        for one in number.readings
    )
    return (
        number.unit in {"money", "%", ""}
        and round_figure
        and bool(_STAKED.search(before.rstrip("$")) or _STAKE.match(behind))
    )


def supposed(number: Number) -> Found:
    """Return a supposed number as what it is, an amount unless a unit says otherwise."""
    unit = {"x": Unit.MULTIPLE, "%": Unit.PERCENT}.get(number.unit, Unit.USD)
    return Found((), number.readings[0].value, unit)


def sized(
    number: Number, said: Claims, bound: Binding, table: FactTable, ledger: Ledger
) -> Found | None:
    """Return a number as the size of a position, in coins or in money, that risks an amount."""
    stakes = [value for _, value, unit in ledger.known if unit is Unit.USD]
    if len(bound.symbols) != 1:
        return None
    return next(
        (
            Found(ids, value, unit)
            for stake in stakes
            for value, unit, ids in _sizes(number, stake, bound.symbols[0], table)
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
        yield stake, Unit.USD, ()
        yield stake / risk.number, Unit.PLAIN, (risk.id,)
        yield stake / entry.number, Unit.PLAIN, (entry.id,)
    if number.unit == "money":
        yield stake / risk.number * entry.number, Unit.USD, (risk.id, entry.id)
