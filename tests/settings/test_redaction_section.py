from __future__ import annotations

import pytest

from sllm_core.redaction import KINDS
from sllm_core.settings import SettingsError, load_settings, settings_from
from sllm_core.settings.effective import effective_toml


def wrong(section: dict[str, object]) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_from({"redaction": section})
    return str(caught.value).replace("configuration: redaction.", "")


def test_without_the_section_all_is_redacted_but_addresses_of_machines() -> None:
    section = settings_from({}).redaction
    assert (section.enabled, section.off, section.client_addresses, section.allow) == (True, (), False, ())


def test_every_kind_may_be_off() -> None:
    assert settings_from({"redaction": {"off": list(KINDS)}}).redaction.off == KINDS


def test_an_unknown_kind_is_told_with_those_that_there_are() -> None:
    assert wrong({"off": ["emial"]}).startswith("off[0]: input should be 'password', 'token'")


def test_own_rules_have_names_and_patterns_that_can_be_used() -> None:
    rules = [{"name": "email", "pattern": "a"}, {"name": "x", "pattern": "(?=a)"}, {"name": "y", "pattern": "a*"}]
    first, second, third = wrong({"rules": rules}).splitlines()
    assert first == "rules[0].name: email is a kind of its own already; give the rule another name"
    assert second.endswith("patterns are in the notation of RE2, without lookaround and references back")
    assert third.startswith("rules[2].pattern: it matches nothing at all")


def test_two_rules_cannot_have_one_name() -> None:
    rules = [{"name": "x", "pattern": "a"}, {"name": "x", "pattern": "b"}]
    assert wrong({"rules": rules}).startswith("rules: two rules are called x")


def test_what_may_stay_is_not_empty() -> None:
    assert wrong({"allow": [""]}).startswith("allow[0]: string should have at least 1 character")
    assert "nothing at all" in wrong({"allow_patterns": [".*"]})


def test_it_can_be_set_by_the_environment_and_is_shown() -> None:
    settings = load_settings(None, environ={"SLLM_REDACTION__OFF": '["phone"]', "SLLM_REDACTION__ENABLED": "true"})
    assert settings.redaction.off == ("phone",)
    assert 'off = ["phone"]  # environment SLLM_REDACTION__OFF' in effective_toml(settings)
