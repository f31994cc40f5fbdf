"""Headers of platforms and servers: Kubernetes, Android, Windows, databases, search engines."""

from __future__ import annotations

from sllm_core.reading.formats import Format

_LETTER = r"(?P<level>[VDIWEFA])"
_PG_LEVEL = (
    r"(?P<level>LOG|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION|DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  "
)

_ANDROID = ("month-day", "iso", "epoch")
_PG_SESSION = r"(?: \[\d+\](?:-\d+)?)?:?(?: \[[\d-]+\])?(?: [^\s:]+@[^\s:]+)? "

FORMATS = (
    Format("klog", r"^(?P<level>[IWEF]){time} +\d+ (?P<logger>[^\]\s]+:\d+)\] ", ("klog",)),
    Format(
        "logcat",
        rf"^{{time}} +\d+ +\d+ {_LETTER} (?P<logger>[^:]*?) *: ?",
        ("month-day", "iso", "epoch"),
        "logcat-bare",
    ),
    Format("logcat-bare", rf"^{{time}} +\d+ +\d+ {_LETTER} ", _ANDROID),
    Format("logcat-time", rf"^{{time}} {_LETTER}/(?P<logger>[^(]*?) *\( *\d+\): ", ("month-day",)),
    Format("logcat-brief", rf"^{_LETTER}/(?P<logger>[^(]*?) *\( *\d+\): "),
    Format("windows-cbs", r"^{time}, {level} +(?P<logger>[A-Za-z]\w*) {2,}", ("iso",), "windows-bare"),
    Format("windows-bare", r"^{time}, {level} +", ("iso",)),
    Format(
        "postgres",
        "^{time}" + _PG_SESSION + _PG_LEVEL,
        ("iso-zone", "iso"),
    ),
    Format("postgres-colon", r"^{time}:[^:]*:(?P<service>[^:@]*@[^:]*):\[\d+\]:" + _PG_LEVEL, ("iso-zone", "iso")),
    Format(
        "mysql",
        r"^{time} +\d+ \[{level}\] (?:\[MY-\d+\] )?(?:\[(?P<logger>\w+)\] )?",
        ("iso", "six-clock"),
    ),
    Format(
        "elasticsearch",
        r"^\[{time}\]\[{level} *\]\[(?P<logger>[\w$-]+(?:\.[\w$-]+)+) *\] ?(?:\[(?P<host>[^\]]*)\] ?)?",
        ("iso",),
    ),
    Format("kernel", r"^(?:<(?P<priority>\d{1,3})>)?\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? "),
    Format("redis", r"^\d+:[A-Z] {time} (?P<level>[.*#-]) ", ("clf",)),
)
