import pytest

from common.domain import (
    Barometer,
    Cluster,
    Decision,
    Direction,
    Failure,
    Regime,
    RejectionKind,
    ScanCompleted,
    StageTiming,
)
from fetcher.core.clusters import Ranked
from fetcher.core.ledger import Decided, ScanLedger
from tests.support import facts

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT")


def ledger() -> ScanLedger:
    return ScanLedger(facts.scan_started(SYMBOLS))


def decide(one: ScanLedger, decision: Decision, seconds: float = 1.0) -> None:
    one.decide(Decided.of(decision), seconds)


def completed(one: ScanLedger) -> ScanCompleted:
    return one.completed(duration_seconds=4.0, bitcoin="BTCUSDT", next_close=None)


def test_every_contract_is_accounted_for_by_name() -> None:
    one = ledger()
    decide(one, facts.plan("BTCUSDT"))
    decide(one, facts.rejection("ETHUSDT", RejectionKind.BLOCKED))
    decide(one, facts.rejection("SOLUSDT", RejectionKind.NO_SETUP))
    decide(one, facts.rejection("XRPUSDT", RejectionKind.NO_DATA))
    one.fail("ADAUSDT", "fetcher", "HTTP 500")

    end = completed(one)

    assert one.complete
    assert end.planned == ("BTCUSDT",)
    assert end.blocked == ("ETHUSDT",)
    assert end.no_setup == ("SOLUSDT",)
    assert end.no_data == ("XRPUSDT",)
    assert end.failures == (Failure(symbol="ADAUSDT", stage="fetcher", reason="HTTP 500"),)


def test_decisions_of_other_scans_and_strangers_are_not_counted() -> None:
    one = ledger()

    decide(one, facts.rejection("ETHUSDT", number=1))
    decide(one, facts.rejection("DOGEUSDT"))

    assert one.missing == SYMBOLS


def test_what_comes_first_is_final() -> None:
    one = ledger()
    one.fail("ETHUSDT", "signals", "dead letter")
    decide(one, facts.rejection("ETHUSDT"))
    decide(one, facts.plan("BTCUSDT"))
    one.fail("BTCUSDT", "planner", "too late")
    one.give_up("not decided")

    end = completed(one)

    assert end.planned == ("BTCUSDT",)
    assert {failure.symbol for failure in end.failures} == set(SYMBOLS) - {"BTCUSDT"}
    assert end.failures[0].stage == "signals"


def test_giving_up_says_how_far_each_contract_came() -> None:
    one = ScanLedger(facts.scan_started(SYMBOLS[:3]))
    one.sent("BTCUSDT", 0.5)
    one.trouble("ETHUSDT", "HTTP 418")
    one.give_up("not decided until the deadline")

    reasons = {failure.symbol: failure.reason for failure in completed(one).failures}

    assert reasons == {
        "BTCUSDT": "not decided until the deadline: its candles were sent",
        "ETHUSDT": "not decided until the deadline: its candles were not sent (HTTP 418)",
        "SOLUSDT": "not decided until the deadline: its candles were not sent",
    }


def test_a_scan_that_is_not_over_cannot_be_completed() -> None:
    with pytest.raises(ValueError, match="5 contracts must be named once, was 0"):
        completed(ledger())


def test_stages_know_their_first_and_last_moment() -> None:
    one = ScanLedger(facts.scan_started(SYMBOLS[:2]))
    one.sent("BTCUSDT", 0.5)
    one.sent("ETHUSDT", 0.75)
    decide(one, facts.plan("BTCUSDT"), 1.5)
    decide(one, facts.rejection("ETHUSDT"), 1.25)

    assert completed(one).stages == (
        StageTiming(stage="fetcher", first_seconds=0.5, last_seconds=0.75),
        StageTiming(stage="planner", first_seconds=1.25, last_seconds=1.5),
    )


def test_the_barometer_reads_the_counted_decisions() -> None:
    one = ScanLedger(facts.scan_started(SYMBOLS[:4]))
    decide(one, facts.plan("BTCUSDT", score=60.0, trend_score=40.0, regime=Regime.TRENDING_UP))
    decide(one, facts.rejection("ETHUSDT", score=-20.0, trend_score=-10.0))
    decide(one, facts.rejection("SOLUSDT", score=10.0, trend_score=None))
    decide(one, facts.rejection("XRPUSDT", score=None, trend_score=None))

    barometer = completed(one).barometer

    assert barometer == Barometer(
        scan_id=one.scan.scan_id,
        as_of=one.scan.as_of,
        counted=3,
        share_long=2 / 3,
        mean_trend=15.0,
        btc_trend=40.0,
        btc_regime=Regime.TRENDING_UP,
    )


def test_the_plans_counted_are_what_is_clustered() -> None:
    one = ScanLedger(facts.scan_started(SYMBOLS[:3]))
    decide(one, facts.plan("BTCUSDT", rank=90.0))
    decide(one, facts.rejection("ETHUSDT"))
    decide(one, facts.plan("SOLUSDT", Direction.SHORT, rank=120.0))

    assert one.plans == (
        Ranked(symbol="BTCUSDT", direction=Direction.LONG, rank=90.0),
        Ranked(symbol="SOLUSDT", direction=Direction.SHORT, rank=120.0),
    )


def test_the_account_names_the_clusters_of_its_plans_only() -> None:
    one = ScanLedger(facts.scan_started(SYMBOLS[:3]))
    for symbol in SYMBOLS[:2]:
        decide(one, facts.plan(symbol))
    decide(one, facts.rejection("SOLUSDT"))

    def end(*symbols: str) -> ScanCompleted:
        cluster = Cluster(
            lead=symbols[0], direction=Direction.LONG, symbols=symbols, btc_correlation=0.9
        )
        return one.completed(
            duration_seconds=4.0, bitcoin=None, next_close=None, clusters=(cluster,)
        )

    assert end("ETHUSDT", "BTCUSDT").clusters[0].lead == "ETHUSDT"
    with pytest.raises(ValueError, match="clusters must hold each plan at most once"):
        end("ETHUSDT", "SOLUSDT")


def test_without_decisions_the_barometer_knows_nothing() -> None:
    one = ledger()
    one.give_up("nobody decided")

    barometer = completed(one).barometer

    assert barometer.counted == 0
    assert barometer.share_long is None
    assert barometer.mean_trend is None
    assert barometer.btc_trend is None
