from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from alert_scene import config
from sllm_core.settings import SettingsError, load_settings
from sllm_plugins.alerts.config import AlertsConfig

FILE = '[plugins.alerts]\ntargets = ["json://127.0.0.1/T0KEN"]\n'


@pytest.mark.parametrize("text", ["json://a json://b", "json://a\njson://b\n"])
def test_targets_may_stand_one_after_the_other(text: str) -> None:
    found = AlertsConfig.model_validate({"targets": text}).targets
    assert [each.get_secret_value() for each in found] == ["json://a", "json://b"]


@pytest.mark.parametrize("targets", [[], "", [""], None])
def test_there_must_be_a_target(targets: object) -> None:
    with pytest.raises(ValidationError, match="targets"):
        AlertsConfig.model_validate({"targets": targets})


@pytest.mark.parametrize(
    ("option", "value", "held"),
    [
        ("quiet", "22:00-07:00", ("22:00-07:00",)),
        ("quiet", "", ()),
        ("quiet", ["sat,sun", "22:00-07:00"], ("sat,sun", "22:00-07:00")),
        ("template", "", None),
        ("template", "own.toml", Path("own.toml")),
    ],
)
def test_options_may_be_written_shortly(option: str, value: object, held: object) -> None:
    assert getattr(config(**{option: value}), option) == held


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("threshold", "normal"),
        ("rate", "0/1h"),
        ("quiet", "late"),
        ("repeat", "-1h"),
        ("entries", 0),
        ("colour", "red"),
    ],
)
def test_what_makes_no_sense_is_refused(option: str, value: object) -> None:
    with pytest.raises(ValidationError, match=option):
        config(**{option: value})


def test_addresses_are_hidden_wherever_the_section_is_shown() -> None:
    held = AlertsConfig(targets=(SecretStr("json://127.0.0.1/T0KEN"),))
    assert "T0KEN" not in f"{held!r}{held.model_dump_json()}"


def test_targets_come_from_a_folder_of_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text("[plugins.alerts]\n")
    (tmp_path / "plugins__alerts__targets").write_text("json://a/T0KEN\njson://b\n")
    monkeypatch.setenv("SLLM_SECRETS_DIR", str(tmp_path))
    (plugin,) = load_settings(tmp_path / "config.toml").plugins
    assert isinstance(plugin.config, AlertsConfig) and len(plugin.config.targets) == 2


def test_targets_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(FILE)
    monkeypatch.setenv("SLLM_PLUGINS__ALERTS__TARGETS", '["json://c/T0KEN"]')
    (plugin,) = load_settings(tmp_path / "config.toml").plugins
    assert isinstance(plugin.config, AlertsConfig)
    assert plugin.config.targets[0].get_secret_value() == "json://c/T0KEN"


def test_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'{FILE}quiet = "22-7"\n')
    with pytest.raises(SettingsError, match=r"plugins\.alerts\.quiet: .*write it as 22:00-07:00"):
        load_settings(tmp_path / "config.toml")
