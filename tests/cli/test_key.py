from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm
from sllm_core.plugin import PluginError
from sllm_core.settings import load_settings
from sllm_core.web.keys import configured_keys, digest_of, key_file, read_keys


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("")
    return path


def key(config: Path, *arguments: str) -> Result:
    command, *others = arguments
    return CliRunner().invoke(sllm, ["key", command, "-c", str(config), *others], standalone_mode=False)


def test_a_key_is_printed_once_and_kept_as_a_digest(config: Path) -> None:
    text = key(config, "create", "ci", "--scope", "analyze", "--rate", "5").stdout.strip()
    (kept,) = read_keys(key_file(load_settings(config)))
    assert kept.digest == digest_of(text)
    assert (kept.name, kept.scopes, kept.rate) == ("ci", ("analyze",), 5)


def test_a_name_is_given_once(config: Path) -> None:
    key(config, "create", "ci")
    error = key(config, "create", "ci").exception
    assert isinstance(error, PluginError)
    assert "there is a key ci already" in str(error)


def test_keys_are_listed(config: Path) -> None:
    assert "there are no API keys" in key(config, "list").stderr
    key(config, "create", "ci", "--scope", "read")
    assert key(config, "list").stdout.startswith("ci: read, made ")


def test_a_key_is_revoked(config: Path) -> None:
    key(config, "create", "ci")
    assert key(config, "revoke", "ci").exit_code == 0
    assert read_keys(key_file(load_settings(config))) == ()
    assert "there is no key ci" in str(key(config, "revoke", "ci").exception)


def test_a_key_for_the_configuration_is_kept_there_alone(config: Path) -> None:
    made = key(config, "create", "ci", "--toml")
    config.write_text(made.stderr)
    (known,) = configured_keys(load_settings(config))
    assert known.is_that_of(digest_of(made.stdout.strip()))
    assert "stands in" in str(key(config, "revoke", "ci").exception)


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65])
def test_a_name_is_short_and_plain(config: Path, name: str) -> None:
    assert key(config, "create", name).exception is not None
