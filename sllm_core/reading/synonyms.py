"""Under which names the fields of a record stand in objects, and which names say nothing about what happened."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES = (
    ("timestamp", "timestamp time ts datetime asctime eventtime date logtime eventtimestamp timeunixnano timemillis"),
    ("timestamp", "epochmillis instant.epochsecond event.created createdat created t"),
    ("timestamp", "sourcerealtimetimestamp realtimetimestamp"),
    (
        "message",
        "message msg log text body event shortmessage logmessage content event.original error.message",
    ),
    ("message", "description detail details reason rest"),
    (
        "level",
        "level lvl severity loglevel log.level levelname severitytext level.name priority severitynumber levelno",
    ),
    ("service", "service.name service app application appname applicationname app.name servicename component"),
    ("service", "program resource.service.name kubernetes.labels.app kubernetes.container.name container.name"),
    ("service", "kubernetes.labels.app.kubernetes.io/name kubernetes.containername syslogidentifier systemdunit comm"),
    ("host", "host.name hostname host node server nodename kubernetes.node.name kubernetes.host"),
    ("host", "sourcehost resource.host.name"),
    ("logger", "log.logger logger loggername loglogger name category class caller target"),
    ("trace_id", "trace.id traceid trace dd.traceid correlationid xb3traceid contextmap.traceid mdc.traceid"),
    ("module", "event.module"),
    ("stack", "stacktrace stack exception error.stacktrace exc.info excinfo traceback error.stack err.stack"),
    ("stack", "thrown.extendedstacktrace exception.stacktrace errorstacktrace fullmessage"),
)

ROLES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        name: (role, rank)
        for rank, (role, name) in enumerate((role, name) for role, names in _NAMES for name in names.split())
    }
)
"""The role of each name and its rank: among several names of one role, that of the lowest rank counts."""

_SHIPPED = (
    "callerclassname callermethodname callerfilename callerlinenumber linenumber source.class source.method "
    "source.file source.line thrown.commonelementcount thrown.localizedmessage thrown.message exportable p "
    "fullmessage errorstacktrace processpid processthreadname serviceversion servicenodename service.version "
    "service.environment service.node.name transaction.id transactionid span.id serviceenvironment "
    "cursor monotonictimestamp realtimetimestamp sourcemonotonictimestamp bootid machineid seqnum seqnumid "
    "capeffective selinuxcontext syslogfacility syslogpid syslogtimestamp syslograw exe cmdline comm streamid "
    "runtimescope systemdcgroup systemdslice systemdinvocationid systemdowneruid systemdsession systemduserunit "
    "systemduserslice invocationid userinvocationid messageid auditsession auditloginuid fsuid codefile "
    "codeline codefunc"
)
"""Names of Spring, log4j2, logback, GELF, ECS and journald for what does not tell what happened."""

METADATA = frozenset(
    (
        *(
            "version",
            "tags",
            "stream",
            "pid",
            "thread",
            "threadname",
            "threadid",
            "threadpriority",
            "taskname",
            "module",
        ),
        *("processid", "processname", "v", "file", "filename", "line", "lineno", "function", "funcname", "pathname"),
        *(
            "loggerfqcn",
            "endofbatch",
            "levelvalue",
            "levelno",
            "msecs",
            "relativecreated",
            "offset",
            "beat",
            "prospector",
        ),
        *(
            "id",
            "index",
            "score",
            "type",
            "source",
            "contextstack",
            "ndc",
            "mdc",
            "fluentdtag",
            "logtag",
            "timestampus",
        ),
        *("flags", "span", "spanid", "parentspanid", "traceflags", "event.dataset", "event.module", "event.kind"),
        *("event.ingested", "event.created", "event.original", "event.sequence"),
        *_SHIPPED.split(),
    )
)
"""Names of what shippers and libraries add."""

FAMILIES = frozenset(
    (
        *("agent", "ecs", "host", "log", "process", "input", "kubernetes", "container", "cloud", "docker", "fields"),
        *("observer", "metadata", "instant", "orchestrator", "datastream", "attrs", "resource"),
        "instrumentationscope",
    )
)
"""First parts of names whose fields describe where a record came from."""


def normalized(key: str) -> str:
    """The name without case, underscores, dashes and a leading at sign."""
    return key.lower().replace("_", "").replace("-", "").lstrip("@")


def is_metadata(name: str) -> bool:
    """Whether a normalized name tells nothing about what happened."""
    first = name.partition(".")[0]
    return name in METADATA or ("." in name and first in FAMILIES)
