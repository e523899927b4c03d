"""The dashboard in a real browser, fed over a real broker: it fills, explains, and stays calm."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from common.bus.nats import NatsBus
from common.domain import Direction, Fact
from common.sections import BusSettings
from standalone.adapters.nats_server import NatsServer
from standalone.adapters.ports import free_port
from tests.support import facts, sample_market
from tests.support.analyst_rig import analyst
from tests.support.browser import open_page
from tests.support.eventually import eventually

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.connected,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("browser"),
]

SERVICES = ("fetcher", "indicators", "signals", "planner", "recorder")
PATIENCE = 60_000
"""Milliseconds: a busy machine starts Streamlit and Plotly slowly."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A dashboard in its own process, and the bus it listens to."""

    url: str
    bus: NatsBus
    server: NatsServer
    process: subprocess.Popen[bytes]

    async def tell(self, *told: Fact) -> None:
        for fact in told:
            await self.bus.publish(fact)


@contextmanager
def dashboard(broker: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    environment = os.environ | {
        "SCANNER_BUS__URL": broker,
        "SCANNER_DASHBOARD__PORT": str(port),
        "SCANNER_DASHBOARD__REFRESH_SECONDS": "0.5",
        "HOME": str(folder),
    }
    with (folder / "dashboard.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard"],
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=20)


async def _listening(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/_stcore/health")).is_success
        except httpx.TransportError:
            return False


@dataclass(frozen=True, kw_only=True)
class Served:
    """A broker and a dashboard that follows it."""

    url: str
    server: NatsServer
    process: subprocess.Popen[bytes]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    server = NatsServer(folder / "nats", port=free_port())
    server.start()
    try:
        with dashboard(server.url, folder) as (url, process):
            yield Served(url=url, server=server, process=process)
    finally:
        server.stop()


@asynccontextmanager
async def filled(by: Served) -> AsyncIterator[Stage]:
    bus = NatsBus(BusSettings(url=by.server.url))
    await bus.connect()
    await sample_market.answer_questions(bus)
    stage = Stage(url=by.url, bus=bus, server=by.server, process=by.process)
    await stage.tell(*sample_market.scan_facts())
    alive = asyncio.create_task(_keep_telling(stage))
    try:
        await eventually(lambda: _listening(by.url), within=90, saying="the dashboard's port")
        yield stage
    finally:
        alive.cancel()
        await asyncio.wait({alive})
        await bus.close()


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("dashboard")) as shared:
        yield shared


@pytest.fixture
async def stage(_shared: Served) -> AsyncIterator[Stage]:
    """A filled dashboard that the tests of this module share: each touches its own contract."""
    async with filled(_shared) as stage:
        yield stage


@pytest.fixture
async def own_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A filled dashboard of the test's own, to be broken."""
    with served(tmp_path) as own:
        async with filled(own) as stage:
            yield stage


async def _keep_telling(stage: Stage) -> None:
    while True:
        await stage.tell(sample_market.marks_fact(), *sample_market.operations_facts(SERVICES))
        await asyncio.sleep(1)


async def _no_error(page: Page) -> None:
    await expect(page.locator('[data-testid="stException"]')).to_have_count(0)


async def _ids(page: Page) -> set[str]:
    rows = await page.locator(".st-key-setups tr[data-id]").all()
    return {str(await row.get_attribute("data-id")) for row in rows}


async def _labels(page: Page) -> list[str]:
    notes = page.locator(".js-plotly-plot .annotation-text")
    await notes.first.wait_for(timeout=PATIENCE)
    return [text or "" for text in await notes.all_text_contents()]


async def test_the_table_fills_and_choosing_a_contract_draws_its_plan(stage: Stage) -> None:
    async with open_page(stage.url) as page:
        rows = page.locator(".st-key-setups tr[data-id]")
        await rows.first.wait_for(timeout=PATIENCE)

        plans = {f"binance:{plan[0]}" for plan in sample_market.PLANS} - {"binance:INJUSDT"}
        blocked = {f"binance:{blocked[0]}" for blocked in sample_market.BLOCKED}
        assert await _ids(page) >= plans | blocked
        best = sample_market.plan_of("BTCUSDT")
        assert await _labels(page) == sample_market.labels(best)

        await page.locator('tr[data-id="binance:LINKUSDT"]').click()
        other = sample_market.plan_of("LINKUSDT")
        chosen = page.locator(".js-plotly-plot .annotation-text", has_text=f"Stop {other.stop}")
        await chosen.wait_for(timeout=PATIENCE)

        async def drawn() -> bool:
            return await _labels(page) == sample_market.labels(other)

        await eventually(drawn, within=20, saying="the chosen plan is drawn and the other gone")
        await expect(page.locator(".st-key-card .title")).to_have_text("LINKUSDT")
        assert "contract=binance%3ALINKUSDT" in page.url
        await _no_error(page)


async def test_every_page_says_that_the_market_is_simulated_and_none_fails(stage: Stage) -> None:
    for path, proof in (
        ("", 'tr[data-id="binance:BTCUSDT"]'),
        ("/scans", ".st-key-scans tr[data-id]"),
        ("/system", ".st-key-services tr[data-id]"),
    ):
        async with open_page(f"{stage.url}{path}") as page:
            await page.locator(proof).first.wait_for(timeout=PATIENCE)

            marker = page.locator('[data-testid="simulated-market"]')
            await expect(marker).to_contain_text("SIMULATED MARKET", timeout=PATIENCE)
            await _no_error(page)


async def test_prices_move_and_the_chart_is_not_drawn_again(stage: Stage) -> None:
    async with open_page(stage.url) as page:
        state = page.locator('tr[data-id="binance:AVAXUSDT"] .chip')
        await expect(state).to_have_text("● in zone", timeout=PATIENCE)
        await _labels(page)
        await page.evaluate(
            """() => {
              window.drawn = 0;
              const chart = document.querySelector(".js-plotly-plot");
              chart.on("plotly_afterplot", () => window.drawn++);
            }"""
        )

        later = facts.AS_OF + sample_market.FOUR_HOURS
        await stage.tell(sample_market.marks_fact(later, moved={"AVAXUSDT": -0.9}))
        await expect(state).to_have_text("◒ past zone", timeout=PATIENCE)

        assert await page.evaluate("window.drawn") == 0
        await _no_error(page)


async def test_a_new_plan_of_the_chosen_contract_draws_its_chart_again(stage: Stage) -> None:
    async with open_page(f"{stage.url}/?contract=binance%3ASOLUSDT") as page:
        await _labels(page)

        later = facts.AS_OF + sample_market.FOUR_HOURS
        turned = facts.plan("SOLUSDT", Direction.LONG, price=140.0, atr=4.0, as_of=later)
        await stage.tell(turned)

        note = page.locator(".js-plotly-plot .annotation-text", has_text="Stop 134.00")
        await note.wait_for(timeout=PATIENCE)
        await _no_error(page)


async def test_a_reason_with_markup_is_shown_as_text(stage: Stage) -> None:
    hostile = "<img src=x onerror='window.broken=1'> refused"
    await stage.tell(
        facts.rejection("EVILUSDT", refused=None, reason=hostile, as_of=facts.AS_OF, score=99.0)
    )
    async with open_page(f"{stage.url}/?contract=binance%3AEVILUSDT") as page:
        row = page.locator('tr[data-id="binance:EVILUSDT"]')
        await expect(row).to_contain_text(hostile, timeout=PATIENCE)
        await expect(page.locator(".st-key-card .lines")).to_contain_text(hostile, timeout=PATIENCE)

        assert await page.evaluate("window.broken") is None
        await _no_error(page)


async def test_an_answer_streams_and_its_citation_opens_the_fact(stage: Stage) -> None:
    hostile = "See https://evil.example, www.evil.example <img src=x onerror='window.broken=true'>"
    bus = NatsBus(BusSettings(url=stage.server.url))
    await bus.connect()
    try:
        async with analyst(bus=bus, told=False) as rig, open_page(f"{stage.url}/analyst") as page:
            rig.model.answer = lambda _: f"BTCUSDT is long [BTCUSDT.direction]. {hostile}"
            rig.model.pause_seconds = 0.15
            words = page.locator('[data-testid="stChatMessage"]').last
            await page.locator("textarea").fill("Why is BTCUSDT long?", timeout=PATIENCE)
            await page.locator("textarea").press("Enter")
            await expect(words).to_contain_text("BTCUSDT is long", timeout=PATIENCE)
            assert rig.model.writing == 1, "the rest is still being written"

            await expect(words).to_contain_text("every number checked", timeout=PATIENCE)
            await words.get_by_role("button", name="BTCUSDT.direction").click()
            await expect(page.get_by_text("observed 2026-01-05 08:00:00 UTC")).to_be_visible()
            await expect(words).to_contain_text("onerror")
            await expect(words.locator("a, img")).to_have_count(0)
            assert await page.evaluate("window.broken") is None
            await _no_error(page)
    finally:
        await bus.close()


@pytest.mark.parametrize(("width", "gates"), [(1280, "table-row-group"), (390, "block")])
async def test_gates_are_cards_on_a_phone_alone_and_votes_nowhere(
    stage: Stage, width: int, gates: str
) -> None:
    async with open_page(stage.url, width=width) as page:
        for table, display in (("gates", gates), ("votes", "table-row-group")):
            body = page.locator(f".st-key-{table} tbody")
            await expect(body.locator("tr").first).to_be_visible(timeout=PATIENCE)
            await expect(body).to_have_css("display", display, timeout=PATIENCE)


async def test_times_are_in_the_browsers_zone_until_another_is_chosen(stage: Stage) -> None:
    async with open_page(f"{stage.url}/scans", zone="Asia/Bangkok") as page:
        scan = page.locator(".st-key-scans tbody tr").first

        await expect(scan).to_contain_text("Mon 05 Jan 15:00", timeout=PATIENCE)


async def test_a_part_of_the_page_that_did_not_arrive_is_asked_for_again(stage: Stage) -> None:
    lost: list[str] = []

    async def lose_once(route: Route) -> None:
        if lost:
            await route.continue_()
        else:
            lost.append(route.request.url)
            await route.abort("connectionreset")

    async with open_page("about:blank") as page:
        await page.route("**/static/js/BidiComponent.*.js", lose_once)
        await page.goto(stage.url)
        await page.locator('tr[data-id="binance:BTCUSDT"]').wait_for(timeout=PATIENCE)

    assert lost


async def test_a_phone_has_no_sideways_scrolling_page(stage: Stage) -> None:
    async with open_page(stage.url, width=390, height=844) as page:
        await page.locator('tr[data-id="binance:BTCUSDT"]').wait_for(timeout=PATIENCE)

        wide = await page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")
        assert not wide


async def test_a_broker_that_dies_is_said_and_its_return_mends_the_page(own_stage: Stage) -> None:
    async with open_page(own_stage.url) as page:
        await page.locator('tr[data-id="binance:BTCUSDT"]').wait_for(timeout=PATIENCE)
        notice = page.locator(".st-key-notices .notice.tone-bad")
        await expect(notice).to_have_count(0, timeout=PATIENCE)

        own_stage.server.kill()
        await expect(notice).to_contain_text("NATS has been out of reach", timeout=PATIENCE)
        await page.locator('tr[data-id="binance:BTCUSDT"]').wait_for(timeout=PATIENCE)

        own_stage.server.start()
        await expect(notice).to_have_count(0, timeout=PATIENCE)
        await _no_error(page)


async def test_it_ends_quickly_and_cleanly_when_told_to(own_stage: Stage) -> None:
    async with open_page(own_stage.url) as page:
        await page.locator('tr[data-id="binance:BTCUSDT"]').wait_for(timeout=PATIENCE)

        began = time.monotonic()
        own_stage.process.terminate()
        code = await asyncio.to_thread(own_stage.process.wait, 20)

        assert code == 0
        assert time.monotonic() - began < 10
