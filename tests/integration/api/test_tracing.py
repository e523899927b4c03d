"""With tracing on, a request is a span and its questions to Postgres are its children."""

import os
import subprocess
import sys

import pytest

from tests.support.servers import Database

pytestmark = pytest.mark.connected

# In a process of its own: the tracer provider is one for the whole process, and cannot be unset.
_PROGRAM = """
import asyncio, os
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
from tests.integration.api.seeded import running_api
from tests.support.servers import Database

async def ask():
    database = Database(os.environ["URL"], os.environ["PASSWORD"], None)
    async with running_api(database) as api:
        exporter.clear()
        await api.http.get("/v1/scans")

asyncio.run(ask())
spans = exporter.get_finished_spans()
request = next(span for span in spans if span.name == "GET /v1/scans")
children = [s.name for s in spans if s.context.trace_id == request.context.trace_id]
print("\\n".join(sorted(set(children))))
"""


def test_a_request_and_its_questions_are_one_trace(postgres: Database) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={"PATH": os.environ["PATH"], "URL": postgres.url, "PASSWORD": postgres.password},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    names = finished.stdout.splitlines()
    assert "GET /v1/scans" in names
    assert "postgres read" in names
