"""Whatever stands in the file or the environment, the outcome is settings or SettingsError."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sllm_core.settings import Settings, SettingsError, load_settings, settings_from
from sllm_core.settings.effective import effective_toml

KEYS = st.text(max_size=8) | st.sampled_from(
    [
        "plugins",
        "pipeline",
        "store",
        "logging",
        "language",
        "timezone",
        "window",
        "path",
        "jsonl",
        "file",
        "stdout",
        "enabled",
    ]
)
SCALARS = (
    st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.sampled_from(["1h", "UTC", "ko"])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)
NAMES = st.lists(KEYS, min_size=1, max_size=4).map(lambda parts: "SLLM_" + "__".join(parts).upper())


def outcome(data: Mapping[str, object], environ: Mapping[str, str]) -> Settings | None:
    try:
        return settings_from(data, environ=environ)
    except SettingsError as error:
        assert str(error)
        return None


@settings(max_examples=150, deadline=None)
@given(TABLES, st.dictionaries(NAMES, st.text(max_size=8), max_size=3))
@example({"plugins": {"jsonl": {"enabled": float("nan")}}}, {})
@example({"pipeline": {"window": 10**5000}}, {})
def test_any_tables_and_variables(data: dict[str, object], environ: dict[str, str]) -> None:
    if found := outcome(data, environ):
        assert effective_toml(found)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"a = " + b"[" * 5000)
@example(b"a." * 5000 + b"b = 1")
@example(b"a = " + b"1" * 5000)
@example(b"a = 1979-13-40")
def test_any_bytes_as_a_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.toml"
    path.write_bytes(content)
    try:
        assert load_settings(path, environ={}).language in ("en", "ko")
    except SettingsError as error:
        assert "hostile.toml" in str(error)


@pytest.mark.parametrize("name", ["SLLM_STORE__PATH", "SLLM_LANGUAGE", "SLLM_PLUGINS__JSONL__PATH", "SLLM_\udcff"])
def test_bytes_that_are_no_text_in_a_variable(name: str) -> None:
    if found := outcome({"plugins": {"jsonl": {}}}, {name: "a\udcff"}):
        assert effective_toml(found).encode()


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, environ={})
