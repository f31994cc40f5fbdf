from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sllm_core.plugin import PluginConfig
from sllm_core.settings import PathInConfig, ZoneName
from sllm_core.settings.fields import parse_duration, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1h", 3600), ("30m", 1800), ("90s", 90), ("1d", 86400), ("250ms", 0.25), ("1h30m", 5400), (" 1 h 30 m ", 5400)],
)
def test_a_duration_is_text_with_units(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [90, 90.0, "90"])
def test_a_number_is_seconds(value: object) -> None:
    assert parse_duration(value) == timedelta(seconds=90)


@pytest.mark.parametrize("value", ["", "1x", "h", "-5m", -1, True, None, [], float("nan"), float("inf"), "1h junk"])
def test_anything_else_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="30s, 5m, 1h or 7d"):
        parse_duration(value)


@pytest.mark.parametrize("value", [10**400, "999999999d 24h", 1e300])
def test_an_endless_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration(value)


@example(timedelta(days=12, milliseconds=1))
@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9999)))
def test_a_written_duration_reads_the_same(span: timedelta) -> None:
    assert parse_duration(write_duration(span)) == span


def test_a_duration_is_written_in_its_largest_whole_unit() -> None:
    assert [write_duration(timedelta(seconds=each)) for each in (86400, 5400, 90, 0.5)] == ["1d", "90m", "90s", "500ms"]


class Paths(PluginConfig):
    one: PathInConfig = Path("one")
    more: tuple[PathInConfig, ...] = ()


def test_a_relative_path_is_taken_from_the_folder(tmp_path: Path) -> None:
    paths = Paths.model_validate({"one": "a", "more": ["b", "/c"]}, context={"folder": tmp_path})
    assert paths == Paths(one=tmp_path / "a", more=(tmp_path / "b", Path("/c")))


def test_without_a_folder_a_path_stays_as_it_is() -> None:
    assert Paths(one=Path("app.log")).one == Path("app.log")


@pytest.mark.parametrize("name", ["UTC", "Asia/Seoul"])
def test_a_zone_has_a_name_of_the_database(name: str) -> None:
    assert TypeAdapter(ZoneName).validate_python(name) == name


@pytest.mark.parametrize("name", ["Asia/Soul", "", "../../etc/passwd", "/", "Asia", "\0", "x" * 5000, "\ud800"])
def test_no_other_name_is_a_zone(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ZoneName).validate_python(name)
