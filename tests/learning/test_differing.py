from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from learning_scene import START
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.dataset_files import keep_dataset
from sllm_core.learning.differing import version_diff
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import Version
from sllm_core.store import Store

Values = Mapping[str, Any]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with Store(tmp_path) as store:
        yield Registry(store, {})


def example(key: str, label: str) -> Example:
    return Example("anomaly", key, f"message {key}", label, "train")


def keep(
    registry: Registry,
    name: str,
    lineage: Values,
    *examples: Example,
    report: Values = MappingProxyType({}),
    metrics: Values = MappingProxyType({}),
) -> None:
    assert registry.models is not None
    registry.models.mkdir(parents=True, exist_ok=True)
    if examples:
        keep_dataset(Dataset(examples, (), str(lineage["data"])), registry.models)
    told = dict(report), dict(metrics)
    version = Version(name, "classifier", "passed", START, "b", lineage=lineage, report=told[0], metrics=told[1])
    registry.keep(version)


def test_labels_that_were_added_removed_and_changed_are_told(registry: Registry) -> None:
    keep(registry, "a", {"data": "1"}, example("x", "normal"), example("y", "normal"), example("z", "warning"))
    keep(registry, "b", {"data": "2"}, example("x", "critical"), example("z", "warning"), example("new", "normal"))
    data = version_diff(registry, "a", "b").data
    assert (data.known, data.added, data.removed, data.relabelled, data.same) == (True, 1, 1, 1, 1)
    assert [(each.text, each.first, each.second) for each in data.changes] == [
        ("message x", "normal", "critical"),
        ("message new", None, "normal"),
        ("message y", "normal", None),
    ]


def test_without_data_nothing_is_said_of_it(registry: Registry) -> None:
    keep(registry, "a", {"data": "1"})
    keep(registry, "b", {"data": "2"}, example("x", "critical"))
    assert not version_diff(registry, "a", "b").data.known


def test_only_origins_that_differ_are_told_and_a_run_is_none(registry: Registry) -> None:
    keep(registry, "a", {"data": "1", "seed": 0, "terms": {"least": 1, "most": 2}, "run": "r1"})
    keep(registry, "b", {"data": "1", "seed": 3, "terms": {"least": 1, "most": 5}, "run": "r2"})
    found = version_diff(registry, "a", "b").lineage
    assert [(each.name, each.first, each.second, each.change) for each in found] == [
        ("seed", 0, 3, 3.0),
        ("terms.most", 2, 5, 3.0),
    ]


def test_what_the_gate_found_stands_side_by_side(registry: Registry) -> None:
    check = {"name": "better", "passed": True, "measured": 0.01}
    keep(registry, "a", {}, report={"tasks": {"anomaly": {"candidate": 0.5}}, "checks": [check]})
    keep(
        registry, "b", {}, report={"tasks": {"sentiment": {"candidate": 0.7}}, "checks": []}, metrics={"all": {"f1": 1}}
    )
    found = version_diff(registry, "a", "b")
    assert [(each.task, bool(each.first), bool(each.second)) for each in found.tasks] == [
        ("anomaly", True, False),
        ("sentiment", False, True),
    ]
    assert [(each.name, each.first, each.second) for each in found.checks] == [("better", check, None)]
    assert [(each.name, each.second) for each in found.metrics] == [("all.f1", 1)]
    assert found.to_json()["data"]["known"] is False


@pytest.mark.parametrize(("names", "missing"), [(("a", "none"), True), (("a", "lora-1"), False)])
def test_what_cannot_be_compared_is_told(registry: Registry, names: tuple[str, str], missing: bool) -> None:
    keep(registry, "a", {})
    registry.keep(Version("lora-1", "lora", "passed", START))
    with pytest.raises(RegistryError) as caught:
        version_diff(registry, *names)
    assert caught.value.missing == missing
