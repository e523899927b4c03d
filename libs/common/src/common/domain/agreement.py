"""Numbers of one table that must fit each other; a refusal names the keys and the values."""

from itertools import pairwise
from math import isclose

from pydantic import BaseModel


def require_rising(table: BaseModel, *names: str, equal: bool = False) -> None:
    """Refuse values that do not rise from name to name (`equal`: that fall)."""
    for lower, higher in pairwise(names):
        low, high = getattr(table, lower), getattr(table, higher)
        if not (low < high or (equal and low == high)):
            most = "at most" if equal else "less than"
            raise ValueError(f"{lower} must be {most} {higher}, was {low:g} and {high:g}")


def require_whole(table: BaseModel, *names: str) -> None:
    """Refuse shares that do not add up to 1."""
    total = sum(getattr(table, name) for name in names)
    if not isclose(total, 1.0, abs_tol=1e-9):
        raise ValueError(f"{', '.join(names)} must add up to 1, was {total:g}")
