"""Why Elasticsearch does not take a document: for its content, or for a state that somebody or time mends."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

WRONG = 400
SAID = 300
"""How many characters of what the server says are told."""

STATES = frozenset({"index_closed_exception", "validation_exception", "invalid_alias_name_exception"})
STATES_SAID = ("data stream", "pipeline with id")
"""Errors with status 400 that are not about a document, by their types and by what they say."""

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "index_closed_exception": "the index is closed; in Kibana's Dev Tools, type: POST {index}/_open",
        "invalid_alias_name_exception": "an index has the name of the alias; delete or rename that index, or set "
        "another name with index (or labels_index)",
        "index_not_found_exception": "the index is gone; it is made anew",
        "security_exception": "the key or user lacks a right; give it create_index, index and view_index_metadata on "
        "the index",
        "validation_exception": "delete old indices, shorten retention, or raise cluster.max_shards_per_node",
        "es_rejected_execution_exception": "the server has more to do than it can; wait, or give it more memory and "
        "processors",
        "circuit_breaking_exception": "the server is short of memory; wait, or give it more",
        "unavailable_shards_exception": "a shard is not there; look at GET _cluster/allocation/explain",
    }
)


def is_about_document(status: int, answer: object) -> bool:
    """Whether the refusal is for what is in the document, so that it would come again each time."""
    kind = str(_error(answer).get("type", ""))
    told = reason(answer)
    return status == WRONG and kind not in STATES and not any(each in told for each in STATES_SAID)


def reason(answer: object) -> str:
    """What the server says, on one line."""
    error = _error(answer)
    behind = error.get("caused_by")
    inner = behind.get("reason", "") if isinstance(behind, Mapping) else ""
    told = [str(each) for each in (error.get("reason", ""), inner) if each]
    return " ".join(": ".join(told or [str(answer)]).split())[:SAID]


def trouble(index: str, status: int, answer: object) -> str:
    """Why nothing can be written into an index now, and what to do, on one line."""
    kind, told = str(_error(answer).get("type", "")), reason(answer)
    if "flood-stage" in told:
        return f"{index}: the disk is full up to the flood stage; free space on the nodes, and it takes documents again"
    if kind == "cluster_block_exception" and "cluster read-only" in told:
        remedy = 'PUT _cluster/settings {"persistent": {"cluster.blocks.*": null}}'
        return f"{index}: {told}; in Kibana's Dev Tools, type: {remedy}"
    if kind == "cluster_block_exception":
        remedy = f'PUT {index}/_settings {{"index.blocks.write": null, "index.blocks.read_only": null}}'
        return f"{index}: {told}; in Kibana's Dev Tools, type: {remedy}"
    if "data stream" in told:
        return f"{index}: {told}; a template of yours makes data streams of such names: give it another pattern"
    remedy = REMEDIES.get(kind, "look at the logs of the server").format(index=index)
    return f"{index}: status {status}: {told}; {remedy}"


def _error(answer: object) -> Mapping[str, Any]:
    """The error in an answer; empty where there is none that has a form."""
    found = answer.get("error", {}) if isinstance(answer, Mapping) else {}
    return found if isinstance(found, Mapping) else {}
