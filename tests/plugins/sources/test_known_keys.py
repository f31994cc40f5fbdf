from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.components import KeyReused, Taken
from sllm_plugins.sources.known_keys import Done, KnownKeys


def test_a_key_is_known_with_what_was_answered(tmp_path: Path) -> None:
    keys = KnownKeys(tmp_path, 10, clock=lambda: 5.0)
    keys.note(Done("a", "digest", 1.0, 3, ((2, "broken"),)))
    assert keys.find("a", "digest") == Taken(3, ((2, "broken"),), repeated=True)
    assert keys.find("b", "digest") is None


def test_with_another_body_it_is_refused(tmp_path: Path) -> None:
    keys = KnownKeys(tmp_path, 10, clock=lambda: 5.0)
    keys.note(Done("a", "digest", 1.0, 3))
    with pytest.raises(KeyReused, match="another body"):
        keys.find("a", "other")


def test_after_its_time_it_is_as_good_as_new(tmp_path: Path) -> None:
    keys = KnownKeys(tmp_path, 10, clock=lambda: 11.5)
    keys.note(Done("a", "digest", 1.0, 3))
    assert keys.find("a", "other") is None
    assert not len(keys)


@given(names=st.lists(st.sampled_from("abcdefgh")), most=st.integers(1, 5))
def test_the_newest_are_known_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], most: int
) -> None:
    keys = KnownKeys(Path(), 1000, most, clock=lambda: 100.0)
    for place, name in enumerate(names):
        keys.note(Done(name, str(place), float(place), 1))
    newest = list(dict.fromkeys(reversed(names)))[:most]
    assert [each.key for each in keys.copy()] == newest[::-1]


def test_what_is_saved_is_known_again(tmp_path: Path) -> None:
    keys = KnownKeys(tmp_path, 10, clock=lambda: 5.0)
    keys.note(Done("a", "digest", 1.0, 3, ((2, "broken"),)))
    keys.save(keys.copy())
    again = KnownKeys(tmp_path, 10, clock=lambda: 5.0)
    again.load([Done("b", "digest", 2.0, 1)])
    assert [each.key for each in again.copy()] == ["a", "b"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"key": "a"}]'])
def test_a_file_that_is_broken_is_told_and_left(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "requests.json").write_text(text)
    keys = KnownKeys(tmp_path, 10)
    keys.load([])
    assert (len(keys), "cannot be read" in caplog.text) == (0, True)
