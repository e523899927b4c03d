"""Every page over a filled board, as Streamlit runs it: nothing fails, everything is said."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from common.domain import (
    ClockReply,
    Cluster,
    Direction,
    IndicatorFrame,
    PlanRecord,
    ScanReply,
    Timeframe,
)
from common.errors import BusUnavailableError
from common.telemetry import trace_id_of
from dashboard.core.board import Board, ContractId
from dashboard.core.health import Link
from dashboard.core.merging import merge
from dashboard.core.venue_time import Instant
from dashboard.ports import Live
from dashboard.settings import DashboardSettings
from tests.support import facts, sample_market
from tests.unit.dashboard.test_record import ENOUGH, record

pytestmark = pytest.mark.timeout(120)


class FixedLive:
    """A market that stands still, and a list of what was asked of it."""

    def __init__(self, board: Board, *, connected: bool = True, reachable: bool = True) -> None:
        self._board = board
        self._link = Link(connected=connected, since=0.0, detail="" if connected else "refused")
        self._reachable = reachable
        self.scans: list[tuple[str, bool]] = []
        self.periods: list[datetime | None] = []

    @property
    def settings(self) -> DashboardSettings:
        return DashboardSettings(expected_services=())

    @property
    def trace_url(self) -> str:
        return "http://traces/{trace_id}"

    def board(self) -> Board:
        return self._board

    def link(self) -> Link:
        return self._link

    def instant(self) -> Instant:
        return Instant(wall=facts.AS_OF, monotonic=1.0)

    def chart(self, contract: ContractId, timeframe: Timeframe, scan_id: str) -> IndicatorFrame:
        del scan_id
        if not self._reachable:
            raise BusUnavailableError("nobody answers indicators.request.frame")
        return facts.chart_frame(contract.symbol, timeframe, rows=120)

    def scan_now(self, venue: str, *, force: bool) -> ScanReply:
        if not self._reachable:
            raise BusUnavailableError("nobody answers fetcher.request.scan")
        self.scans.append((venue, force))
        return ScanReply(scan_id=facts.scan_of(), reused=not force)

    def plan_record(self, since: datetime | None) -> PlanRecord:
        if not self._reachable:
            raise BusUnavailableError("nobody answers api.request.record")
        self.periods.append(since)
        return record(ENOUGH)


def market() -> Board:
    told = (
        *sample_market.scan_facts(),
        sample_market.marks_fact(),
        *sample_market.operations_facts(["fetcher", "planner"]),
    )
    clock = ClockReply(
        now=facts.AS_OF + timedelta(minutes=21),
        speed=1.0,
        next_close=facts.AS_OF + timedelta(hours=4),
        simulated=True,
    )
    return merge(Board(), told, 1.0).with_clock(facts.VENUE, clock, 1.0)


def page(live: Live, name: str = "scanner") -> AppTest:
    # AppTest runs the source of this function alone: it may name nothing outside of itself.
    def script(live: object, name: str) -> None:
        from dashboard.adapters.pages import frame, scanner, scans, system  # noqa: PLC0415
        from dashboard.ports import Live  # noqa: PLC0415

        assert isinstance(live, Live)

        frame.notices(live)
        frame.choose_zone()
        {"scanner": scanner, "scans": scans, "system": system}[name].show(live)

    return AppTest.from_function(script, args=(live, name), default_timeout=60).run()


def shown(app: AppTest) -> dict[str, Any]:
    """Return the data of every element of our own, by its key."""
    found: dict[str, Any] = {}
    for element in app.get("bidi_component"):
        proto = element.proto
        found[proto.id.rpartition("-")[2]] = json.loads(proto.json or "null")
    return found


def test_the_scanner_shows_plans_first_and_the_best_one_in_detail() -> None:
    app = page(FixedLive(market()))

    assert not app.exception
    told = shown(app)
    assert told["setups"]["rows"][0]["id"] == "binance:BTCUSDT"
    assert told["setups"]["chosen"] == "binance:BTCUSDT"
    assert told["card"]["head"]["title"] == "BTCUSDT"
    assert told["card"]["warnings"] == ["resistance at 0.9 R"]
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("name", ["scanner", "scans", "system"])
def test_every_page_says_that_the_market_is_simulated(name: str) -> None:
    app = page(FixedLive(market()), name)

    assert not app.exception
    assert shown(app)["notices"]["notices"][0]["text"].startswith("SIMULATED MARKET · binance")


@pytest.mark.parametrize("name", ["scanner", "scans", "system"])
def test_every_page_stands_before_anything_is_known(name: str) -> None:
    app = page(FixedLive(Board(), connected=False), name)

    assert not app.exception
    (notice,) = shown(app)["notices"]["notices"]
    assert notice["text"].startswith("NATS has been out of reach")


def test_filters_narrow_the_table() -> None:
    app = page(FixedLive(market()))

    app.text_input(key="search").set_value("xrp").run()

    assert not app.exception
    assert [row["id"] for row in shown(app)["setups"]["rows"]] == ["binance:XRPUSDT"]


def test_a_search_shows_what_it_finds_and_a_filter_does_not() -> None:
    app = page(FixedLive(market()))
    app.query_params["contract"] = "binance:BTCUSDT"

    app.segmented_control(key="direction").set_value("▼ Short").run()
    still = app.session_state["chosen"]
    app.segmented_control(key="direction").set_value("All").run()
    app.text_input(key="search").set_value("xrp").run()

    assert still == "binance:BTCUSDT"
    assert app.session_state["chosen"] == "binance:XRPUSDT"
    assert shown(app)["card"]["head"]["title"] == "XRPUSDT"


def test_correlated_plans_are_one_row_until_all_are_asked_for() -> None:
    cluster = Cluster(
        lead="BTCUSDT",
        direction=Direction.LONG,
        symbols=("BTCUSDT", "XRPUSDT"),
        btc_correlation=1.0,
    )
    planned = [entry[0] for entry in sample_market.PLANS]
    completed = facts.scan_completed(planned=planned, blocked=(), clusters=[cluster])
    app = page(FixedLive(merge(market(), [completed], 2.0)))

    folded = [row["id"] for row in shown(app)["setups"]["rows"]]
    said = [caption.value for caption in app.caption]
    app.toggle(key="correlated").set_value(True).run()
    every = [row["id"] for row in shown(app)["setups"]["rows"]]

    assert not app.exception
    assert "2 of 5 longs move with BTCUSDT (BTC correlation 1.00)" in said[0].replace("\\", "")
    assert set(every) - set(folded) == {"binance:XRPUSDT"}


def test_a_blocked_setup_explains_why_not() -> None:
    app = page(FixedLive(market()))
    app.session_state["chosen"] = "binance:ETHUSDT"

    app.run()

    assert not app.exception
    told = shown(app)
    assert told["card"]["head"]["title"] == "ETHUSDT"
    assert told["gates"]["rows"][0]["cells"][0]["text"] == "✕ refused"


def test_a_chart_that_cannot_be_had_is_a_sentence_and_not_an_error_box() -> None:
    app = page(FixedLive(market(), reachable=False))

    assert not app.exception
    (sentence,) = shown(app)["chart_problem"]["warnings"]
    assert "nobody answers indicators.request.frame" in sentence


def test_the_zone_chosen_is_the_zone_times_are_written_in() -> None:
    app = page(FixedLive(market()))

    app.selectbox(key="zone").set_value("Asia/Bangkok").run()

    assert shown(app)["card"]["head"]["note"] == "binance · closed Mon 05 Jan 15:00"


def test_scan_now_asks_the_chosen_venue_and_names_the_scan() -> None:
    live = FixedLive(market())
    app = page(live, "scans")

    app.button[0].click().run()

    assert not app.exception
    assert live.scans == [("binance", False)]
    assert shown(app)["scan_reply"]["lines"][0]["value"] == facts.scan_of()


def test_a_scan_nobody_answers_is_a_sentence() -> None:
    app = page(FixedLive(market(), reachable=False), "scans")

    app.button[0].click().run()

    assert not app.exception
    assert "nobody answers" in shown(app)["scan_reply"]["warnings"][0]


def test_how_plans_ended_is_summed_up_over_the_chosen_period_of_the_venues_time() -> None:
    live = FixedLive(market())
    app = page(live, "scans")
    app.segmented_control(key="record_period").set_value("7 days").run()
    app.segmented_control(key="record_period").set_value("All").run()

    assert not app.exception
    assert live.periods == [
        facts.AS_OF - timedelta(days=90),
        facts.AS_OF - timedelta(days=7),
        None,
    ]
    assert shown(app)["plan_record"]["lines"][1]["value"] == "41 %"
    assert shown(app)["plan_record_parts"]["rows"][0]["cells"][0]["text"] == "All"


def test_without_the_api_the_rest_of_the_page_stands_and_the_record_says_why() -> None:
    app = page(FixedLive(market(), reachable=False), "scans")

    assert not app.exception
    assert "endings" in shown(app)
    assert any("nobody answers api" in caption.value for caption in app.caption)


def test_the_system_page_lists_services_and_dead_letters() -> None:
    told = shown(page(FixedLive(market()), "system"))

    assert [row["id"] for row in told["services"]["rows"]] == ["fetcher 1", "planner 1"]
    assert len(told["letters"]["rows"]) == 1


def test_the_chosen_contract_leads_to_the_trace_of_its_decision() -> None:
    app = page(FixedLive(market()), "scanner")

    (button,) = app.get("link_button")
    symbol = shown(app)["card"]["head"]["title"]

    assert button.proto.url == f"http://traces/{trace_id_of(facts.scan_of(), symbol)}"
