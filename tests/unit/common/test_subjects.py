import pytest

from common.domain import FACTS, Bar, Fact, Rejection, Signal
from common.streams import STREAMS, stream_of
from common.subjects import fact_at, fact_named, subject_of, tokens_of, wildcard
from tests.unit.common.samples import SAMPLES


@pytest.mark.parametrize("fact", SAMPLES.values(), ids=list(SAMPLES))
def test_a_subject_leads_back_to_its_fact(fact: Fact) -> None:
    subject = subject_of(fact)

    assert fact_at(subject) is type(fact)
    assert fact_named(fact.name()) is type(fact)
    for name, token in tokens_of(subject).items():
        assert str(getattr(fact, name)) == token


def test_subjects_read_as_bots_type_them() -> None:
    assert subject_of(SAMPLES["Bar"]) == "market.bars.binance.BTCUSDT.1h"
    assert subject_of(SAMPLES["TradePlan"]) == "plans.proposed.binance.BTCUSDT"
    assert subject_of(SAMPLES["DeadLetter"]) == "ops.dead-letter.signals"


def test_tokens_narrow_a_subscription() -> None:
    assert wildcard(Signal) == "signals.scored.*.*"
    assert wildcard(Signal, symbol="BTCUSDT") == "signals.scored.*.BTCUSDT"
    assert wildcard(Bar, venue="bybit", timeframe="1h") == "market.bars.bybit.*.1h"


def test_an_unknown_token_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Signal has no subject token \['timeframe'\]"):
        wildcard(Signal, timeframe="1h")


@pytest.mark.parametrize(
    "subject", ["", "signals", "signals.scored.binance", "signals.scored..BTCUSDT", "a.b.c.d"]
)
def test_a_strange_subject_belongs_to_no_fact(subject: str) -> None:
    assert fact_at(subject) is None
    assert tokens_of(subject) == {}


@pytest.mark.parametrize("fact", FACTS)
def test_every_durable_fact_lives_on_exactly_one_stream(fact: type[Fact]) -> None:
    homes = [stream for stream in STREAMS if fact in stream.facts]

    assert len(homes) == (1 if fact.durable else 0)
    if fact.durable:
        assert wildcard(fact) in stream_of(fact).subjects


def test_plan_and_rejection_share_one_key() -> None:
    assert SAMPLES["TradePlan"].key.startswith("decision.")
    assert isinstance(SAMPLES["Rejection"], Rejection)
    assert SAMPLES["Rejection"].key.replace("ETHUSDT", "BTCUSDT") == SAMPLES["TradePlan"].key
