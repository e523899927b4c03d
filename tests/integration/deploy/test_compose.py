"""The compose file is read by the real Compose: what a server would run is well-formed."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from standalone.core.programs import SERVICES

ROOT = Path(__file__).parents[3]
COMPOSE = Path(sysconfig.get_path("scripts")) / "docker-compose"


def _config(*arguments: str, password: str = "a-password") -> subprocess.CompletedProcess[str]:
    if not COMPOSE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Compose is not installed at {COMPOSE}")
        pytest.skip("Compose comes as a wheel for Linux only")
    return subprocess.run(
        [COMPOSE, *arguments, "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "POSTGRES_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )


def _services(*arguments: str) -> dict[str, dict[str, Any]]:
    finished = _config(*arguments)
    assert finished.returncode == 0, finished.stderr
    services: dict[str, dict[str, Any]] = json.loads(finished.stdout)["services"]
    return services


@pytest.mark.parametrize("profile", ["", "demo", "*"])
def test_every_profile_is_well_formed_and_runs_every_service(profile: str) -> None:
    services = _services(*(["--profile", profile] if profile else []))

    assert set(SERVICES) <= services.keys()
    assert ("exchange-sim" in services) == bool(profile)


def test_nothing_starts_without_a_password() -> None:
    finished = _config(password="")

    assert finished.returncode != 0
    assert "POSTGRES_PASSWORD" in finished.stderr


def test_ports_are_published_on_loopback_only() -> None:
    published = [
        (name, port.get("host_ip"))
        for name, service in _services("--profile", "*").items()
        for port in service.get("ports", [])
    ]

    assert published
    assert {address for _, address in published} == {"127.0.0.1"}


def test_every_image_is_pinned() -> None:
    images = [
        service["image"]
        for service in _services("--profile", "*").values()
        if "build" not in service
    ]

    assert images
    assert all(":" in image and not image.endswith(":latest") for image in images)
