"""The figures in Prometheus's text format, by prometheus-client."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from scanforpay_django.operations.examination.metrics import read_metrics

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "scanforpay_"


class _FiguresCollector(Collector):
    """Asked for the figures at each scrape."""

    def collect(self) -> Iterator[Metric]:
        """Each figure as a family of its own; one that ends with _total never falls."""
        for metric in read_metrics():
            kind = CounterMetricFamily if metric.name.endswith("_total") else GaugeMetricFamily
            family = kind(f"{PREFIX}{metric.name}", metric.help, labels=metric.labels)
            for labels, value in metric.samples:
                family.add_metric(labels, value)
            yield family


def write_metrics() -> str:
    """All figures, with a registry of their own: the project's own metrics stay apart."""
    registry = CollectorRegistry()
    registry.register(_FiguresCollector())
    return generate_latest(registry).decode()
