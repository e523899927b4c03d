"""The Kubernetes manifests: rendered by kustomize, checked by Kubernetes' own schemas."""

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from standalone.core.programs import SERVICES
from tests.support.composed import compose_model
from tests.support.processes import ROOT

Manifest = dict[str, Any]

_KUBECTL = Path(sysconfig.get_path("scripts")) / "kubectl"
_VERSION = "1.33"
_BROKERS = "nats-0.nats nats-1.nats nats-2.nats"
_ELSEWHERE = {
    "SCANNER_CLOCK__URL",
    "SCANNER_TELEMETRY__TRACE_URL",
    "SCANNER_ANALYST__EMBEDDING_MODEL",
    "SCANNER_ANALYST__MODEL",
}
"""Settings of compose that a cluster leaves at their defaults."""


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    folder = tmp_path_factory.mktemp("kubernetes") / "deploy"
    shutil.copytree(ROOT / "deploy", folder, ignore=shutil.ignore_patterns("secrets"))
    environment = {"PATH": "/usr/bin:/bin", "BROKERS": _BROKERS}
    subprocess.run([folder / "secrets.sh"], env=environment, check=True)
    rendered = subprocess.run(
        [_KUBECTL, "kustomize", folder], capture_output=True, text=True, check=False
    )
    assert rendered.returncode == 0, rendered.stderr
    return list(yaml.safe_load_all(rendered.stdout))


def test_every_manifest_keeps_to_the_schema(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        kubernetes_validate.validate(manifest, _VERSION, strict=True)


def test_every_service_runs_with_the_settings_it_has_in_compose(manifests: list[Manifest]) -> None:
    composed = compose_model()["services"]
    shared = _named(manifests, "ConfigMap", "environment")["data"]
    for name in SERVICES:
        container = _pod(_named(manifests, "Deployment", name))["containers"][0]
        variables = shared | {one["name"]: one["value"] for one in container["env"]}
        wanted = {
            variable: value
            for variable, value in composed[name]["environment"].items()
            if variable.startswith("SCANNER_") and value and variable not in _ELSEWHERE
        }
        different = {key for key, value in wanted.items() if variables.get(key) != value}
        assert different <= {
            "SCANNER_BUS__REPLICAS",
            "SCANNER_SCAN__DEADLINE_SECONDS",
            "SCANNER_DASHBOARD__ALLOWED_HOSTS",
        }, name


def test_pods_are_restricted_as_the_namespace_demands(manifests: list[Manifest]) -> None:
    labels = _named(manifests, "Namespace", "scanner")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in _pods(manifests):
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["readOnlyRootFilesystem"], name
            assert container["resources"]["limits"]["memory"], name
            assert ":" in container["image"], name


def test_what_a_pod_mounts_exists_and_each_service_is_given_its_own_secrets(
    manifests: list[Manifest],
) -> None:
    known = {(one["kind"], one["metadata"]["name"]) for one in manifests}
    for name, pod in _pods(manifests):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for volume in volumes.values():
            for kind, key in (("Secret", "secret"), ("ConfigMap", "configMap")):
                held = volume.get(key)
                assert held is None or (kind, held.get("secretName", held.get("name"))) in known
        if name in SERVICES:
            secret = volumes["secrets"]["secret"]["secretName"]
            given = set(_named(manifests, "Secret", secret)["data"])
            wanted = {one["source"] for one in compose_model()["services"][name]["secrets"]}
            assert given == wanted, name


def test_three_brokers_know_each_other_and_no_service_counts_twice(
    manifests: list[Manifest],
) -> None:
    brokers = _named(manifests, "StatefulSet", "nats")["spec"]

    assert brokers["replicas"] == len(_BROKERS.split()) == 3
    for name in ("fetcher", "planner"):
        spec = _named(manifests, "Deployment", name)["spec"]
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def _named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    return next(
        one
        for one in manifests
        if one["kind"] == kind
        and (one["metadata"]["name"] == name or one["metadata"]["name"].startswith(f"{name}-"))
    )


def _pod(manifest: Manifest) -> Manifest:
    pod: Manifest = manifest["spec"]["template"]["spec"]
    return pod


def _pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for manifest in manifests:
        if manifest["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield manifest["metadata"]["name"], _pod(manifest)
