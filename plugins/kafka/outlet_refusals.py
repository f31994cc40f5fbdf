"""What Kafka refuses of a replay for good, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from .connection import KafkaConnection
    from .topic_creation import Topic

FENCED = ("ProducerFenced", "InvalidProducerEpoch")
"""Another producer has the transactional id; or the transaction took too long."""


class Refused(PluginError):
    """The servers answer, and will not take it later either."""


def refusal(
    error: BaseException, connection: KafkaConnection, section: str, topic: Topic, group: str, largest: tuple[int, str]
) -> Refused | None:
    """What the user has to mend; None where another try may succeed. `largest` is what was sent: bytes and origin."""
    servers = connection.bootstrap_servers
    match type(error).__name__:
        case "MessageSizeTooLargeError" | "RecordListTooLargeError":
            size, origin = largest
            what = f"the topic {topic.name} takes {topic.largest or 1_048_588:,} bytes, {origin} has {size:,}"
            remedy = _configure(servers, topic.name, f"max.message.bytes={2 * size}")
        case "InvalidTimestampError":
            what = f"the topic {topic.name} takes no messages as old as {largest[1]}"
            remedy = _configure(servers, topic.name, "message.timestamp.before.max.ms=9223372036854775807")
        case "TopicAuthorizationFailedError":
            what = f"this client may not write to the topic {topic.name}"
            remedy = _allow(servers, f"--operation Write --topic {topic.name}")
        case "TransactionalIdAuthorizationFailed":
            what = f"this client may not begin transactions as {group}"
            remedy = _allow(servers, f"--operation Write --operation Describe --transactional-id {group}")
        case "GroupAuthorizationFailedError":
            what = f"this client may not keep how far the replay is in the group {group}"
            remedy = _allow(servers, f"--operation Read --group {group}")
        case "ClusterAuthorizationFailedError":
            what = "this client may not send without doubles"
            remedy = _allow(servers, "--operation IdempotentWrite --cluster")
        case _:
            return None
    return Refused(f"{section}: Kafka at {servers}: {what}; {remedy}")


def taken_over(section: str) -> Refused:
    """Of two that do the same, the later one goes on."""
    return Refused(f"{section}: another `sllm replay` of the same command runs now and goes on, so this one stops")


def no_transactions(connection: KafkaConnection, section: str, seconds: float) -> PluginError:
    """A cluster of one broker with default settings never has a log of transactions."""
    what = f"{section}: Kafka at {connection.bootstrap_servers} answers, but began no transactions within {seconds:g} s"
    settings = "transaction.state.log.replication.factor=1 and transaction.state.log.min.isr=1"
    return PluginError(f"{what}; try again, and on a cluster of fewer than three brokers set {settings}")


def _configure(servers: str, topic: str, setting: str) -> str:
    command = f"kafka-configs.sh --bootstrap-server {servers} --alter --entity-type topics"
    return f"type: {command} --entity-name {topic} --add-config {setting}"


def _allow(servers: str, rights: str) -> str:
    command = f"kafka-acls.sh --bootstrap-server {servers} --add --allow-principal User:NAME"
    return f"let an administrator type: {command} {rights}"
