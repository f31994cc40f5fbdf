from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sllm_core.classifier import Classifier
from sllm_core.classifier.model import WEIGHTS
from sllm_core.learning.artefacts import ArtefactError, clear, install, read_classifier, write_weights


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    write_weights(folder, Classifier.load().weights, {"base": "x"})
    return folder


def test_what_was_written_is_read(written: Path) -> None:
    assert read_classifier(written).version == Classifier.load().version


@pytest.mark.parametrize("file", [WEIGHTS, "manifest.json"])
@pytest.mark.parametrize("damage", ["gone", "short", "flipped", "empty"])
def test_what_is_damaged_is_not_read(written: Path, file: str, damage: str) -> None:
    path, data = written / file, (written / file).read_bytes()
    wrong = {
        "gone": b"",
        "short": data[:-20],
        "empty": b"",
        "flipped": data[:-60] + bytes([data[-60] ^ 1]) + data[-59:],
    }
    path.write_bytes(wrong[damage])
    if damage == "gone":
        path.unlink()
    with pytest.raises(ArtefactError):
        read_classifier(written)


def test_weights_of_another_form_are_not_read(tmp_path: Path) -> None:
    weights = Classifier.load().weights
    folder = tmp_path / "made"
    write_weights(folder, type(weights)(*(array[..., :1] for array in vars(weights).values())), {})
    with pytest.raises(ArtefactError, match="has another form"):
        read_classifier(folder)


def test_objects_are_not_read(written: Path) -> None:
    np.savez(written / WEIGHTS, ngrams=np.array([{}], dtype=object))
    with pytest.raises(ArtefactError):
        read_classifier(written)


def test_a_version_is_never_written_over(written: Path, tmp_path: Path) -> None:
    place = install(written, tmp_path / "models", "one")
    write_weights(written, Classifier.load().weights, {"base": "y"})
    assert install(written, tmp_path / "models", "one") == place
    assert '"base": "x"' in (place / "manifest.json").read_text()


def test_what_nobody_knows_is_removed(tmp_path: Path) -> None:
    for name in (".tmp-1", "known", "unknown"):
        (tmp_path / name).mkdir()
    assert clear(tmp_path, {"known"}) == [".tmp-1", "unknown"]
    assert [each.name for each in tmp_path.iterdir()] == ["known"]
    assert clear(tmp_path / "nothing", set()) == []
