from __future__ import annotations

from typing import Any

import pytest

from sllm_core.settings import settings_from
from sllm_core.settings.differences import differences, digest

PLAIN: dict[str, Any] = {"plugins": {"summary": {}}}


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        ({"plugins": {"summary": {}}}, ()),
        ({"pipeline": {"window": "60m"}, "plugins": {"summary": {}}}, ()),
        ({"pipeline": {"window": "5m"}, "plugins": {"summary": {}}}, ("pipeline.window",)),
        ({"plugins": {"summary": {}, "anomaly": {}}}, ("plugins.anomaly",)),
        ({"plugins": {}}, ("plugins.summary",)),
        ({"patterns": {"key": "a secret"}, "plugins": {"summary": {}}}, ("patterns.key",)),
        ({"language": "ko", "service": {"rate": 3}, "plugins": {"summary": {}}}, ("language", "service.rate")),
    ],
)
def test_what_differs_is_named(tables: dict[str, Any], names: tuple[str, ...]) -> None:
    one, other = settings_from(PLAIN), settings_from(tables)
    assert differences(one, other) == differences(other, one) == names


def test_another_plugin_under_the_same_section_is_a_difference() -> None:
    one, other = ({"plugins": {"a": {"plugin": name}}} for name in ("anomaly", "summary"))
    assert differences(settings_from(one), settings_from(other)) == ("plugins.a",)


def test_the_digest_is_of_what_holds_and_not_of_how_it_is_written() -> None:
    same = digest(settings_from({**PLAIN, "pipeline": {"window": "60m"}}))
    assert digest(settings_from(PLAIN)) == same != digest(settings_from({**PLAIN, "language": "ko"}))


def test_the_digest_tells_nothing_of_secrets() -> None:
    one, other = (digest(settings_from({**PLAIN, "patterns": {"key": key}})) for key in ("one", "another"))
    assert one == other
