from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_scene import START, Team, label_all, otherwise, patterns_of, slightly, team
from sllm_core.classifier import Classifier
from sllm_core.learning.artefacts import install, write_weights
from sllm_core.learning.registry import Registry, RegistryError, way_here
from sllm_core.learning.standing import standing_verdicts
from sllm_core.learning.versions import Version
from sllm_core.store import Store
from sllm_core.store.versions import Switch

SHIPPED = Classifier.load().version


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Team]:
    made = team(tmp_path)
    with made.store:
        yield made


def made(told: Team, change: object = slightly, state: str = "passed") -> str:
    """A version that is there, by name."""
    weights = (slightly if change is slightly else otherwise)(Classifier.load().weights)
    models = told.learning.registry.models
    assert models is not None
    write_weights(models / ".tmp", weights, {})
    name = f"classifier-{weights.digest()}"
    install(models / ".tmp", models, name)
    version = Version(f"embedded-{weights.digest()}", "classifier", state, START, SHIPPED, folder=name)
    told.learning.registry.keep(version)
    return version.name


def severities(told: Team) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    ids = np.array(patterns_of(told.store, ["job done", "disk failure", "connection refused"]), np.uint64)
    return told.verdicts.judge(ids, [None] * 3).severity


def test_what_was_shipped_holds_at_first(told: Team) -> None:
    (version,) = told.learning.registry.versions()
    assert (version.name, version.state, version.current) == (SHIPPED, "shipped", True)
    assert told.learning.registry.current("anomaly") == version


def test_a_promoted_version_judges_at_once_and_after_a_restart(told: Team, tmp_path: Path) -> None:
    before = severities(told)
    name = made(told, otherwise)
    promoted = told.learning.registry.promote(name, "kim", reason="try")
    after = severities(told)
    assert (promoted.current, promoted.state, told.verdicts.version) == (True, "promoted", name)
    assert (after[:, 2] > 0.99).all()
    assert not (before == after).any()
    told.store.close()
    with Store(tmp_path) as store:
        assert standing_verdicts(store).version == name


def test_a_rollback_restores_the_answers_exactly(told: Team) -> None:
    before = severities(told)
    told.learning.registry.promote(made(told, otherwise), "kim")
    back = told.learning.registry.rollback("classifier", "lee")
    assert (back.name, back.state, told.verdicts.version) == (SHIPPED, "shipped", SHIPPED)
    assert (severities(told) == before).all()
    assert [(each.by, each.back) for each in told.learning.registry.switches()] == [("kim", False), ("lee", True)]


def test_rollbacks_go_further_and_further(told: Team) -> None:
    first, second = made(told), made(told, otherwise)
    registry = told.learning.registry
    registry.promote(first, "kim")
    registry.promote(second, "kim")
    assert [registry.rollback("classifier", "kim").name for _ in range(2)] == [first, SHIPPED]
    with pytest.raises(RegistryError, match="nothing to go back to"):
        registry.rollback("classifier", "kim")


def test_what_was_shipped_can_be_promoted(told: Team) -> None:
    told.learning.registry.promote(made(told), "kim")
    assert told.learning.registry.promote(SHIPPED, "kim").name == told.verdicts.version == SHIPPED


@pytest.mark.parametrize("state", ["refused", "made"])
def test_what_did_not_pass_is_promoted_by_force_alone(told: Team, state: str) -> None:
    name = made(told, state=state)
    with pytest.raises(RegistryError, match="did not pass the gate"):
        told.learning.registry.promote(name, "kim")
    assert told.verdicts.version == SHIPPED
    assert told.learning.registry.promote(name, "kim", force=True).name == told.verdicts.version == name


def test_a_damaged_version_is_not_promoted(told: Team) -> None:
    name = made(told)
    shutil.rmtree(told.learning.registry.folder(told.learning.registry.find(name) or pytest.fail()) or "")
    with pytest.raises(RegistryError, match="cannot be served"):
        told.learning.registry.promote(name, "kim")
    assert told.learning.registry.current().name == told.verdicts.version == SHIPPED
    assert (told.learning.registry.find(name) or pytest.fail()).state == "broken"


def test_a_rollback_skips_what_is_damaged(told: Team) -> None:
    first, second = made(told), made(told, otherwise)
    told.learning.registry.promote(first, "kim")
    told.learning.registry.promote(second, "kim")
    shutil.rmtree((told.learning.registry.models or Path()) / first.replace("embedded", "classifier"))
    assert told.learning.registry.rollback("classifier", "kim").name == SHIPPED


def test_without_its_files_a_version_gives_way_to_the_shipped(
    told: Team, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = made(told)
    told.learning.registry.promote(name, "kim")
    told.store.close()
    shutil.rmtree(tmp_path / "models")
    again = team(tmp_path)
    with again.store:
        assert again.verdicts.version == SHIPPED
        states = {each.name: (each.state, each.current) for each in again.learning.registry.versions()}
    assert states == {name: ("broken", False), SHIPPED: ("shipped", True)}
    assert "the tuned classifier cannot be read" in caplog.text


@pytest.mark.parametrize("name", ["embedded-0", "", "x" * 1000])
def test_there_is_no_such_version(told: Team, name: str) -> None:
    with pytest.raises(RegistryError) as caught:
        told.learning.registry.promote(name, "kim")
    assert caught.value.missing


def test_labels_stay_when_the_version_changes(told: Team) -> None:
    label_all(told, [("job done", "warning")])
    told.learning.registry.promote(made(told, otherwise), "kim")
    assert severities(told)[0].tolist() == [0, 1, 0]


def test_the_first_version_of_a_served_model_gives_way_to_the_base_and_the_classifier_is_left_alone(
    tmp_path: Path,
) -> None:
    served: list[Path | None] = []
    with Store(tmp_path) as store:
        registry = Registry(store, {"lora": lambda folder: lambda: served.append(folder)})
        assert [each.name for each in registry.versions()] == ["lora-base", SHIPPED]
        registry.keep(Version("lora-1", "lora", "passed", START, "lora-base", folder="lora-1"))
        registry.promote("lora-1", "kim")
        assert registry.way("lora") == ["lora-1", "lora-base"]
        back = registry.rollback("lora", "kim", state="refused", of="lora-1")
        assert (back.name, back.state, registry.current("lora").name) == ("lora-base", "shipped", "lora-base")
        assert served == [tmp_path / "models/lora-1", None]
        assert registry.switches("classifier") == []
        assert (registry.find("lora-1") or pytest.fail()).state == "refused"


def test_what_does_not_hold_any_more_is_not_gone_back_from(told: Team) -> None:
    name = made(told)
    told.learning.registry.promote(name, "kim")
    with pytest.raises(RegistryError, match="does not hold any more"):
        told.learning.registry.rollback("classifier", "watch", of=SHIPPED)
    assert told.learning.registry.current().name == name


STEPS = st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.booleans()), max_size=20)


@given(steps=STEPS)
def test_the_way_ends_where_the_pointer_stands(steps: list[tuple[str | None, bool]]) -> None:
    way = way_here([Switch("classifier", version, START, "kim", "", back) for version, back in steps])
    assert way[-1] == (steps[-1][0] if steps else None)
    assert way[0] is None
    assert all(first != second for first, second in pairwise(way))
