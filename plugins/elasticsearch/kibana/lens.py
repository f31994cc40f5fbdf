"""Charts of Kibana's Lens, as saved objects hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LAYER = "findings"
"""The id of the only layer of each chart."""

Column = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart: its id and title, the kind of Lens, its columns by id, how they are drawn, and which findings it shows.

    `query` is in Kibana's own language (KQL).
    """

    id: str
    title: str
    kind: str
    columns: Mapping[str, Column]
    drawing: Mapping[str, Any]
    query: str = ""

    def saved(self, data_view: str) -> dict[str, Any]:
        """The saved object, on the data view of that id."""
        reference = {"type": "index-pattern", "id": data_view, "name": f"indexpattern-datasource-layer-{LAYER}"}
        layer = {"columns": dict(self.columns), "columnOrder": list(self.columns), "incompleteColumns": {}}
        state = {
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "visualization": dict(self.drawing),
            "query": {"query": self.query, "language": "kuery"},
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
        }
        attributes = {"title": self.title, "description": "", "visualizationType": self.kind, "state": state}
        return {"id": self.id, "type": "lens", "attributes": attributes, "references": [reference]}


def over_time(label: str) -> Column:
    """The times of findings, in steps that fit the time range."""
    parameters = {"interval": "auto", "includeEmptyRows": True, "dropPartials": False}
    return _column("date_histogram", "date", "@timestamp", label, "interval", True, parameters)


def top(field_name: str, label: str, size: int, by: str) -> Column:
    """The most frequent values of a field, by the column with the id `by`."""
    parameters = {
        "size": size,
        "orderBy": {"type": "column", "columnId": by},
        "orderDirection": "desc",
        "otherBucket": False,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
    }
    return _column("terms", "string", field_name, label, "ordinal", True, parameters)


def count(label: str) -> Column:
    """How many findings there are."""
    return _column("count", "number", "___records___", label, "ratio", False, {"emptyAsNull": True})


def figure(operation: str, field_name: str, label: str) -> Column:
    """The sum, average or maximum of a field."""
    return _column(operation, "number", field_name, label, "ratio", False, {"emptyAsNull": True})


def _column(
    operation: str, kind: str, field_name: str, label: str, scale: str, bucketed: bool, parameters: Mapping[str, Any]
) -> Column:
    return {
        "operationType": operation,
        "sourceField": field_name,
        "dataType": kind,
        "isBucketed": bucketed,
        "scale": scale,
        "label": label,
        "customLabel": True,
        "params": dict(parameters),
    }


@dataclass(frozen=True)
class Bars:
    """Bars over a first column, stacked by another; `colours` are those of single values."""

    series: str = "bar_stacked"
    colours: Mapping[str, str] = field(default_factory=dict)

    def drawing(self, x: str, accessors: Sequence[str], split: str = "") -> dict[str, Any]:
        """How the columns are drawn."""
        layer: dict[str, Any] = {
            "layerId": LAYER,
            "layerType": "data",
            "seriesType": self.series,
            "xAccessor": x,
            "accessors": list(accessors),
        }
        if split:
            layer["splitAccessor"] = split
        if self.colours:
            layer["colorMapping"] = _colour_mapping(self.colours)
        legend = {"isVisible": bool(split), "position": "right"}
        return {"preferredSeriesType": self.series, "legend": legend, "valueLabels": "hide", "layers": [layer]}


def _colour_mapping(colours: Mapping[str, str]) -> dict[str, Any]:
    assignments = [
        {
            "rule": {"type": "matchExactly", "values": [value]},
            "color": {"type": "colorCode", "colorCode": colour},
            "touched": True,
        }
        for value, colour in colours.items()
    ]
    other = {"rule": {"type": "other"}, "color": {"type": "loop"}, "touched": False}
    return {
        "assignments": assignments,
        "specialAssignments": [other],
        "paletteId": "default",
        "colorMode": {"type": "categorical"},
    }


def single(accessor: str, colour: str) -> dict[str, Any]:
    """One number."""
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": accessor, "color": colour}


def table(columns: Sequence[str]) -> dict[str, Any]:
    """A table of these columns."""
    return {"layerId": LAYER, "layerType": "data", "columns": [{"columnId": each} for each in columns]}
