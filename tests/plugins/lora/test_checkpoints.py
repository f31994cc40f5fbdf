"""Checkpoints are whole or are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sllm_plugins.tuners.lora.checkpoints import (
    SEAL,
    best_of,
    checkpoints,
    digest_of,
    discard,
    prune,
    publish,
    seal,
    sealed,
)


def made(work: Path, step: int, held: float | None = None) -> Path:
    """A whole checkpoint."""
    folder = work / f"checkpoint-{step}"
    folder.mkdir()
    (folder / "weights").write_bytes(b"weights of step %d" % step)
    (folder / "state").write_bytes(b"state")
    seal(folder, {"step": step, "held": held})
    return folder


def test_a_sealed_folder_tells_what_was_said_of_it(tmp_path: Path) -> None:
    assert sealed(made(tmp_path, 10, 0.5)) == {"step": 10, "held": 0.5}


def test_whole_checkpoints_come_by_their_steps(tmp_path: Path) -> None:
    for step in (50, 100, 9):
        made(tmp_path, step)
    assert [each.step for each in checkpoints(tmp_path)] == [9, 50, 100]


def spoil(folder: Path, how: str) -> None:
    weights, state = folder / "weights", folder / "state"
    match how:
        case "cut":
            weights.write_bytes(weights.read_bytes()[:-1])
        case "changed":
            weights.write_bytes(weights.read_bytes().replace(b"w", b"W"))
        case "missing":
            state.unlink()
        case "unsealed":
            (folder / SEAL).unlink()
        case "half sealed":
            (folder / SEAL).write_text((folder / SEAL).read_text()[:-5])


@pytest.mark.parametrize("how", ["cut", "changed", "missing", "unsealed", "half sealed"])
def test_what_is_not_whole_is_removed(tmp_path: Path, how: str) -> None:
    whole, broken = made(tmp_path, 1), made(tmp_path, 2)
    spoil(broken, how)
    assert [each.folder for each in checkpoints(tmp_path)] == [whole]
    assert not broken.exists()


def test_the_best_has_the_least_loss_on_what_was_held_back(tmp_path: Path) -> None:
    for step, held in ((1, 0.9), (2, 0.3), (3, 0.3), (4, 0.5)):
        made(tmp_path, step, held)
    assert best_of(checkpoints(tmp_path)).step == 2


def test_the_last_is_the_best_where_nothing_was_held_back(tmp_path: Path) -> None:
    for step in (1, 2):
        made(tmp_path, step)
    assert best_of(checkpoints(tmp_path)).step == 2


def test_the_best_and_the_last_are_kept(tmp_path: Path) -> None:
    for step, held in ((1, 0.9), (2, 0.3), (3, 0.4), (4, 0.5)):
        made(tmp_path, step, held)
    prune(checkpoints(tmp_path))
    assert [each.step for each in checkpoints(tmp_path)] == [2, 4]


def test_a_removal_that_breaks_off_leaves_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, 1)
    monkeypatch.setattr("shutil.rmtree", lambda *given: None)
    discard(checkpoints(tmp_path))
    assert sealed(tmp_path / "checkpoint-1") is None


def test_an_adapter_is_published_whole(tmp_path: Path) -> None:
    made(tmp_path, 1)
    place = tmp_path / "adapter"
    publish(checkpoints(tmp_path)[0], place, ["weights"], {"digest": "d"})
    assert sealed(place) == {"digest": "d"}
    assert sorted(each.name for each in place.iterdir()) == [SEAL, "weights"]


def test_what_a_broken_off_publishing_left_is_replaced(tmp_path: Path) -> None:
    made(tmp_path, 1)
    for name in (".tmp-adapter", "adapter"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").touch()
    publish(checkpoints(tmp_path)[0], tmp_path / "adapter", ["weights"], {})
    assert sorted(each.name for each in tmp_path.iterdir()) == ["adapter", "checkpoint-1"]
    assert not (tmp_path / "adapter" / "half").exists()


def test_a_seal_names_the_digest_of_each_file(tmp_path: Path) -> None:
    folder = made(tmp_path, 1)
    said = json.loads((folder / SEAL).read_text())
    assert said["files"] == {name: digest_of(folder / name) for name in ("state", "weights")}
