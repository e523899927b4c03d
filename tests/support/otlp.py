"""A collector of traces: it takes OTLP over HTTP as Jaeger would, and keeps every span."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

_LARGEST_BODY: Final = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class CollectedSpan:
    """One finished span; ids as Jaeger spells them."""

    service: str
    scope: str
    name: str
    kind: str
    """INTERNAL, SERVER, CLIENT, PRODUCER or CONSUMER."""
    trace_id: str
    span_id: str
    parent_id: str
    """Empty for a trace's root."""
    links: frozenset[str]
    """Span ids."""
    failed: bool
    attributes: Mapping[str, object]


@dataclass
class Collector:
    """Every span that has arrived."""

    endpoint: str
    """For OTEL_EXPORTER_OTLP_ENDPOINT."""
    spans: list[CollectedSpan] = field(default_factory=list)

    def in_trace(self, trace_id: str) -> list[CollectedSpan]:
        """Return one trace's spans."""
        return [span for span in self.spans if span.trace_id == trace_id]

    async def take(self, request: web.Request) -> web.Response:
        """Keep an export's spans."""
        export = ExportTraceServiceRequest.FromString(await request.read())
        for resource_spans in export.resource_spans:
            about = {one.key: _value(one.value) for one in resource_spans.resource.attributes}
            for scope_spans in resource_spans.scope_spans:
                self.spans += [
                    _collected(
                        span, service=str(about["service.name"]), scope=scope_spans.scope.name
                    )
                    for span in scope_spans.spans
                ]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """Collect spans on a free port while inside."""
    application = web.Application(client_max_size=_LARGEST_BODY)
    runner = web.AppRunner(application, access_log=None)
    collecting = Collector(endpoint="")
    application.router.add_post("/v1/traces", collecting.take)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    collecting.endpoint = f"http://{host}:{port}"
    try:
        yield collecting
    finally:
        await runner.cleanup()


def _collected(span: WireSpan, *, service: str, scope: str) -> CollectedSpan:
    return CollectedSpan(
        service=service,
        scope=scope,
        name=span.name,
        kind=WireSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=frozenset(link.span_id.hex() for link in span.links),
        failed=span.status.code == span.status.STATUS_CODE_ERROR,
        attributes={one.key: _value(one.value) for one in span.attributes},
    )


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind is not None else None
