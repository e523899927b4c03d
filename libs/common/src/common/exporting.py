"""Where spans are sent, and under which ids: what a process sets up once, at its start."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from opentelemetry import trace
from typing_extensions import override

from common import telemetry

ENDPOINT_VARIABLE: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
TIMEOUT_VARIABLE: Final = "OTEL_EXPORTER_OTLP_TIMEOUT"

_EXPORT_SECONDS: Final = 2.0
"""A collector that does not answer must not keep a service from ending in time."""


def configure(environment: Mapping[str, str], *, service: str, instance: str) -> Callable[[], None]:
    """Send spans where OTEL_EXPORTER_OTLP_ENDPOINT says; without it every span is a no-op.

    Returns what sends the last spans before the process ends.
    """
    if not environment.get(ENDPOINT_VARIABLE):
        return lambda: None
    # The exporter takes a second to import: only who exports waits for it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

    class Ids(RandomIdGenerator):
        @override
        def generate_trace_id(self) -> int:
            return telemetry.WANTED_TRACE.get() or super().generate_trace_id()

        @override
        def generate_span_id(self) -> int:
            return telemetry.WANTED_SPAN.get() or super().generate_span_id()

    patience = float(environment.get(TIMEOUT_VARIABLE, _EXPORT_SECONDS))
    resource = Resource.create({"service.name": service, "service.instance.id": instance})
    provider = TracerProvider(resource=resource, id_generator=Ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=patience)))
    trace.set_tracer_provider(provider)
    return partial(in_time, provider.shutdown, seconds=2 * patience)


def in_time(last: Callable[[], object], *, seconds: float) -> None:
    """Do a last thing for so long at most: a collector's name alone may take ten to look up."""
    doing = threading.Thread(target=last, daemon=True)
    doing.start()
    doing.join(seconds)
