"""The plugin `kafka`: records from topics, as a member of a consumer group."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sllm_core.components import Context, Shared
from sllm_core.plugin import Plugin, hookimpl
from sllm_core.settings import Duration, EnvironmentName

from .connection import KafkaConnection, TopicName

if TYPE_CHECKING:
    from .worker import KafkaSource

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def validate_pattern(text: str) -> str:
    """The pattern, if it is a regular expression.

    Raises:
        ValueError: it is none.
    """
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    return text


class KafkaConfig(KafkaConnection):
    """The section `[plugins.kafka]`.

    The group waits for a worker as long as `rebalance_timeout` when it distributes its partitions, and takes one for
    dead after `session_timeout` without a sign of life.
    """

    topics: tuple[TopicName, ...] = Field(default=(), description="the topics to read, by their names")
    pattern: Annotated[str, AfterValidator(validate_pattern)] = Field(
        default="", description="in their place: a regular expression for whole names, also of topics to come"
    )
    group: Annotated[str, Field(min_length=1, max_length=255), EnvironmentName("KAFKA_GROUP_ID")] = Field(
        default="sllm-consumer-group", description="workers of one group share the partitions"
    )
    follow: bool = Field(default=True, description="go on for ever; false: read to where the topics end now, and stop")
    start: Literal["earliest", "latest"] = Field(default="earliest", description="where a new group begins")
    member: str = Field(
        default="", max_length=255, description="a static name of this worker in the group, such as host and slot"
    )
    dead_letters: bool = Field(default=True, description="keep messages that cannot be read in <topic>.dlq")
    changelog: bool = Field(
        default=True, description="keep what was learnt of each partition in <group>.changelog, for its next worker"
    )
    batch: int = Field(default=10_000, ge=1, le=1_000_000, description="records of a batch, about")
    buffer: int = Field(default=100_000, ge=1, description="messages that may wait to be worked on")
    buffer_bytes: int = Field(default=128 << 20, ge=1 << 20, description="bytes that they may take in memory")
    session_timeout: Annotated[Duration, Field(ge=SECOND, le=HOUR)] = timedelta(seconds=45)
    heartbeat_interval: Annotated[Duration, Field(ge=timedelta(milliseconds=100), le=MINUTE)] = timedelta(seconds=3)
    rebalance_timeout: Annotated[Duration, Field(ge=SECOND, le=HOUR)] = timedelta(seconds=60)
    max_poll_interval: Annotated[Duration, Field(ge=SECOND, le=24 * HOUR)] = timedelta(minutes=5)

    @model_validator(mode="after")
    def _check_subscription(self) -> Self:
        if bool(self.topics) == bool(self.pattern):
            raise ValueError('name the topics to read, such as topics = ["logs.app"], or give a pattern, not both')
        if self.heartbeat_interval * 3 > self.session_timeout:
            raise ValueError("heartbeat_interval is at most a third of session_timeout")
        return self

    @property
    def drain(self) -> float:
        """Seconds that a rebalance may wait for a batch in hand: less than the group waits for this worker."""
        return max(0.5, 0.8 * (self.rebalance_timeout - self.heartbeat_interval).total_seconds())


class Kafka(Plugin[KafkaConfig]):
    """The `kafka` source."""

    Config = KafkaConfig

    def __init__(self, name: str, config: KafkaConfig) -> None:
        super().__init__(name, config)
        self._source: KafkaSource | None = None

    @hookimpl
    def sllm_sources(self, context: Context) -> list[Shared]:
        return [self._of(context)]

    @hookimpl
    def sllm_lifespan(self, context: Context) -> AbstractAsyncContextManager[None]:
        return self._of(context).connected()

    def _of(self, context: Context) -> KafkaSource:
        from .worker import KafkaSource

        if self._source is None:
            self._source = KafkaSource(self.name, self.config, context)
        return self._source
