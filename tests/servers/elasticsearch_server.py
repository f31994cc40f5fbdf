"""Elasticsearch for tests: indices looked at and deleted, and a server of one's own that may be killed."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from own_server import PATIENCE, OwnServer, free_port

PAGE = 5000
UNPRIVILEGED = "nobody"
"""Who runs the server where root runs the tests, which it refuses."""


def answers(url: str) -> bool:
    """Whether a server is there that can search and store."""
    try:
        path = f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s"
        return httpx.get(path, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def delete_indices(url: str, prefix: str) -> None:
    """Delete all indices, and the index templates, whose names begin with the prefix."""
    assert len(prefix) >= 8, "a short prefix may be that of others' indices"
    with _client(url) as client:
        found = client.get(f"/_cat/indices/{prefix}*", params={"format": "json", "expand_wildcards": "all"})
        for each in found.raise_for_status().json():
            client.delete(f"/{each['index']}")
        known = client.get("/_index_template").raise_for_status().json()["index_templates"]
        for each in known:
            if each["name"].startswith(prefix):
                client.delete(f"/_index_template/{each['name']}")


def documents(url: str, index: str) -> list[dict[str, Any]]:
    """All documents of the indices (a pattern), as search tells them: `_index`, `_id`, `_source`, by index and id."""
    with _client(url) as client:
        client.post(f"/{index}/_refresh").raise_for_status()
        found = [each for page in _pages(client, index) for each in page]
    return sorted(found, key=lambda each: (each["_index"], each["_id"]))


def _pages(client: httpx.Client, index: str) -> Iterator[list[dict[str, Any]]]:
    opened = client.post(f"/{index}/_pit", params={"keep_alive": "2m", "ignore_unavailable": "true"})
    point: str = opened.raise_for_status().json()["id"]
    query: dict[str, Any] = {"size": PAGE, "sort": ["_shard_doc"]}
    while True:
        answer = client.post("/_search", json={**query, "pit": {"id": point, "keep_alive": "2m"}}).raise_for_status()
        point, page = answer.json()["pit_id"], answer.json()["hits"]["hits"]
        if not page:
            break
        yield page
        query["search_after"] = page[-1]["sort"]
    client.request("DELETE", "/_pit", json={"id": point})


class OwnElasticsearch(OwnServer):
    """A server on a free port with data of its own, one node, no security.

    Args:
        home: the folder of the distribution; it is copied, since the server may be another user's process.
        java_home: a JDK of 21 or newer.
        folder: one that everybody can reach; its owner becomes who runs the server.
    """

    def __init__(self, home: Path, java_home: str, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._transport, self._java_home = free_port(), java_home
        shutil.copytree(home, folder / "home")
        (folder / "temporary").mkdir()
        if self.user is not None:
            _give(folder, self.user)

    @property
    def user(self) -> str | None:
        return UNPRIVILEGED if os.geteuid() == 0 else None

    @property
    def command(self) -> Sequence[str]:
        settings = {
            "discovery.type": "single-node",
            "xpack.security.enabled": "false",
            "http.port": self.port,
            "transport.port": self._transport,
            "network.host": "127.0.0.1",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "path.data": self.folder / "data",
            "path.logs": self.folder / "logs",
        }
        return [str(self.folder / "home/bin/elasticsearch"), *(f"-E{name}={each}" for name, each in settings.items())]

    @property
    def environment(self) -> Mapping[str, str]:
        java = {"ES_JAVA_HOME": self._java_home, "ES_JAVA_OPTS": "-Xms512m -Xmx512m", "CLI_JAVA_OPTS": "-Xmx64m"}
        return {**os.environ, **java, **dict.fromkeys(("HOME", "ES_TMPDIR"), str(self.folder / "temporary"))}

    def answers(self) -> bool:
        return answers(self.url)


def _give(folder: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)
