"""The compose file, read by the real Compose: what a server runs is well-formed and bounded."""

import re
import stat
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from common.bus.accounts import passwords
from common.bus.permissions import USERS
from standalone.core.credentials import DATABASE_ROLES, LOGIN_ROLES
from standalone.core.programs import SERVICES
from tests.support.composed import CLUSTER, DEMO, compose_model
from tests.support.processes import ROOT

_SERVER_MEMORY = 4 * 1024**3
_LEFT_FOR_THE_SYSTEM = 512 * 1024**2
_SERVER_CORES = 2.0
_MODEL = {"ollama", "ollama-pull"}
_ONCE = {"volumes", "migrate", "ollama-pull"}


@cache
def _every_service() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = compose_model("--profile", "*")["services"]
    return services


@pytest.mark.parametrize("profile", ["", "ai", "bybit", "public", "demo", "*"])
def test_every_profile_is_well_formed_and_runs_every_service(profile: str) -> None:
    services = compose_model(*(["--profile", profile] if profile else []))["services"]

    assert set(SERVICES) <= services.keys()
    assert ("exchange-sim" in services) == (profile in {"demo", "*"})


def test_one_switch_puts_everything_on_the_simulated_venue_and_its_data_apart() -> None:
    demo, live = compose_model(*DEMO), compose_model()

    clocks = {demo["services"][name]["environment"]["SCANNER_CLOCK__URL"] for name in SERVICES}
    assert clocks == {"http://exchange-sim:8700/sim/clock"}
    assert demo["services"]["fetcher"]["environment"]["SCANNER_FETCHER__BASE_URL"]
    assert demo["services"]["fetcher"]["depends_on"]["exchange-sim"]
    assert live["name"] == "scanner"
    volumes = [{volume["name"] for volume in model["volumes"].values()} for model in (demo, live)]
    assert not volumes[0] & volumes[1]


def test_what_is_set_in_one_file_stays_in_force_under_every_switch(tmp_path: Path) -> None:
    own, more = tmp_path / "own.env", tmp_path / "more.yml"
    more.write_text('services: { planner: { mem_limit: "333m" } }')
    own.write_text(
        f"COMPOSE_FILE=compose.yaml:{more}\nCOMPOSE_PROFILES=ai\nVENUE=bybit\nAPI_PORT=8080\n"
    )

    model = compose_model("--env-file", str(own), *DEMO, *CLUSTER)

    services = model["services"]
    assert model["name"] == "scanner-demo"
    assert {"ollama", "exchange-sim", "nats-3"} <= services.keys()
    assert services["fetcher"]["environment"]["SCANNER_FETCHER__VENUE"] == "bybit"
    assert services["api"]["ports"][0]["published"] == "8080"
    assert int(services["planner"]["mem_limit"]) == 333 * 1024**2


@pytest.mark.parametrize("verb", ["up", "down", "logs", "backup", "restore"])
def test_every_verb_of_make_takes_the_settings_and_the_switches(verb: str, tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    make = [
        "make",
        "--dry-run",
        "-f",
        f"{ROOT}/Makefile",
        verb,
        "DEMO=1",
        "CLUSTER=1",
        "COMPOSE=dc",
    ]

    told = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    files = (".env", "deploy/demo.env", "deploy/cluster.env")
    assert " ".join(["dc", *(f"--env-file {name}" for name in files)]) in told


def test_a_cluster_leaves_the_single_brokers_streams_alone() -> None:
    one, three = compose_model(), compose_model(*CLUSTER)

    def kept(model: dict[str, Any]) -> set[str]:
        brokers = [one for name, one in model["services"].items() if name.startswith("nats")]
        mounts = [mount for broker in brokers for mount in broker["volumes"]]
        return {mount["source"] for mount in mounts if mount["type"] == "volume"}

    assert kept(one) == {"nats"}
    assert kept(three) == {"nats-1", "nats-2", "nats-3"}


@pytest.mark.parametrize("beside", [{"public", "bybit"}, {"public", "demo"}])
def test_the_limits_add_up_on_two_cores_and_four_gigabytes_without_the_model(
    beside: set[str],
) -> None:
    at_work = {
        name: service
        for name, service in _every_service().items()
        if name not in _ONCE | _MODEL and set(service.get("profiles", beside)) <= beside
    }

    memory = sum(int(service["mem_limit"]) for service in at_work.values())
    cores = sum(float(service["cpus"]) for service in at_work.values())

    assert memory <= _SERVER_MEMORY - _LEFT_FOR_THE_SYSTEM
    assert cores <= _SERVER_CORES + 1e-9


def test_only_the_faces_are_published_and_on_loopback_only_but_for_the_one_with_tls() -> None:
    published = {
        name: {(port.get("host_ip"), port["target"]) for port in service["ports"]}
        for name, service in _every_service().items()
        if service.get("ports")
    }

    assert published.pop("caddy") == {(None, 8080), (None, 8443)}
    assert published == {
        "nats": {("127.0.0.1", 4222)},
        "jaeger": {("127.0.0.1", 16686)},
        "api": {("127.0.0.1", 8000)},
        "dashboard": {("127.0.0.1", 8501)},
    }


def test_no_container_can_do_more_than_it_must() -> None:
    capabilities = {}
    for name, service in _every_service().items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        capabilities[name] = service.get("cap_add", [])
        if "build" not in service and name != "volumes":
            assert service["user"] in {"postgres", "10001:10001"}, name

    assert {name for name, added in capabilities.items() if added} == {"volumes", "caddy"}
    assert "\nUSER 10001\n" in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_what_keeps_running_starts_again_says_how_it_is_and_fills_no_disk() -> None:
    for name, service in _every_service().items():
        assert service["logging"]["options"]["max-size"], name
        if name not in _ONCE:
            assert service["restart"] == "unless-stopped", name
            assert "build" in service or service["healthcheck"]["test"], name
        for needed in service.get("depends_on", {}).values():
            assert needed["condition"] in {"service_healthy", "service_completed_successfully"}


def test_every_image_is_pinned() -> None:
    images = [service["image"] for service in _every_service().values() if "build" not in service]

    assert images
    images += re.findall(r"PYTHON_IMAGE=(\S+)", (ROOT / "deploy/Dockerfile").read_text("utf-8"))
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images)


def test_each_service_is_given_its_own_secrets_alone() -> None:
    services = _every_service()
    for name in SERVICES:
        given = {secret["source"] for secret in services[name]["secrets"]}
        role = DATABASE_ROLES.get(name)
        assert given == {f"nats-{name}"} | ({f"postgres-{role}"} if role else set()), name
        variables = services[name]["environment"]
        assert variables["SCANNER_BUS__USER"] == name
        assert variables["SCANNER_BUS__PASSWORD_FILE"] == f"/run/secrets/nats-{name}"
        if role:
            assert f"//{role}@postgres" in variables["SCANNER_DATABASE__URL"]
            assert variables["SCANNER_DATABASE__PASSWORD_FILE"] == f"/run/secrets/postgres-{role}"


def test_no_password_stands_in_the_file() -> None:
    for name, service in _every_service().items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable or "_ROLES__" in variable:
                assert value.startswith("/run/secrets/"), f"{name} {variable}"


def test_drawn_passwords_are_every_users_own_and_stay_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    first, second = (_draw(folder), _draw(folder))

    assert first == second
    assert {f"nats-{user}" for user in USERS} <= first.keys()
    assert {f"postgres-{role}" for role in ("owner", *LOGIN_ROLES)} <= first.keys()
    drawn = [text for name, text in first.items() if name != "nats-passwords.conf"]
    assert len(set(drawn)) == len(drawn)
    assert min(len(text.strip()) for text in drawn) == 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    known = {user: first[f"nats-{user}"].strip() for user in USERS}
    assert first["nats-passwords.conf"] == passwords(known)


def test_a_password_lost_or_cut_short_is_drawn_again(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    before = _draw(folder)
    (folder / "nats-planner").unlink()
    (folder / "nats-planner").touch()

    after = _draw(folder)

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"nats-planner", "nats-passwords.conf"}


def test_every_secret_of_the_file_is_drawn(tmp_path: Path) -> None:
    drawn = _draw(tmp_path / "secrets").keys()

    wanted = {
        Path(secret["file"]).name for secret in compose_model("--profile", "*")["secrets"].values()
    }

    assert wanted <= drawn


def test_every_variable_the_file_reads_is_explained() -> None:
    read = re.findall(
        r"\$\{(\w+)", (ROOT / "deploy/docker-compose.yml").read_text(encoding="utf-8")
    )
    explained = (ROOT / ".env.example", *(ROOT / "deploy").glob("*.env"))
    told = "".join(path.read_text(encoding="utf-8") for path in explained)

    assert [name for name in sorted(set(read)) if f"{name}=" not in told] == []


def _draw(folder: Path) -> dict[str, str]:
    subprocess.run([ROOT / "deploy" / "secrets.sh", folder], check=True)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
