"""The figures of the sink."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sllm_core.metrics import Metric
from sllm_plugins.elasticsearch.bulk import BulkCounts

OUTCOMES = ("created", "updated", "older", "refused")


def sink_metrics(name: str, kinds: Mapping[str, BulkCounts]) -> Iterator[Metric]:
    """The figures of each kind of documents (finding, label) that the sink of this name writes."""
    for kind, counts in kinds.items():
        labels = {"sink": name, "kind": kind}
        for outcome in OUTCOMES:
            about = "Documents by what became of them; older: a newer revision was there; refused: taken in no form."
            yield _counter("documents_total", getattr(counts, outcome), about, {**labels, "outcome": outcome})
        yield _counter("retries_total", counts.retried, "Documents sent again because the server was busy.", labels)
        about = "Documents stored as text because they do not fit the mapping of their index."
        yield _counter("reduced_documents_total", counts.reduced, about, labels)
        yield _counter("wait_seconds_total", counts.waited, "Seconds for which the server took nothing.", labels)
        yield _counter("sent_bytes_total", counts.bytes, "Bytes of documents, before compression.", labels)
        yield _counter("requests_total", counts.requests, "Bulk requests that were answered.", labels)


def _counter(name: str, value: float, about: str, labels: Mapping[str, str]) -> Metric:
    return Metric(f"elasticsearch_sink_{name}", value, about, "counter", labels)
