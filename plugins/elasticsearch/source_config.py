"""The section `[plugins.elasticsearch]`: what is read, from when to when, and how."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sllm_core.settings import Duration
from sllm_plugins.elasticsearch.connection import Address, ElasticsearchConnection
from sllm_plugins.elasticsearch.ranges import DayInConfig, TimeInConfig
from sllm_plugins.elasticsearch.selection import EXCLUDED, Query, Selection

INDICES = "logs-*,filebeat-*,logstash-*"
DAY = timedelta(days=1)
ZERO = timedelta(0)


def _index(text: str) -> str:
    """The pattern without spaces between its parts.

    Raises:
        ValueError: it has no name in it.
    """
    parts = [each.strip() for each in text.split(",")]
    if not all(parts) or all(each.startswith("-") for each in parts):
        raise ValueError('write names or patterns of indices, with commas between them, such as "logs-*,filebeat-*"')
    return ",".join(parts)


Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class ElasticsearchConfig(ElasticsearchConnection):
    """Options of `[plugins.elasticsearch]`, besides those of the connection.

    Without `since` and `day`, all that there is is read; with `follow`, what comes from the first start on. A run goes
    on where the one before it was; but each `day`, and each range that is fixed at both ends, stands for itself.
    """

    index: Annotated[str, AfterValidator(_index)] = Field(
        default=INDICES, description="indices, aliases, data streams, or patterns of them, with commas between them"
    )
    data_view: str = Field(default="", description="a data view of Kibana, by its name, title or id, in place of index")
    kibana_url: Address | None = Field(default=None, description="where Kibana is, to ask it for the data view")
    time: Annotated[str, Field(min_length=1)] = Field(default="@timestamp", description="the field by which is read")
    query: dict[str, Any] | str = Field(
        default="", description="which documents: a query in Lucene's syntax, or a table in the query DSL"
    )
    day: DayInConfig = Field(default="", description="yesterday, today, or a date: that day in the configured zone")
    since: TimeInConfig = Field(default="", description="from when on: 2026-11-20T09:30, yesterday, -24h")
    until: TimeInConfig = Field(default="", description="until when; now by default")
    follow: bool = Field(default=False, description="whether to wait for further documents at the end")
    lag: Annotated[Duration, Field(ge=ZERO, le=DAY)] = Field(
        default=timedelta(seconds=10), description="how long after its time a document can be found at the latest"
    )
    recount: Annotated[Duration, Field(ge=ZERO, le=7 * DAY)] = Field(
        default=timedelta(minutes=5), description="when to count, in vain, those that came later than lag; 0: never"
    )
    poll: Annotated[Duration, Field(gt=ZERO, le=DAY)] = Field(
        default=timedelta(seconds=5), description="how often to look for further documents"
    )
    window: Annotated[Duration, Field(ge=timedelta(milliseconds=1), le=30 * DAY)] = Field(
        default=timedelta(minutes=10), description="how much time is read at once, from one point in time"
    )
    slices: int = Field(default=4, ge=1, le=64, description="in how many parts a window is read at the same time")
    page: int = Field(default=2000, ge=1, le=10_000, description="how many documents a search gives at most")
    fields: Names = Field(default=(), description="the fields that the server sends; all but those in exclude")
    exclude: Names = Field(default=EXCLUDED, description="fields that the server leaves out")

    @model_validator(mode="after")
    def _one_meaning(self) -> ElasticsearchConfig:
        if self.data_view and "index" in self.model_fields_set:
            raise ValueError("index and data_view are both set; leave one of them out")
        if self.kibana_url and not self.data_view:
            raise ValueError("kibana_url is only asked for a data_view; set one, or leave kibana_url out")
        if self.day and (self.since or self.until or self.follow):
            raise ValueError("day stands alone: leave since, until and follow out, or use since and until in its place")
        return self

    @property
    def selection(self) -> Selection:
        """Which documents are meant, if it is not a data view that says so."""
        query: Query | None = self.query or None
        return Selection(self.index, self.time, query, self.fields, self.exclude)
