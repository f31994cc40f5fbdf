"""What Kibana shows of the findings: a data view, saved searches, charts and a dashboard, as saved objects."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sllm_plugins.elasticsearch.kibana.lens import Bars, Chart, count, figure, over_time, single, table, top

Saved = dict[str, Any]

CORE = "8.8.0"
TYPES = MappingProxyType({"index-pattern": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"})
"""The versions whose form the objects have; Kibana 8.9 and later take them in, and bring them to their own form."""

RED, AMBER, GREEN, GREY, BLUE = "#bd271e", "#f5a700", "#54b399", "#98a2b3", "#6092c0"
SEVERITIES = MappingProxyType({"critical": RED, "warning": AMBER, "normal": GREEN})
SENTIMENTS = MappingProxyType({"negative": RED, "neutral": GREY, "positive": GREEN})
TROUBLE = 'sllm.label: ("critical" or "warning")'
COLUMNS = ("sllm.label", "sllm.analyzer", "message", "sllm.services", "sllm.count", "sllm.method")

LAYOUT = (
    ("critical", 0, 0, 12, 7),
    ("warning", 12, 0, 12, 7),
    ("records", 24, 0, 12, 7),
    ("errors", 36, 0, 12, 7),
    ("severity_over_time", 0, 7, 24, 12),
    ("sentiment_over_time", 24, 7, 24, 12),
    ("records_over_time", 0, 19, 24, 12),
    ("services", 24, 19, 12, 12),
    ("issues", 36, 19, 12, 12),
    ("critical_search", 0, 31, 48, 15),
    ("summaries_search", 0, 46, 48, 15),
)
"""The panels of the dashboard: name, place and size on its grid of 48 columns."""


def saved_objects(index: str = "sllm-findings", labels: str = "", language: str = "en") -> list[Saved]:
    """All saved objects, for findings under the alias `index` and, unless it is "", labels under `labels`.

    Their ids follow from the alias, so that a later import replaces them, and two aliases have two dashboards.
    """
    titles = _titles(language)
    views = [_data_view(index, titles["findings"])]
    views += [_data_view(labels, titles["labels"])] if labels else []
    found = [*views, *_searches(index, titles), *(each.saved(index) for each in _charts(index, titles))]
    return [_versioned(each) for each in [*found, _dashboard(index, titles, found)]]


def ndjson(objects: Sequence[Saved]) -> str:
    """The objects as Kibana's import takes them: one on each line."""
    return "".join(json.dumps(each, ensure_ascii=False, sort_keys=True) + "\n" for each in objects)


def _titles(language: str) -> dict[str, str]:
    text = files(__package__).joinpath("titles.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)[language]
    return found


def _versioned(saved: Saved) -> Saved:
    return {**saved, "coreMigrationVersion": CORE, "typeMigrationVersion": TYPES[saved["type"]], "managed": False}


def _data_view(alias: str, name: str) -> Saved:
    attributes = {"title": f"{alias}-*", "name": name, "timeFieldName": "@timestamp", "allowNoIndex": True}
    return {"id": alias, "type": "index-pattern", "attributes": attributes, "references": []}


def _searches(index: str, titles: Mapping[str, str]) -> Iterator[Saved]:
    queries = {"critical_search": TROUBLE, "summaries_search": 'sllm.analyzer: "summary"', "all_search": ""}
    for name, query in queries.items():
        reference = "kibanaSavedObjectMeta.searchSourceJSON.index"
        source = {"query": {"query": query, "language": "kuery"}, "filter": [], "indexRefName": reference}
        attributes = {
            "title": titles[name],
            "description": "",
            "columns": list(COLUMNS),
            "sort": [["@timestamp", "desc"]],
            "grid": {},
            "hideChart": False,
            "isTextBasedQuery": False,
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
        }
        link = {"type": "index-pattern", "id": index, "name": reference}
        yield {"id": f"{index}-{name}", "type": "search", "attributes": attributes, "references": [link]}


def _charts(index: str, titles: Mapping[str, str]) -> Iterator[Chart]:
    yield from _numbers(index, titles)
    yield from _courses(index, titles)
    for name, field_name, column in (
        ("services", "sllm.services", "service"),
        ("issues", "sllm.detected_issues", "issue"),
    ):
        columns = {"what": top(field_name, titles[column], 10, "many"), "many": count(titles["count"])}
        yield Chart(f"{index}-{name}", titles[name], "lnsDatatable", columns, table(["what", "many"]), TROUBLE)


def _numbers(index: str, titles: Mapping[str, str]) -> Iterator[Chart]:
    summaries = 'sllm.analyzer: "summary"'
    for name, colour in (("critical", RED), ("warning", AMBER)):
        query = f'sllm.label: "{name}"'
        yield _number(index, name, titles, {"many": count(titles[name])}, colour, query)
    records = figure("sum", "sllm.count", titles["records"])
    yield _number(index, "records", titles, {"many": records}, BLUE, summaries)
    errors = figure("sum", "sllm.figures.errors", titles["errors"])
    yield _number(index, "errors", titles, {"many": errors}, GREY, summaries)


def _number(
    index: str, name: str, titles: Mapping[str, str], columns: Mapping[str, Any], colour: str, query: str
) -> Chart:
    return Chart(f"{index}-{name}", titles[name], "lnsMetric", columns, single("many", colour), query)


def _courses(index: str, titles: Mapping[str, str]) -> Iterator[Chart]:
    drawn = (("severity_over_time", "anomaly", SEVERITIES), ("sentiment_over_time", "sentiment", SENTIMENTS))
    for name, analyzer, colours in drawn:
        columns = {
            "label": top("sllm.label", titles["label"], 3, "many"),
            "time": over_time(titles["time"]),
            "many": count(titles["count"]),
        }
        drawing = Bars(colours=colours).drawing("time", ["many"], "label")
        yield Chart(f"{index}-{name}", titles[name], "lnsXY", columns, drawing, f'sllm.analyzer: "{analyzer}"')
    records = {"time": over_time(titles["time"]), "many": figure("sum", "sllm.count", titles["records"])}
    drawing = Bars("area").drawing("time", ["many"])
    name = "records_over_time"
    yield Chart(f"{index}-{name}", titles[name], "lnsXY", records, drawing, 'sllm.analyzer: "summary"')


def _dashboard(index: str, titles: Mapping[str, str], objects: Sequence[Saved]) -> Saved:
    kinds = {each["id"]: each["type"] for each in objects}
    panels, links = [], []
    for number, (name, x, y, width, height) in enumerate(LAYOUT):
        kind, id = kinds[f"{index}-{name}"], f"{index}-{name}"
        grid = {"x": x, "y": y, "w": width, "h": height, "i": str(number)}
        reference = f"panel_{number}"
        panels.append(
            {
                "type": kind,
                "gridData": grid,
                "panelIndex": str(number),
                "embeddableConfig": {},
                "panelRefName": reference,
            }
        )
        links.append({"type": kind, "id": id, "name": f"{number}:{reference}"})
    attributes = {
        "title": titles["dashboard"],
        "description": titles["dashboard_text"],
        "panelsJSON": json.dumps(panels),
        "optionsJSON": json.dumps(
            {"useMargins": True, "syncColors": True, "syncCursor": True, "hidePanelTitles": False}
        ),
        "timeRestore": True,
        "timeFrom": "now-24h",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60_000},
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json.dumps({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
        "version": 1,
    }
    return {"id": f"{index}-dashboard", "type": "dashboard", "attributes": attributes, "references": links}
