from __future__ import annotations

import os
from pathlib import Path

import pytest

from sllm_core.plugin import PluginError
from sllm_core.settings import settings_from
from sllm_core.web.keys import changing, configured_keys, digest_of, new_key, read_keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


def kept(path: Path, name: str) -> str:
    text, key = new_key(name, ("read",), 2.5)
    with changing(path) as keys:
        keys[name] = key
    return text


def test_what_is_kept_of_a_key_is_not_the_key(path: Path) -> None:
    text = kept(path, "ci")
    assert text not in path.read_text()
    (key,) = read_keys(path)
    assert (key.name, key.scopes, key.rate) == ("ci", ("read",), 2.5)
    assert key.is_that_of(digest_of(text))


def test_another_key_is_another(path: Path) -> None:
    kept(path, "ci")
    assert not read_keys(path)[0].is_that_of(digest_of("sllm_other"))


@pytest.mark.skipif(os.name != "posix", reason="needs permissions as POSIX has them")
def test_the_file_is_for_its_owner(path: Path) -> None:
    kept(path, "ci")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_changes_nothing(path: Path) -> None:
    kept(path, "ci")
    with pytest.raises(KeyError), changing(path) as keys:
        del keys["ci"]
        del keys["ci"]
    assert [each.name for each in read_keys(path)] == ["ci"]


def test_without_a_file_there_are_no_keys(path: Path) -> None:
    assert read_keys(path) == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '[{"name": "a"}]', '[{"name": "a", "digest": "x", "scopes": ["all"]}]']
)
def test_a_file_that_is_damaged_is_told(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(PluginError, match="holds no API keys"):
        read_keys(path)


def test_keys_may_stand_in_the_configuration() -> None:
    section = {"name": "ci", "digest": digest_of("x"), "scopes": ["admin"]}
    (key,) = configured_keys(settings_from({"service": {"keys": [section]}}))
    assert (key.name, key.scopes, key.rate) == ("ci", ("admin",), None)


@pytest.mark.parametrize("wrong", [{"digest": "x"}, {"scopes": ["all"]}, {"scopes": []}, {"name": "a b"}, {"rate": -1}])
def test_a_key_that_is_none_is_told_at_the_start(wrong: dict[str, object]) -> None:
    section = {"name": "ci", "digest": digest_of("x"), **wrong}
    with pytest.raises(PluginError, match=r"service\.keys\[0\]\."):
        settings_from({"service": {"keys": [section]}})
