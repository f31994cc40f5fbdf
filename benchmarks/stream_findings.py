"""The findings that workers have written to Elasticsearch, and in what those of two runs differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

PAGE = 2000
Findings = Mapping[str, Mapping[str, Any]]

COMPARED = ("label", "count", "confidence", "detected_issues", "patterns", "evidence", "facts", "message")
"""What of a finding should not depend on who found it."""


def findings(url: str, index: str) -> dict[str, dict[str, Any]]:
    """All findings of the indices that begin with the name, by id: what stands under `sllm`, and the message."""
    found: dict[str, dict[str, Any]] = {}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        client.post(f"/{index}-*/_refresh").raise_for_status()
        query: dict[str, Any] = {"size": PAGE, "sort": ["event.id"]}
        while page := client.post(f"/{index}-*/_search", json=query).raise_for_status().json()["hits"]["hits"]:
            sources = [each["_source"] for each in page]
            found |= {each["event"]["id"]: {**each["sllm"], "message": each["message"]} for each in sources}
            query["search_after"] = page[-1]["sort"]
    return found


def delete_indices(url: str, prefix: str) -> None:
    """Delete the indices and templates whose names begin with the prefix."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for each in client.get(f"/_cat/indices/{prefix}*", params={"format": "json"}).json():
            client.delete(f"/{each['index']}")
        for each in client.get("/_index_template").json()["index_templates"]:
            if each["name"].startswith(prefix):
                client.delete(f"/_index_template/{each['name']}")


def differences(one: Findings, other: Findings) -> Iterator[str]:
    """In what the second differ from the first, by analyzer; nothing where they do not."""
    for told, found, less in (("are missing", one, other), ("are new", other, one)):
        for analyzer, number in sorted(Counter(found[each]["analyzer"] for each in found.keys() - less.keys()).items()):
            yield f"{analyzer}: {number} {told}"
    unlike = Counter(
        (one[each]["analyzer"], name)
        for each in one.keys() & other.keys()
        for name in COMPARED
        if one[each].get(name) != other[each].get(name)
    )
    for (analyzer, name), number in sorted(unlike.items()):
        yield f"{analyzer}: {name} differs in {number}"
