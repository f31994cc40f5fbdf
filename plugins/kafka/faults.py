"""Errors that do not pass by waiting, and what to do about them."""

from __future__ import annotations

from aiokafka.errors import (
    CorruptRecordException,
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    KafkaError,
    OffsetMetadataTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnsupportedCodecError,
)

from sllm_core.plugin import PluginError

PERSISTENT = (CorruptRecordException, UnsupportedCodecError)
"""What is wrong with a message, and comes again with every fetch."""


def explained(error: Exception, section: str, group: str, member: str = "") -> PluginError | None:
    """What to tell the user; None of an error that may pass, as in an outage.

    aiokafka does not know the error of a member whose static name has been given to another one.
    """
    if member and type(error) is KafkaError and UnknownError.__name__ in str(error):
        return displaced(section, group, member)
    what = _explanation(error, section, group)
    return PluginError(f"{section}: {what}") if what else None


def displaced(section: str, group: str, member: str) -> PluginError:
    """What to tell the user where two processes have one static name."""
    taken = f"another process seems to be in the group {group} under the same name, member = {member}"
    remedy = f"give each process one of its own in [plugins.{section}], such as host and slot"
    return PluginError(f"{section}: {taken}; {remedy}")


def _explanation(error: Exception, section: str, group: str) -> str:
    here = f"in [plugins.{section}]"
    match error:
        case TopicAuthorizationFailedError():
            return f"this client may not read {_about(error, 'the topics')}; let an administrator allow Read on it"
        case GroupAuthorizationFailedError():
            return f"this client may not be in the group {group}; let an administrator allow Read on the group"
        case InconsistentGroupProtocolError():
            return f"a program of another kind is in the group {group}; set another group {here}"
        case InvalidSessionTimeoutError():
            limits = "group.min.session.timeout.ms and group.max.session.timeout.ms"
            return f"the servers do not take this session_timeout; set one between their {limits} {here}"
        case InvalidGroupIdError():
            return f"Kafka does not take {group!r} for the name of a group; set another group {here}"
        case OffsetMetadataTooLargeError():
            return "the servers keep too little beside an offset; set offset.metadata.max.bytes to 4096, its default"
        case CorruptRecordException():
            skip = f"kafka-consumer-groups.sh --group {group} --reset-offsets --shift-by 1 --topic TOPIC:PARTITION"
            return f"a message is damaged on the servers ({_about(error, '')}); stop sllm and pass it over with: {skip}"
        case UnsupportedCodecError():
            return f"a message is compressed in a way that is not known here ({error}); type: pip install cramjam"
        case _:
            return ""


def _about(error: Exception, otherwise: str) -> str:
    return ", ".join(map(str, error.args)) or otherwise
