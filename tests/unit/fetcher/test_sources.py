from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from common.domain import Instrument, Quality, Source, Timeframe
from fetcher.core.parsing import NO_CANDLES, milliseconds, parse_candles
from fetcher.core.sending import Sent, new_since
from fetcher.core.sources import (
    Place,
    bundled,
    counterpart,
    labelled,
    rescaled,
    unlike,
)
from tests.support.facts import AS_OF, instrument
from tests.unit.fetcher.frames import candles

H1, D1 = Timeframe.H1, Timeframe.D1
HOME = Place("binance", Source.VENUE)
SPOT = Place("binance-spot", Source.SPOT)


def listed(base: str, **changes: Any) -> Instrument:
    return instrument(f"{base}USDT", **({"base": base} | changes))


@pytest.mark.parametrize(
    ("own", "other", "units"),
    [
        ("BTC", "BTC", 1),
        ("1000SHIB", "SHIB1000", 1),
        ("1MBABYDOGE", "1000000BABYDOGE", 1),
        ("1000PEPE", "PEPE", 1000),
        ("PEPE", "1000PEPE", Fraction(1, 1000)),
        ("1INCH", "1INCH", 1),
    ],
)
def test_units_of_the_same_coin_compare(own: str, other: str, units: Fraction) -> None:
    assert bundled(listed(own), other) == units


def test_a_thousand_coins_cost_a_thousand_times_as_much_and_are_traded_a_thousandth_as_often() -> (
    None
):
    rows = [[0, "0.00001234", "0.00001300", "0.00001200", "0.00001250", "5000000", "more"]]

    assert rescaled(rows, Fraction(1000)) == [[0, 0.01234, 0.013, 0.012, 0.0125, 5000.0]]


@pytest.mark.parametrize(
    "row",
    [None, "text", [0, "1", "2"], [0, None, "2", "1", "1", "1"], [0, "x", "2", "1", "1", "1"]],
    ids=str,
)
def test_a_row_that_cannot_be_read_is_refused_not_left_in_other_units(row: object) -> None:
    parsed = parse_candles(rescaled([row], Fraction(1000)), H1, exchange_time=AS_OF)

    assert parsed.frame.is_empty()
    assert sum(parsed.faults.values()) == 1


def test_the_counterpart_is_the_same_coin_in_the_same_money_and_best_in_the_same_units() -> None:
    own = listed("1000PEPE")
    shelf = [
        listed("PEPE"),
        listed("1000PEPE", settle="USDC"),
        listed("1000PEPE"),
        listed("1000PEPECOIN"),
    ]

    assert counterpart(own, shelf) is shelf[2]
    assert counterpart(own, shelf[:1]) is shelf[0]
    assert counterpart(own, shelf[3:]) is None


def test_a_namesake_at_another_price_is_not_the_same_asset() -> None:
    held = candles(H1, AS_OF, *range(1, 11))
    near = held.with_columns(close=held["close"] * 1.002)
    far = held.with_columns(close=held["close"] * 1.04)

    assert unlike(held, near) is None
    assert unlike(NO_CANDLES, far) is None
    assert unlike(held, far) == "its closes must lie within 3% of the venue's, was 4.0%"


def test_a_certificate_names_each_timeframes_source_and_age_and_the_least_trusted_of_all() -> None:
    frame = candles(H1, AS_OF - timedelta(hours=2), *range(1, 5))

    quality = labelled(Quality(score=1.0), {D1: HOME, H1: SPOT}, {D1: NO_CANDLES, H1: frame})

    assert quality.source is Source.SPOT
    assert [one.place for one in quality.origins] == ["binance", "binance-spot"]
    assert [one.newest_close for one in quality.origins] == [None, AS_OF - timedelta(hours=2)]
    assert quality.source_of(D1) is Source.VENUE
    assert quality.source_of(Timeframe.H4) is Source.SPOT  # nothing is known of it: the worst


def test_history_keeps_what_the_venue_told_and_takes_only_later_candles_from_elsewhere() -> None:
    whole = candles(H1, AS_OF, *range(1, 7))
    told, spot = whole.head(4), whole.with_columns(close=whole["close"] * 1.001)
    sent = Sent(
        as_of=AS_OF - timedelta(hours=2),
        scan_id="one",
        new_since={},
        frames={H1: told},
        barometer=None,
    )

    foreign = new_since(sent, {H1: spot}, AS_OF, foreign=(H1,))[H1]
    again = new_since(sent, {H1: whole}, AS_OF)[H1]
    nothing = new_since(sent, {H1: spot.head(4)}, AS_OF, foreign=(H1,))[H1]

    assert foreign is not None
    assert milliseconds(foreign) == whole["open_time"][4]
    assert again == foreign
    assert nothing is None
