from pathlib import Path
from urllib.parse import urlsplit

import pytest

from common.bus.permissions import USERS
from standalone.core.credentials import LOGIN_ROLES, credentials
from standalone.core.programs import SERVICES, Market, backfill, ports, services, simulated_venue
from standalone.settings import StandaloneSettings

SETTINGS = StandaloneSettings(health_port=9100, api_port=8000, speed=30)
SIMULATED = Market(venue="binance", live=False)
LIVE = Market(venue="binance", live=True)


def _environments(market: Market) -> dict[str, dict[str, str]]:
    programs = services(SETTINGS, market, credentials={})
    return {program.name: dict(program.environment) for program in programs}


def test_every_service_runs_as_its_own_module() -> None:
    programs = services(SETTINGS, SIMULATED, credentials={})

    assert [program.name for program in programs] == list(SERVICES)
    assert all(
        program.arguments[1:] == ("-m", program.name.replace("-", "_")) for program in programs
    )


def test_no_two_programs_share_a_readiness_address() -> None:
    programs = services(SETTINGS, SIMULATED, credentials={})

    assert len({program.ready_url for program in programs}) == len(programs)


def test_every_port_that_is_listened_on_is_looked_at_before_anything_starts() -> None:
    known = ports(SETTINGS, SIMULATED)
    answering = [
        *services(SETTINGS, SIMULATED, credentials={}),
        simulated_venue(SETTINGS, SIMULATED, Path()),
    ]

    assert {urlsplit(program.ready_url).port for program in answering} <= set(known.values())
    assert "the simulated venue" not in ports(SETTINGS, LIVE)
    assert len(set(known.values())) == len(known) == len(SERVICES) + 5


def test_a_live_market_asks_the_venue_itself_by_the_machine_s_clock() -> None:
    for environment in _environments(LIVE).values():
        assert "SCANNER_FETCHER__BASE_URL" not in environment
        assert "SCANNER_CLOCK__URL" not in environment


def test_a_simulated_market_is_read_by_its_own_clock() -> None:
    environment = _environments(SIMULATED)["fetcher"]

    assert environment["SCANNER_CLOCK__URL"].startswith(environment["SCANNER_FETCHER__BASE_URL"])


def test_a_fast_clock_s_deadline_stays_before_the_next_close() -> None:
    fast = services(StandaloneSettings(speed=1000), SIMULATED, credentials={})

    assert float(fast[0].environment["SCANNER_SCAN__DEADLINE_SECONDS"]) < 4 * 3600


@pytest.mark.parametrize(
    ("market", "folder"),
    [
        (LIVE, "live-binance"),
        (SIMULATED, "synthetic"),
        (Market(venue="binance", live=False, candles=Path("/some/recorded")), "candles-recorded"),
    ],
)
def test_markets_never_share_a_folder(market: Market, folder: str) -> None:
    assert market.folder_name == folder


def test_candle_files_become_the_venue_s_market() -> None:
    market = Market(venue="binance", live=False, candles=Path("/some/recorded"))

    environment = simulated_venue(SETTINGS, market, Path("/data")).environment

    assert environment["SCANNER_EXCHANGE_SIM__MARKET"] == "files"
    assert environment["SCANNER_EXCHANGE_SIM__FOLDER"] == "/some/recorded"


def test_every_service_is_given_its_own_names_and_nobody_else_s() -> None:
    given = credentials(
        SERVICES,
        bus={user: f"bus-of-{user}" for user in USERS},
        database={role: f"database-of-{role}" for role in LOGIN_ROLES},
        database_url="postgresql+psycopg://{role}@db",
    )

    programs = services(SETTINGS, SIMULATED, credentials=given)

    for program in programs:
        secrets = {value for value in program.environment.values() if "-of-" in value}
        role = "analyst" if program.name == "ai-analyst" else program.name
        assert secrets <= {f"bus-of-{program.name}", f"database-of-{role}"}
        assert program.environment["SCANNER_BUS__USER"] == program.name
    with_database = {one.name for one in programs if "SCANNER_DATABASE__URL" in one.environment}
    assert with_database == {"recorder", "api", "ai-analyst"}


def test_a_simulated_market_s_history_comes_from_its_own_venue() -> None:
    words = ("--from", "2024-01")
    demo = backfill(SETTINGS, SIMULATED, arguments=words, credentials={"A": "b"})
    live = backfill(SETTINGS, LIVE, arguments=words, credentials={"A": "b"})

    assert demo.arguments[1:] == live.arguments[1:] == ("-m", "recorder", "backfill", *words)
    assert set(demo.environment) - set(live.environment) == {
        "SCANNER_BACKFILL__ARCHIVE_URL",
        "SCANNER_BACKFILL__VENUE_URL",
        "SCANNER_CLOCK__URL",
    }
    assert live.environment == {"A": "b"}
