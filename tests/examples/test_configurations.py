"""The example configurations are valid, those with the parts that are commented out too."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sllm_core.settings import load_settings

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(each.name for each in EXAMPLES.glob("*.toml"))


@pytest.fixture(autouse=True)
def no_servers_named_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "KAFKA_BOOTSTRAP_SERVERS",
        "KAFKA_GROUP_ID",
        "ELASTICSEARCH_HOST",
        "ELASTICSEARCH_PORT",
        "OLLAMA_API_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid(name: str) -> None:
    assert load_settings(EXAMPLES / name).plugins


@pytest.mark.parametrize("name", ["elk.toml", "yesterday.toml"])
def test_what_is_commented_out_is_valid_too(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    opened = re.sub(r"(?m)^# (?=\[plugins|[a-z_]+ = )", "", text)
    opened = opened.replace('"slack://…", "mailto://…"', '"json://localhost"')
    (tmp_path / name).write_text(opened, encoding="utf-8")
    (tmp_path / "ca.pem").touch()
    assert opened != text and tomllib.loads(opened)
    if "[plugins.kafka]" in text:
        monkeypatch.setenv("SLLM_PLUGINS__KAFKA__PASSWORD", "made-up")
    assert load_settings(tmp_path / name).plugins
