from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sllm_core.settings import Settings, SettingsError, load_settings, settings_from

Install = Callable[..., None]
ECHO = """
class EchoConfig(PluginConfig):
    words: tuple[str, ...] = ()
    limit: int = Field(default=3, ge=1)
    path: PathInConfig | None = None

class Echo(Plugin[EchoConfig]):
    Config = EchoConfig
"""


def load(tmp_path: Path, text: str, overrides: dict[str, object] | None = None) -> Settings:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path / "config.toml", environ={}, overrides=overrides)


def wrong(data: dict[str, object]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from(data)
    return str(caught.value).replace("configuration: ", "")


def test_without_anything_the_defaults_hold() -> None:
    settings = settings_from({})
    assert (settings.language, settings.timezone, settings.plugins) == ("en", "UTC", ())
    assert settings.pipeline.window == timedelta(hours=1)
    assert settings.pipeline.analyzer_timeout == timedelta(seconds=30)


def test_the_file_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, 'language = "ko"\n[pipeline]\nwindow = "5m"\n')
    assert (settings.language, settings.pipeline.window) == ("ko", timedelta(minutes=5))


def test_relative_paths_belong_to_the_folder_of_the_file(tmp_path: Path, install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    settings = load(tmp_path, '[plugins.echo]\npath = "x"\n')
    assert settings.folder == tmp_path
    assert settings.store.path == tmp_path / ".sllm"
    assert vars(settings.plugins[0].config)["path"] == tmp_path / "x"


def test_the_default_of_a_path_belongs_to_the_folder_too(tmp_path: Path, install: Install) -> None:
    code = ECHO.replace("PathInConfig | None = None", 'PathInConfig | None = "here"')
    install("echo-dist", code, echo="Echo")
    assert vars(load(tmp_path, "[plugins.echo]").plugins[0].config)["path"] == tmp_path / "here"


def test_a_section_enables_its_plugin_in_the_order_of_the_file(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo", sound="Echo")
    settings = settings_from({"plugins": {"sound": {}, "echo": {"words": ["a"]}}})
    assert [each.section for each in settings.plugins] == ["sound", "echo"]
    assert vars(settings.plugins[1].config)["words"] == ("a",)


def test_a_plugin_may_have_several_sections(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    settings = settings_from({"plugins": {"echo": {"limit": 1}, "echo-b": {"plugin": "echo", "limit": 2}}})
    assert [(each.section, each.installed.name) for each in settings.plugins] == [("echo", "echo"), ("echo-b", "echo")]


def test_a_plugin_that_is_off_is_not_imported(install: Install) -> None:
    install("broken-dist", "raise RuntimeError('imported')", broken="Broken")
    settings = settings_from({"plugins": {"broken": {"enabled": False, "any": "key"}}})
    assert (settings.plugins, settings.off) == ((), ("broken",))


def test_all_mistakes_are_reported_at_once(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    install("broken-dist", "import no_such_thing", broken="Broken")
    data = {"pipelin": {}, "store": {"retention": "9"}, "plugins": {"echo": {"limit": 0}, "broken": {}, "nothing": {}}}
    text = wrong(data)
    assert len(text.splitlines()) == 5
    assert all(
        each in text for each in ("pipelin", "store.retention", "echo.limit", "plugins.broken", "plugins.nothing")
    )


def test_an_unknown_key_is_named_with_the_nearest_one(tmp_path: Path, install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "[plugins.echo]\nwrods = []\n")
    assert str(caught.value) == f"{tmp_path}/config.toml: plugins.echo.wrods: unknown key; did you mean 'words'?"


def test_an_unknown_key_without_a_near_one_gets_the_known_ones() -> None:
    assert wrong({"logging": {"zzz": 1}}) == "logging.zzz: unknown key; known here: level, format, slow"


def test_an_unknown_plugin_is_named_with_the_nearest_one(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    assert wrong({"plugins": {"ehco": {}}}).endswith(
        "no installed distribution offers a plugin 'ehco'; did you mean 'echo'?"
    )


def test_a_plugin_that_cannot_be_imported_is_named_with_its_distribution(install: Install) -> None:
    install("broken-dist", "import no_such_thing", version="2.1", broken="Broken")
    with pytest.raises(SettingsError) as caught:
        settings_from({"plugins": {"broken": {}}})
    text = str(caught.value)
    assert "broken-dist 2.1" in text and "install what provides 'no_such_thing'" in text
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert caught.value.__cause__.__notes__ == ["in section [plugins.broken]"]


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "x = 1", "Broken = 5", "class Broken: pass"])
def test_whatever_a_plugin_does_when_imported_is_a_mistake(install: Install, code: str) -> None:
    install("broken-dist", code, broken="Broken")
    assert "cannot import broken_dist_module:Broken of broken-dist 1.0" in wrong({"plugins": {"broken": {}}})


def test_several_failed_imports_are_one_group(install: Install) -> None:
    install("one-dist", "1 / 0", one="One", two="Two")
    with pytest.raises(SettingsError) as caught:
        settings_from({"plugins": {"one": {}, "two": {}}})
    assert isinstance(caught.value.__cause__, BaseExceptionGroup)


def test_two_distributions_that_offer_one_name_are_both_named(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    install("other-dist", ECHO, echo="Echo")
    assert "echo-dist 1.0 and other-dist 1.0 both offer a plugin 'echo'" in wrong({"plugins": {"echo": {}}})


def test_two_distributions_do_no_harm_while_the_name_is_not_enabled(install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    install("other-dist", ECHO, echo="Echo")
    assert settings_from({}).plugins == ()


def test_a_forgotten_configuration_class_is_named(install: Install) -> None:
    install("echo-dist", ECHO.replace("Config = EchoConfig", "pass"), echo="Echo")
    assert "it is a Plugin[EchoConfig] and lacks the line Config = EchoConfig" in wrong({"plugins": {"echo": {}}})


def test_a_reserved_key_cannot_be_a_field(install: Install) -> None:
    install("echo-dist", ECHO.replace("limit: int = Field(default=3, ge=1)", "enabled: int = 1"), echo="Echo")
    assert "a field 'enabled', which is reserved" in wrong({"plugins": {"echo": {}}})


def test_a_configuration_class_that_raises_is_named(install: Install) -> None:
    code = ECHO.replace("    limit: int", "    def model_post_init(self, context): raise KeyError('q')\n    limit: int")
    install("echo-dist", code, echo="Echo")
    assert wrong({"plugins": {"echo": {}}}).startswith("plugins.echo: its configuration class failed: KeyError: 'q'")


@pytest.mark.parametrize(
    ("plugins", "text"),
    [
        (3, "plugins: expected tables"),
        ({"echo": 3}, "plugins.echo: expected a table; write it as [plugins.echo]"),
        ({"echo": {"plugin": 3}}, "plugins.echo.plugin: expected the name of a plugin"),
        ({"echo": {"enabled": "maybe"}}, "plugins.echo.enabled: expected true or false"),
    ],
)
def test_a_malformed_section_is_named(plugins: object, text: str) -> None:
    assert text in wrong({"plugins": plugins})


def test_the_branches_of_a_union_are_one_mistake(install: Install) -> None:
    install("echo-dist", ECHO.replace("limit: int = Field(default=3, ge=1)", "limit: int | bool = 1"), echo="Echo")
    assert len(wrong({"plugins": {"echo": {"limit": "x"}}}).splitlines()) == 1


def test_a_missing_key_is_named_with_its_variable(install: Install) -> None:
    install("echo-dist", ECHO.replace("limit: int = Field(default=3, ge=1)", "limit: int"), echo="Echo")
    assert (
        wrong({"plugins": {"echo": {}}})
        == "plugins.echo.limit: missing; set it, or the variable SLLM_PLUGINS__ECHO__LIMIT"
    )


def test_invalid_toml_is_reported_with_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"config.toml: not valid TOML: .*line 2, column 3"):
        load(tmp_path, "\n[x\n")


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere.toml: no such file; name one with --config"):
        load_settings(tmp_path / "nowhere.toml", environ={})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, '\ufefflanguage = "ko"').language == "ko"


def test_a_file_in_another_encoding_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes("# a\n# 한국어".encode("cp949"))
    with pytest.raises(SettingsError, match=r"not UTF-8 \(byte 0xc7 in line 2\); save it as UTF-8"):
        load_settings(tmp_path / "config.toml", environ={})


def test_the_command_line_goes_before_the_file(tmp_path: Path, install: Install) -> None:
    install("echo-dist", ECHO, echo="Echo")
    overrides: dict[str, object] = {"language": "ko", "plugins": {"echo": {"limit": 9}}}
    settings = load(tmp_path, 'language = "en"\n[plugins.echo]\nlimit = 1\nwords = ["a"]', overrides=overrides)
    assert settings.language == "ko"
    assert dict(settings.plugins[0].config) == {"limit": 9, "words": ("a",), "path": None}


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings_from({}).pipeline, "window", timedelta(1))  # noqa: B010
