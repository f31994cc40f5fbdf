"""A version of a model, with where it comes from and what it is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any

from sllm_core.store.versions import VersionRow

CLASSIFIER = "classifier"
"""The tuner of the embedded classifier."""


@dataclass(frozen=True)
class Version:
    """A version, by the name that findings give as their `model`.

    `state` is shipped, made (not measured yet), passed (the gate, and not promoted yet), promoted, refused, retired (it
    was current), or broken (its files are gone or damaged). `current`: its verdicts hold. `base` is the version
    that it was made from; `lineage`, `metrics` and the `report` of the gate are JSON values. `folder` is where it lies
    among the models of the store.
    """

    name: str
    tuner: str
    state: str
    made: datetime | None = None
    base: str | None = None
    current: bool = False
    lineage: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    folder: str | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**vars(self), "made": self.made and self.made.isoformat()}

    def row(self) -> VersionRow:
        """As it is stored.

        Raises:
            ValueError: it is that of the package, which is not.
        """
        if self.made is None:
            raise ValueError("what was shipped is not stored")
        kept = ("base", "lineage", "metrics", "report", "folder")
        return VersionRow(self.name, self.tuner, self.state, self.made, {name: getattr(self, name) for name in kept})


def stored_version(row: VersionRow, current: str | None) -> Version:
    """The version of a row; `current` names the one whose verdicts hold."""
    return Version(row.name, row.tuner, row.state, row.made, current=row.name == current, **row.record)


def base_version(tuner: str, current: bool) -> Version:
    """What a tuner's versions are made from, as it serves without any of them."""
    return Version(f"{tuner}-base", tuner, "shipped", current=current)


def shipped_version(current: bool) -> Version:
    """The weights of the package, with the metrics of their training."""
    from sllm_core.classifier.train import METRICS

    text = resources.files("sllm_core.classifier").joinpath(METRICS).read_text("utf-8")
    metrics = {name: value for name, value in json.loads(text).items() if name != "by_software"}
    return Version(metrics["version"], CLASSIFIER, "shipped", current=current, metrics=metrics)
