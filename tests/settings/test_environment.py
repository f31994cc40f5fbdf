from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sllm_core.settings import Settings, SettingsError, load_settings, settings_from

Install = Callable[..., None]
QUEUE = """
class Tls(PluginConfig):
    verify: bool = True

class QueueConfig(PluginConfig):
    words: tuple[str, ...] = ()
    one_or_more: str | list[str] = "a"
    headers: dict[str, str] = {}
    group: Annotated[str, EnvironmentName("KAFKA_GROUP_ID")] = "sllm"
    port: Annotated[int, EnvironmentName("KAFKA_PORT")] = 9092
    password: SecretStr = SecretStr("")
    tls: Tls = Tls()

class Queue(Plugin[QueueConfig]):
    Config = QueueConfig
"""


@pytest.fixture
def queue(install: Install) -> Callable[..., dict[str, object]]:
    """Values of [plugins.queue] under an environment, the section holding `given`."""
    install("queue-dist", QUEUE, queue="Queue")

    def values(environ: Mapping[str, str], **given: object) -> dict[str, object]:
        return dict(settings_from({"plugins": {"queue": given}}, environ=environ).plugins[0].config)

    return values


def wrong(environ: Mapping[str, str], plugins: Mapping[str, object] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from({"plugins": plugins or {}}, environ=environ)
    return str(caught.value)


def load(tmp_path: Path, environ: Mapping[str, str]) -> Settings:
    (tmp_path / "config.toml").write_text("[plugins.queue]\n", encoding="utf-8")
    return load_settings(tmp_path / "config.toml", environ=environ)


def test_the_environment_goes_before_the_file() -> None:
    settings = settings_from({"pipeline": {"window": "1h"}}, environ={"SLLM_PIPELINE__WINDOW": "5m"})
    assert settings.pipeline.window.total_seconds() == 300


def test_the_command_line_goes_before_the_environment() -> None:
    settings = settings_from({}, overrides={"language": "en"}, environ={"SLLM_LANGUAGE": "ko"})
    assert settings.language == "en"


def test_lists_tables_and_levels_are_set(queue: Callable[..., dict[str, object]]) -> None:
    environ = {
        "SLLM_PLUGINS__QUEUE__WORDS": '["x", "y"]',
        "SLLM_PLUGINS__QUEUE__ONE_OR_MORE": '["b"]',
        "SLLM_PLUGINS__QUEUE__HEADERS__ACCEPT": "json",
        "SLLM_PLUGINS__QUEUE__TLS__VERIFY": "no",
    }
    values = queue(environ, headers={"from": "file"})
    assert (values["words"], values["one_or_more"]) == (("x", "y"), ["b"])
    assert values["headers"] == {"from": "file", "accept": "json"}
    assert str(values["tls"]) == "verify=False"


def test_text_stays_text_where_text_is_meant(queue: Callable[..., dict[str, object]]) -> None:
    assert queue({"SLLM_PLUGINS__QUEUE__GROUP": "[1]"})["group"] == "[1]"
    assert queue({"SLLM_PLUGINS__QUEUE__ONE_OR_MORE": "plain"})["one_or_more"] == "plain"


def test_a_number_stays_text_where_text_or_a_list_is_meant(queue: Callable[..., dict[str, object]]) -> None:
    assert queue({"SLLM_PLUGINS__QUEUE__ONE_OR_MORE": "123"})["one_or_more"] == "123"


def test_a_whole_table_is_set_in_json(queue: Callable[..., dict[str, object]]) -> None:
    values = queue({"SLLM_PLUGINS__QUEUE": '{"port": 1}', "SLLM_PLUGINS__QUEUE__GROUP": "b"}, port=2, words=["x"])
    assert (values["port"], values["group"], values["words"]) == (1, "b", ("x",))


@pytest.mark.parametrize("name", ["SLLM_PLUGINS", "SLLM_PIPELINE", "SLLM_PLUGINS__QUEUE"])
def test_a_text_for_a_table_is_a_mistake(install: Install, name: str) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    assert wrong({name: "x"}, {"queue": {}}).startswith(f"environment {name}: {name[5:].lower().replace('__', '.')}: ")


@pytest.mark.parametrize(
    ("name", "text"), [("SLLM_PLUGINS__QUEUE", '{"enabled": false}'), ("SLLM_PLUGINS__QUEUE__PLUGIN", "other")]
)
def test_what_only_the_file_can_say_is_a_mistake_elsewhere(install: Install, name: str, text: str) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    assert wrong({name: text}, {"queue": {}}).endswith("cannot be set here; write it in config.toml")


def test_a_name_with_dashes_is_written_with_underscores(install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    data = {"plugins": {"queue-b": {"plugin": "queue"}}}
    settings = settings_from(data, environ={"SLLM_PLUGINS__QUEUE_B__PORT": "1"})
    assert vars(settings.plugins[0].config)["port"] == 1


def test_names_that_users_already_have_are_read(queue: Callable[..., dict[str, object]]) -> None:
    values = queue({"KAFKA_GROUP_ID": "old", "KAFKA_PORT": "1"}, group="file", port=2)
    assert (values["group"], values["port"]) == ("old", 1)


def test_the_new_name_goes_before_the_old_one(queue: Callable[..., dict[str, object]]) -> None:
    assert queue({"KAFKA_GROUP_ID": "old", "SLLM_PLUGINS__QUEUE__GROUP": "new"})["group"] == "new"


def test_an_old_name_sets_a_key_with_a_dash(install: Install) -> None:
    install("queue-dist", QUEUE.replace('Name("KAFKA_PORT")]', 'Name("P"), Field(alias="the-port")]'), queue="Queue")
    settings = settings_from({"plugins": {"queue": {}}}, environ={"P": "1"})
    assert vars(settings.plugins[0].config)["port"] == 1


def test_an_old_name_leaves_further_instances_alone(install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    data = {"plugins": {"queue-b": {"plugin": "queue", "group": "b"}}}
    assert vars(settings_from(data, environ={"KAFKA_GROUP_ID": "old"}).plugins[0].config)["group"] == "b"


def test_an_old_name_means_nothing_while_its_plugin_is_off() -> None:
    assert settings_from({}, environ={"KAFKA_GROUP_ID": "old"}).origins == {}


def test_a_variable_without_text_is_not_set(queue: Callable[..., dict[str, object]]) -> None:
    assert queue({"SLLM_PLUGINS__QUEUE__GROUP": "", "KAFKA_GROUP_ID": ""}, group="file")["group"] == "file"


def test_a_section_is_switched_off_by_a_variable(install: Install) -> None:
    install("broken-dist", "1 / 0", broken="Broken")
    settings = settings_from({"plugins": {"broken": {}}}, environ={"SLLM_PLUGINS__BROKEN__ENABLED": "false"})
    assert settings.off == ("broken",)


def test_a_wrong_value_names_the_variable() -> None:
    text = wrong({"SLLM_PIPELINE__WINDOW": "soon"})
    assert text.startswith("environment SLLM_PIPELINE__WINDOW: pipeline.window: a time span is")


def test_a_list_that_is_no_json_gets_the_remedy(install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    assert wrong({"SLLM_PLUGINS__QUEUE__WORDS": "a,b"}, {"queue": {}}).endswith("""is JSON, such as '["a", "b"]'""")


@pytest.mark.parametrize(
    ("name", "key", "meant"),
    [
        ("SLLM_LANGAUGE", "langauge", "language"),
        ("SLLM_PIPELIN__WINDOW", "pipelin", "pipeline"),
        ("SLLM_PIPELINE__WINDW", "pipeline.windw", "window"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_key(name: str, key: str, meant: str) -> None:
    assert wrong({name: "x"}) == f"environment {name}: {key}: unknown key; did you mean '{meant}'?"


def test_a_variable_of_a_misspelt_plugin_is_named(install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    text = wrong({"SLLM_PLUGINS__QEUEU__PORT": "1"}, {"queue": {}})
    assert text == "environment SLLM_PLUGINS__QEUEU__PORT: plugins.qeueu: unknown table; did you mean 'queue'?"


def test_a_variable_of_a_plugin_that_is_off_is_no_mistake(install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    environ = {"SLLM_PLUGINS__QUEUE__PORT": "1", "SLLM_PLUGINS__LATER__X": "1"}
    assert settings_from({"plugins": {"later": {"enabled": False}}}, environ=environ).off == ("later",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SLLM_SERVICE_HOST", "10.0.0.1"),
        ("SLLM_API_SERVICE_PORT_HTTP", "8083"),
        ("SLLM_PORT", "tcp://10.0.0.1:8083"),
        ("SLLM_PORT_8083_TCP_ADDR", "tcp://10.0.0.1:8083"),
        ("SLLM_CONFIG", "config.toml"),
    ],
)
def test_variables_of_kubernetes_and_our_own_are_no_mistakes(name: str, text: str) -> None:
    assert settings_from({}, environ={name: text}).origins == {}


def test_the_file_dotenv_is_read_below_the_environment(tmp_path: Path, install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    (tmp_path / ".env").write_text('KAFKA_GROUP_ID="from file"\nKAFKA_PORT=1 # note\n', encoding="utf-8")
    config = load(tmp_path, {"KAFKA_PORT": "2"}).plugins[0].config
    assert (vars(config)["group"], vars(config)["port"]) == ("from file", 2)


def test_a_mistake_in_dotenv_names_it(tmp_path: Path, install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    (tmp_path / ".env").write_text("SLLM_LANGUAGE=fr\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^\.env SLLM_LANGUAGE: language: input should be 'en' or 'ko'$"):
        load(tmp_path, {})


def test_an_unreadable_dotenv_is_a_mistake(tmp_path: Path, install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    with pytest.raises(SettingsError, match=r"\.env: cannot be read"):
        load(tmp_path, {})


def test_secrets_lie_in_a_folder_below_the_environment(tmp_path: Path, install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    (tmp_path / "plugins__queue__password").write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "plugins__queue__group").write_text("secret", encoding="utf-8")
    (tmp_path / "tls.crt").write_bytes(b"\xff")
    settings = load(tmp_path, {"SLLM_SECRETS_DIR": ".", "KAFKA_GROUP_ID": "old"})
    values = vars(settings.plugins[0].config)
    assert (values["password"].get_secret_value(), values["group"]) == ("s3cret", "old")


def test_a_misspelt_secret_is_named(tmp_path: Path, install: Install) -> None:
    install("queue-dist", QUEUE, queue="Queue")
    (tmp_path / "plugins__queue__pasword").write_text("s3cret", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"secret plugins__queue__pasword: .*; did you mean 'password'") as caught:
        load(tmp_path, {"SLLM_SECRETS_DIR": "."})
    assert "s3cret" not in str(caught.value)


def test_a_missing_folder_of_secrets_is_a_mistake(tmp_path: Path) -> None:
    assert "SLLM_SECRETS_DIR cannot be read: No such file" in wrong({"SLLM_SECRETS_DIR": str(tmp_path / "none")})


def test_a_wrong_value_never_shows_a_secret(install: Install) -> None:
    install("queue-dist", QUEUE.replace('SecretStr = SecretStr("")', "SecretStr = Field(max_length=3)"), queue="Queue")
    assert "s3cret" not in wrong({"SLLM_PLUGINS__QUEUE__PASSWORD": "s3cret"}, {"queue": {}})
