"""Cursors: read back exactly, bound to their filters, and nothing else is taken for one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.core.cursors import Place, Value, seal, unseal
from api.core.errors import InvalidParameterError
from api.core.queries import PlanQuery

_KINDS: tuple[type[Value], ...] = (datetime, float, str)
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
_PLACES = st.builds(
    Place,
    st.tuples(
        st.datetimes(timezones=st.just(UTC)),
        st.floats(allow_nan=False, allow_infinity=False),
        _TEXT,
    ),
    st.lists(_TEXT, max_size=3).map(tuple),
)


@given(place=_PLACES, filters=st.text(max_size=30))
def test_a_place_is_read_back_exactly(place: Place, filters: str) -> None:
    assert unseal(seal(place, filters=filters), filters=filters, kinds=_KINDS) == place


@given(place=_PLACES)
def test_a_cursor_fits_no_other_filters(place: Place) -> None:
    with pytest.raises(InvalidParameterError, match="filters it came from"):
        unseal(seal(place, filters="a"), filters="b", kinds=_KINDS)


@given(cursor=st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
def test_any_other_text_is_refused_by_value(cursor: str) -> None:
    with pytest.raises(InvalidParameterError, match="was "):
        unseal(cursor, filters="", kinds=_KINDS)


@given(
    after=st.lists(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers()))
    )
)
def test_a_well_formed_cursor_with_wrong_values_is_refused(after: list[Value]) -> None:
    sealed = seal(Place(tuple(after)), filters="")

    with pytest.raises(InvalidParameterError):
        unseal(sealed, filters="", kinds=(datetime, float, str))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    sealed = seal(Place((float(number.replace("1e999", "inf")),)), filters="")

    with pytest.raises(InvalidParameterError):
        unseal(sealed, filters="", kinds=(float,))


def test_page_size_and_cursor_are_no_filters() -> None:
    assert PlanQuery(limit=5, cursor="abc").filters == PlanQuery(limit=9).filters
    assert PlanQuery(symbol="BTCUSDT").filters != PlanQuery().filters
