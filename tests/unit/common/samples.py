"""One fact of every kind."""

from datetime import timedelta
from typing import Final

from common.domain import (
    AnalystNote,
    Bar,
    Fact,
    OutcomeStep,
    Stance,
    Timeframe,
    WatchList,
)
from tests.bench.bench_codec import candle_set
from tests.support import facts

SAMPLES: Final[dict[str, Fact]] = {
    type(fact).__name__: fact
    for fact in (
        candle_set(rows=50),
        Bar(
            venue="binance",
            symbol="BTCUSDT",
            simulated=True,
            timeframe=Timeframe.H1,
            open_time=facts.AS_OF - timedelta(hours=1),
            open=100.0,
            high=101.5,
            low=99.25,
            close=100.1,
            volume=12.0,
        ),
        facts.derivatives(),
        facts.marks({"BTCUSDT": 100.1, "1000PEPEUSDT": 0.0071}),
        facts.universe_snapshot(),
        facts.delisting(),
        facts.chart_frame(rows=64),
        facts.signal(),
        facts.plan(),
        facts.rejection(),
        facts.outcome(facts.plan(), OutcomeStep.STOPPED),
        WatchList(
            venue="binance",
            simulated=True,
            as_of=facts.AS_OF,
            revision=7,
            since={"BTCUSDT": facts.AS_OF, "ETHUSDT": facts.AS_OF},
        ),
        AnalystNote(
            venue="binance",
            symbol="BTCUSDT",
            simulated=True,
            scan_id=facts.scan_of(),
            as_of=facts.AS_OF,
            stance=Stance.CAUTION,
            reasons=("funding is high",),
            model="qwen3:8b",
            prompt_version="1",
        ),
        facts.scan_started(),
        facts.scan_completed(),
        facts.resource_usage(),
        facts.heartbeat(),
        facts.dead_letter(),
    )
}
