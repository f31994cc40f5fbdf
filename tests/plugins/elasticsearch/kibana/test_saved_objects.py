"""The saved objects hang together, and show fields that the findings have. No Kibana is asked."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sllm_plugins.elasticsearch.kibana.saved_objects import Saved, ndjson, saved_objects

EXAMPLE = Path(__file__).parents[4] / "examples" / "kibana" / "sllm-findings.ndjson"
ROOM = files("sllm_plugins.elasticsearch")


@pytest.fixture(params=["en", "ko"])
def objects(request: pytest.FixtureRequest) -> list[Saved]:
    return saved_objects(labels="sllm-labels", language=request.param)


def known_fields(properties: dict[str, Any], prefix: str = "") -> set[str]:
    """The fields of a mapping by their dotted names; of objects that grow, with a star."""
    found: set[str] = set()
    for name, each in properties.items():
        found |= known_fields(each["properties"], f"{prefix}{name}.") if "properties" in each else {prefix + name}
        found |= {f"{prefix}{name}.*"} if each.get("dynamic") == "true" else set()
    return found


@pytest.fixture(scope="session")
def fields() -> set[str]:
    template = json.loads(ROOM.joinpath("findings_template.json").read_text(encoding="utf-8"))
    return known_fields(template["mappings"]["properties"])


def lenses(objects: list[Saved]) -> list[dict[str, Any]]:
    return [each["attributes"] for each in objects if each["type"] == "lens"]


def layer(chart: dict[str, Any]) -> dict[str, Any]:
    (found,) = chart["state"]["datasourceStates"]["formBased"]["layers"].values()
    assert isinstance(found, dict)
    return found


def test_whatever_is_referred_to_is_there(objects: list[Saved]) -> None:
    known = {(each["type"], each["id"]) for each in objects}
    assert {(link["type"], link["id"]) for each in objects for link in each["references"]} <= known
    assert len(known) == len(objects)


def test_what_is_referred_to_comes_first(objects: list[Saved]) -> None:
    place = {each["id"]: number for number, each in enumerate(objects)}
    assert all(place[link["id"]] < place[each["id"]] for each in objects for link in each["references"])


def test_charts_draw_columns_that_they_have(objects: list[Saved]) -> None:
    for chart in lenses(objects):
        drawn = re.findall(
            r'"(?:xAccessor|splitAccessor|metricAccessor|columnId)": "(\w+)"', json.dumps(chart["state"])
        )
        accessors = re.findall(r'"accessors": \["(\w+)"\]', json.dumps(chart["state"]))
        assert set(drawn + accessors) <= set(layer(chart)["columns"]), chart["title"]
        assert layer(chart)["columnOrder"] == list(layer(chart)["columns"])


def test_buckets_come_before_figures(objects: list[Saved]) -> None:
    for chart in lenses(objects):
        bucketed = [each["isBucketed"] for each in layer(chart)["columns"].values()]
        assert bucketed == sorted(bucketed, reverse=True)


def test_charts_and_searches_show_fields_that_findings_have(objects: list[Saved], fields: set[str]) -> None:
    shown = {column["sourceField"] for chart in lenses(objects) for column in layer(chart)["columns"].values()}
    shown |= {name for each in objects if each["type"] == "search" for name in each["attributes"]["columns"]}
    shown |= set(re.findall(r"(sllm\.[a-z_.]+):", json.dumps(objects)))
    unknown = {name for name in shown - {"___records___"} if name not in fields}
    assert {name for name in unknown if f"{name.rpartition('.')[0]}.*" not in fields} == set()


def test_panels_do_not_overlap_and_fill_the_grid(objects: list[Saved]) -> None:
    panels = json.loads(objects[-1]["attributes"]["panelsJSON"])
    cells = [
        (x, y)
        for grid in (each["gridData"] for each in panels)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(cells) == len(set(cells)) == 48 * (1 + max(y for _, y in cells))


def test_both_languages_have_every_title() -> None:
    titles = tomllib.loads(ROOM.joinpath("kibana/titles.toml").read_text(encoding="utf-8"))
    assert set(titles["en"]) == set(titles["ko"])
    assert all(titles["en"].values()) and all(titles["ko"].values())


def test_two_aliases_have_objects_of_their_own() -> None:
    one, other = ({each["id"] for each in saved_objects(name)} for name in ("team-a", "team-b"))
    assert one.isdisjoint(other)


def test_each_line_is_an_object() -> None:
    lines = ndjson(saved_objects()).splitlines()
    assert [json.loads(each)["type"] for each in lines][-1] == "dashboard"


def test_the_example_is_what_the_command_writes() -> None:
    if not EXAMPLE.is_file():
        pytest.skip("needs the project; run the tests from a checkout")
    assert EXAMPLE.read_text(encoding="utf-8") == ndjson(saved_objects())
