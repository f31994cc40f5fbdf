from __future__ import annotations

from datetime import timedelta

import pytest

from sllm_core.settings import SettingsError, settings_from


def test_without_the_section_the_server_says_how_many_calls_it_takes() -> None:
    section = settings_from({}).model
    assert (section.use, section.concurrency, section.timeout, section.retries) == ("", 0, timedelta(minutes=2), 3)


def test_the_section_may_say_more() -> None:
    section = settings_from({"model": {"concurrency": 4}}, environ={"SLLM_MODEL__TIMEOUT": "5m"}).model
    assert (section.concurrency, section.timeout) == (4, timedelta(minutes=5))


@pytest.mark.parametrize("wrong", [{"concurrency": -1}, {"timeout": "0s"}, {"retries": 21}, {"colour": 1}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=f"model.{next(iter(wrong))}"):
        settings_from({"model": wrong})
