"""What the section of `elasticsearch-sink` says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from sllm_core.settings import Duration
from sllm_core.settings.fields import write_duration
from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
from sllm_plugins.elasticsearch.templates import Template

DAY = timedelta(days=1)
LONGEST = 200
"""Characters of the beginning of an index name; the server takes 255 bytes, and the date follows."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def _index(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise ValueError(f"a name of at most {LONGEST} small letters, digits, '.', '_' and '-', such as sllm-findings")
    return name


def _switch(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in ("", "off") else value


def _written(span: timedelta | None) -> str:
    return "off" if span is None else write_duration(span)


IndexName = Annotated[str, AfterValidator(_index)]
"""What the names of indices begin with."""

Retention = Annotated[Annotated[Duration, Field(ge=DAY)] | None, BeforeValidator(_switch), PlainSerializer(_written)]
"""For how long indices are kept; "" or off: for good."""


class ElasticsearchSinkConfig(ElasticsearchConnection):
    """The section `[plugins.elasticsearch-sink]`: the connection, and what is written there."""

    index: IndexName = Field(
        default="sllm-findings", description="the alias of the findings; their indices are <index>-YYYY.MM.DD"
    )
    labels_index: IndexName = Field(default="sllm-labels", description="the same for labels of records")
    claims_index: IndexName | Literal[""] = Field(
        default="sllm-claims", description='where workers agree on who tunes tonight; "": each tunes for itself'
    )
    annotate: bool = Field(default=False, description="whether each record gets a label: pattern, sentiment, problem")
    retention: Retention = Field(
        default=timedelta(days=90), description="indices of older days, made as long ago, are deleted; off: none is"
    )
    ilm_policy: str = Field(default="", description="the lifecycle policy of new indices, if the server has ILM")
    install_templates: bool = Field(
        default=True, description="false: somebody else puts the index templates, as `templates` shows them"
    )
    patience: Annotated[Duration, Field(gt=timedelta(0))] = Field(
        default=timedelta(minutes=10), description="how long to wait for a server that takes nothing"
    )
    tags: tuple[str, ...] = Field(default=(), description="`tags` of every finding, beside sllm")
    labels: dict[str, str] = Field(default={}, description="`labels` of every finding, such as team = 'payments'")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        short, long = sorted((self.index, self.labels_index), key=len)
        if f"{long}-".startswith(f"{short}-"):
            raise ValueError("the indices of one of index and labels_index would match the other; name them apart")
        if any(f"{self.claims_index}-".startswith(f"{each}-") for each in (short, long)):
            raise ValueError("claims_index would stand among what index or labels_index matches; name them apart")
        return self

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates of what is written."""
        findings = Template("findings", self.index, self.ilm_policy)
        labels = Template("labels", self.labels_index, self.ilm_policy)
        return (findings, labels) if self.annotate else (findings,)
