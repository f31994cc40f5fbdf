from __future__ import annotations

import json
import tomllib
from collections.abc import Callable

import pytest

from sllm_core.settings import SettingsError, settings_from
from sllm_core.settings.effective import effective_toml, json_schema

Install = Callable[..., None]
MIXED = """
class Inner(PluginConfig):
    note: str | None = None
    at: float = 0.5

class MixedConfig(PluginConfig):
    text: str = 'a "quoted"\\n\\x7f 한국어'
    password: SecretStr = SecretStr("hidden")
    url: str = "redis://me:hidden@host/0"
    words: list[str] = ["x"]
    every: Duration = Duration.__args__[0](seconds=90)
    inner: Inner = Inner()
    rows: list[dict[str, int]] = [{"a b": 1}]

class Mixed(Plugin[MixedConfig]):
    Config = MixedConfig
"""


def test_the_effective_configuration_reads_as_the_same_settings(install: Install) -> None:
    install("mixed-dist", MIXED, mixed="Mixed")
    settings = settings_from({"language": "ko", "plugins": {"mixed": {"inner": {"at": 2}}, "m 2": {"plugin": "mixed"}}})
    again = settings_from(tomllib.loads(effective_toml(settings)))
    assert again.values.model_dump(mode="json", exclude={"plugins"}) == settings.values.model_dump(
        mode="json", exclude={"plugins"}
    )
    assert [each.section for each in again.plugins] == ["mixed", "m 2"]
    assert vars(again.plugins[0].config)["text"] == 'a "quoted"\n\x7f 한국어'


def test_each_value_bears_its_origin() -> None:
    text = effective_toml(settings_from({"logging": {"level": "debug"}}, environ={"SLLM_LANGUAGE": "ko"}))
    assert 'language = "ko"  # environment SLLM_LANGUAGE' in text
    assert 'level = "debug"  # configuration' in text
    assert 'window = "1h"  # default' in text


def test_secrets_are_hidden(install: Install) -> None:
    install("mixed-dist", MIXED, mixed="Mixed")
    text = effective_toml(settings_from({"plugins": {"mixed": {"password": "hidden"}}}))
    assert "hidden" not in text
    assert 'url = "redis://me:**********@host/0"' in text


def test_a_section_that_is_off_is_named() -> None:
    assert "# [plugins.later] is off" in effective_toml(settings_from({"plugins": {"later": {"enabled": False}}}))


def test_the_schema_knows_the_enabled_plugins_and_bears_others(install: Install) -> None:
    install("mixed-dist", MIXED, mixed="Mixed")
    definitions = json_schema(settings_from({"plugins": {"mixed": {}}}))["$defs"]
    assert definitions["PluginsSection"]["additionalProperties"] == {"type": "object"}
    assert {"enabled", "plugin", "text"} <= set(definitions["MixedConfig"]["properties"])
    assert definitions["PipelineSection"]["properties"]["window"]["default"] == "1h"
    json.dumps(definitions)


def test_a_type_that_no_schema_can_say_is_a_mistake(install: Install) -> None:
    install("mixed-dist", MIXED.replace("text: str = ", "odd: type = int; text: str = "), mixed="Mixed")
    settings = settings_from({"plugins": {"mixed": {}}})
    with pytest.raises(SettingsError, match="JSON Schema"):
        json_schema(settings)
    assert "odd = " in effective_toml(settings)
