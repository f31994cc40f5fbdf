from __future__ import annotations

from pathlib import Path

import pytest

from sllm_core.settings import SettingsError, load_settings, settings_from
from sllm_core.settings.effective import effective_toml


def wrong(section: dict[str, object]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from({"patterns": section})
    return str(caught.value).removeprefix("configuration: ")


def test_without_the_section_each_source_has_room_for_50000_patterns_and_ids_have_no_key() -> None:
    section = settings_from({}).patterns
    assert (section.limit, section.key.get_secret_value()) == (50_000, "")


def test_the_limit_is_positive() -> None:
    assert wrong({"limit": 0}) == "patterns.limit: input should be greater than or equal to 1"


def test_a_key_that_is_too_long_is_refused_and_not_shown() -> None:
    assert wrong({"key": "geheim" * 11}) == "patterns.key: a key has at most 64 bytes"


def test_a_key_may_come_from_the_environment_and_is_hidden() -> None:
    settings = settings_from({}, environ={"SLLM_PATTERNS__KEY": "12345678"})
    assert settings.patterns.key.get_secret_value() == "12345678"
    assert 'key = "**********"  # environment SLLM_PATTERNS__KEY' in effective_toml(settings)


def test_a_key_may_lie_in_the_folder_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "patterns__key").write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    settings = load_settings(tmp_path / "config.toml", environ={"SLLM_SECRETS_DIR": str(tmp_path)})
    assert settings.patterns.key.get_secret_value() == "s3cret"


def test_the_bounds_of_time_spans_are_told_as_they_are_written() -> None:
    with pytest.raises(SettingsError, match=r"pipeline\.window: input should be less than or equal to 7d"):
        settings_from({"pipeline": {"window": "8d"}})
