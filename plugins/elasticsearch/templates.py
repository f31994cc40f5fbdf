"""The index templates of findings and labels: put where none is, brought up to date, and the user's own left alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from elasticsearch import ApiError, AsyncElasticsearch

VERSION = 1
"""To be raised with each change of a template, so that servers get the new one."""

PRIORITY = 500
OURS = "sllm"
"""What `_meta.managed_by` says of our templates and indices."""

LESSER: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "match_only_text": {"type": "text"},
        "constant_keyword": {"type": "keyword", "ignore_above": 1024},
        "flattened": {"type": "object", "enabled": False},
    }
)
"""What to do with where a server lacks a type of field, as distributions without optional modules do."""

_MISSING = re.compile(r"(?:mapper type|handler for type) \[(\w+)\]")

State = Literal["none", "ours", "newer", "changed", "foreign"]
"""What stands on a server under a template's name: ours as we put it, of a newer sllm, ours but changed, or another."""


@dataclass(frozen=True)
class Template:
    """The template of one kind of documents. `name` is also the alias, and what the names of its indices begin with.

    `kind` is findings or labels; `policy` the name of an ILM policy, "" for none.
    """

    kind: str
    name: str
    policy: str = ""

    @cached_property
    def body(self) -> dict[str, Any]:
        """The template at its best, in the form in which servers give it back."""
        form = json.loads(files(__package__).joinpath(f"{self.kind}_template.json").read_text(encoding="utf-8"))
        if self.policy:
            form["settings"]["index"]["lifecycle"] = {"name": self.policy}
        form["aliases"] = {self.name: {}}
        return _signed({"index_patterns": [f"{self.name}-*"], "composed_of": [], "priority": PRIORITY}, form)

    async def find(self, client: AsyncElasticsearch) -> dict[str, Any] | None:
        """What stands on the server under this name.

        Raises:
            ApiError, TransportError: as the client does.
        """
        found = await client.options(ignore_status=404).indices.get_index_template(name=self.name)
        known = found.body.get("index_templates") or [None]
        template: dict[str, Any] | None = known[0] and known[0]["index_template"]
        return template

    async def install(self, client: AsyncElasticsearch) -> State:
        """Put it unless what is there is newer or the user's; what the server lacks is replaced by what it has.

        Returns:
            What stood there before.

        Raises:
            ApiError, TransportError: as the client does; the server refuses even the least form.
        """
        there = await self.find(client)
        state = state_of(there)
        if state in ("none", "ours"):
            await self._put(client, there)
        return state

    async def _put(self, client: AsyncElasticsearch, there: Mapping[str, Any] | None) -> None:
        from elasticsearch import BadRequestError

        body: dict[str, Any] | None = self.body
        while body is not None and (there is None or digest(there) != digest(body)):
            try:
                await client.perform_request("PUT", f"/_index_template/{self.name}", headers=_JSON, body=body)
                return
            except BadRequestError as error:
                body = lesser(body, str(error.body))
                if body is None:
                    raise


_JSON = MappingProxyType({"accept": "application/json", "content-type": "application/json"})


def state_of(template: Mapping[str, Any] | None) -> State:
    """Whose template this is, and whether it is as we put it."""
    if template is None:
        return "none"
    about = template.get("_meta") or {}
    if about.get("managed_by") != OURS:
        return "foreign"
    if about.get("version", 0) > VERSION:
        return "newer"
    return "ours" if about.get("digest") == digest(template) else "changed"


def digest(template: Mapping[str, Any]) -> str:
    """A hash of what a template does, by which it is known whether somebody has changed it since."""
    parts = [template.get("index_patterns"), template.get("composed_of"), template.get("priority")]
    text = json.dumps([*parts, template.get("template")], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def lesser(body: Mapping[str, Any], told: str) -> dict[str, Any] | None:
    """The template without the type of field that the server says it lacks; None if it says something else."""
    match = _MISSING.search(told)
    if match is None or match[1] not in LESSER:
        return None
    form = _replaced(body["template"], match[1], LESSER[match[1]])
    kept = {name: each for name, each in body.items() if name not in ("template", "_meta", "version")}
    return _signed(kept, form)


def _replaced(node: Mapping[str, Any], missing: str, other: Mapping[str, object]) -> dict[str, Any]:
    if node.get("type") == missing:
        return dict(other)
    nested = {name: _replaced(each, missing, other) for name, each in node.items() if isinstance(each, Mapping)}
    return {**node, **nested}


def _signed(about: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    body = {**about, "template": dict(form), "version": VERSION}
    return {**body, "_meta": {"managed_by": OURS, "version": VERSION, "digest": digest(body)}}


def notes(template: Template, state: State) -> Iterator[str]:
    """What the user should know of what stands on the server."""
    name = template.name
    if state == "newer":
        yield f"the index template {name} is of a newer sllm and stays as it is"
    if state == "changed":
        yield f"the index template {name} was changed and stays as it is; delete it to have sllm's own again"
    if state == "foreign":
        yield f"the index template {name} is not sllm's and stays as it is"


def is_taken(error: ApiError) -> bool:
    """Whether what was to be made is there already."""
    return "resource_already_exists_exception" in str(error.body)
