"""Figures as Prometheus reads them: its text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isinf, isnan

from sllm_core.metrics import Metric

PREFIX = "sllm_"
MEDIA_TYPE = "text/plain; version=0.0.4"
_PARTS = ("_bucket", "_sum", "_count")


def exposition(metrics: Iterable[Metric]) -> str:
    """The figures, those of one name together; buckets with their sum and count are a histogram."""
    found = list(metrics)
    buckets = {each.name.removesuffix("_bucket") for each in found if each.name.endswith("_bucket")}
    families: dict[str, list[Metric]] = {}
    for each in found:
        families.setdefault(_family(each.name, buckets), []).append(each)
    return "".join(line for name, members in families.items() for line in _told(name, members, name in buckets))


def _family(name: str, buckets: set[str]) -> str:
    whole = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
    return whole if whole in buckets else name


def _told(name: str, members: list[Metric], is_histogram: bool) -> Iterator[str]:
    about = members[0].help.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {PREFIX}{name} {about}\n"
    yield f"# TYPE {PREFIX}{name} {'histogram' if is_histogram else members[0].kind}\n"
    for each in members:
        yield f"{PREFIX}{each.name}{_labels(each.labels)} {_number(each.value)}\n"


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
