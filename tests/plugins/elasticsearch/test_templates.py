from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
from sllm_plugins.elasticsearch.templates import (
    VERSION,
    State,
    Template,
    digest,
    lesser,
    notes,
    state_of,
)

KINDS = ("findings", "labels")
LACKS = "The mapper type [match_only_text] declared on field [message] does not exist."
LACKED_IN_8 = "No handler for type [match_only_text] declared on field [message]"


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=elasticsearch_url, trust_env=False, timeout=60) as client:
        yield client


def install(server: httpx.Client, template: Template) -> State:
    async def run() -> State:
        async with ElasticsearchConnection(url=(str(server.base_url),)).client() as client:
            return await template.install(client)

    return asyncio.run(run())


def found(server: httpx.Client, name: str) -> dict[str, Any]:
    template: dict[str, Any] = server.get(f"/_index_template/{name}").json()["index_templates"][0]["index_template"]
    return template


def put(server: httpx.Client, name: str, template: Mapping[str, Any], **changes: object) -> None:
    dated = ("created_date", "modified_date", "created_date_millis", "modified_date_millis")
    body = {name: value for name, value in template.items() if name not in dated} | changes
    server.put(f"/_index_template/{name}", json=body).raise_for_status()


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_put_and_known_again(server: httpx.Client, index: str, kind: str) -> None:
    template = Template(kind, index)
    assert install(server, template) == "none"
    there = found(server, index)
    assert (there["version"], there["index_patterns"], there["priority"]) == (VERSION, [f"{index}-*"], 500)
    assert install(server, template) == "ours"
    assert found(server, index) == there


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_server_lacks_is_replaced(server: httpx.Client, index: str, kind: str) -> None:
    install(server, Template(kind, index))
    fields = found(server, index)["template"]["mappings"]["properties"]
    assert fields["event"]["properties"]["dataset"]["type"] in ("constant_keyword", "keyword")
    assert fields.get("message", {}).get("type") in (None, "match_only_text", "text")


def test_new_indices_get_mapping_and_alias(server: httpx.Client, index: str) -> None:
    install(server, Template("findings", index))
    server.put(f"/{index}-2026.01.01").raise_for_status()
    (about,) = server.get(f"/{index}").json().values()
    assert about["mappings"]["dynamic"] == "false"
    assert about["settings"]["index"]["auto_expand_replicas"] == "0-1"


def test_a_template_of_an_older_version_gives_way(server: httpx.Client, index: str) -> None:
    template = Template("findings", index)
    install(server, template)
    there = found(server, index)
    there["template"]["mappings"]["properties"].pop("rule")
    old = {"managed_by": "sllm", "version": 0, "digest": digest(there)}
    put(server, index, there, _meta=old, version=0)
    assert install(server, template) == "ours"
    assert "rule" in found(server, index)["template"]["mappings"]["properties"]


@pytest.mark.parametrize(
    ("about", "state"),
    [
        ({"managed_by": "me"}, "foreign"),
        ({}, "foreign"),
        ({"managed_by": "sllm", "version": VERSION + 1, "digest": "x"}, "newer"),
        ({"managed_by": "sllm", "version": VERSION, "digest": "x"}, "changed"),
    ],
)
def test_what_is_not_as_we_put_it_stays(
    server: httpx.Client, index: str, about: dict[str, object], state: State
) -> None:
    template = Template("findings", index)
    install(server, template)
    put(server, index, found(server, index), _meta=about)
    there = found(server, index)
    assert install(server, template) == state
    assert found(server, index) == there
    assert index in next(notes(template, state))


def test_a_setting_that_the_user_adds_is_seen(server: httpx.Client, index: str) -> None:
    template = Template("findings", index)
    install(server, template)
    there = found(server, index)
    there["template"]["settings"]["index"]["number_of_shards"] = "3"
    put(server, index, there)
    assert install(server, template) == "changed"
    assert found(server, index)["template"]["settings"]["index"]["number_of_shards"] == "3"


@pytest.mark.parametrize("told", [LACKS, LACKED_IN_8])
def test_a_type_of_field_that_is_lacking_is_replaced(told: str) -> None:
    body = Template("findings", "f").body
    less = lesser(body, told)
    assert less is not None
    fields = less["template"]["mappings"]["properties"]
    assert fields["message"] == {"type": "text"}
    assert fields["event"]["properties"]["module"]["type"] == "constant_keyword"
    assert state_of(less) == "ours" and digest(less) != digest(body)


@pytest.mark.parametrize("told", ["unknown setting [index.lifecycle.name]", "mapper type [keyword] does not exist", ""])
def test_of_another_refusal_there_is_no_lesser_form(told: str) -> None:
    assert lesser(Template("findings", "f").body, told) is None


def test_a_policy_stands_in_the_settings() -> None:
    settings = Template("findings", "f", "ninety").body["template"]["settings"]
    assert settings["index"]["lifecycle"] == {"name": "ninety"}
