"""Exports the SDK's OpenTelemetry spans if the standard variables say so and the extra `otel` is installed."""

import logging
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orders_server import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_FLUSH_SECONDS = 2
_log = logging.getLogger(__name__)


@contextmanager
def export_spans(environment: Mapping[str, str] = os.environ) -> Generator[None]:
    """Send spans to the collector that `environment` names while the block runs; without one, nothing is loaded.

    A collector that cannot be used is a warning: the server buys without it.
    """
    provider = _provider(environment)
    try:
        yield
    finally:
        if provider is not None:
            # In a daemon thread, because a hanging collector must not delay the stop.
            leaving = threading.Thread(target=provider.shutdown, daemon=True)
            leaving.start()
            leaving.join(_FLUSH_SECONDS)


def _provider(environment: Mapping[str, str]) -> "TracerProvider | None":
    named = next((name for name in _ENDPOINTS if environment.get(name)), None)
    if named is None or environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return None
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "http/protobuf")
    if protocol != "http/protobuf":
        _log.warning("%s is set, and no span is exported: the protocol has to be http/protobuf", named)
        return None
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("%s is set, and no span is exported: install xportcn-orders[otel]", named)
        return None
    provider = TracerProvider(resource=Resource.create(_own_name(environment)), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def _own_name(environment: Mapping[str, str]) -> dict[str, str]:
    """The spans' resource attributes that `environment` does not set."""
    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {"service.version": __version__} | ({} if named else {"service.name": "xportcn-orders"})
