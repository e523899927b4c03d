"""Importing any module is free: no environment, no network, no files of ours."""

import subprocess
import sys

from tests.support.processes import ROOT

_IMPORT_ALL = """
import importlib, pkgutil, socket, sys

def refuse(*_, **__):
    raise AssertionError("importing must not connect anywhere")

socket.socket.connect = refuse
socket.create_connection = refuse
import common
for module in pkgutil.walk_packages(common.__path__, "common."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert "opentelemetry.exporter.otlp.proto.http.trace_exporter" not in sys.modules
"""


def test_importing_every_module_needs_no_environment_and_no_network() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _IMPORT_ALL],
        cwd=ROOT / "tests",
        env={},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )

    assert done.returncode == 0, done.stderr
