"""Headers of system logs: RFC 3164 and what stems from it, RFC 5424."""

from __future__ import annotations

from sllm_core.reading.formats import Format

_PRIORITY = r"^<(?P<priority>\d{1,3})>"
_TAG = (
    r"(?P<service>[^\s:\[(]+)(?:\([^)\s]*\))?(?: \d[\w.-]*)?(?:\[[^\]\s]*\])?(?: \([^)]*\))?:(?: |$)"
    r"(?:\[ *\d+\.\d{6}\] )?"
)
_HOST = r" (?P<host>\S+) "
_DATA = r'(?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+)'
_TIMES = ("syslog", "syslog-year", "year-syslog")

FORMATS = (
    Format("syslog-5424", _PRIORITY + r"\d {time} (?P<host>\S+) (?P<service>\S+) \S+ \S+ " + _DATA + " ?", ("iso",)),
    Format("syslog-priority", _PRIORITY + "{time}" + _HOST + _TAG, (*_TIMES, "iso"), "syslog-priority-bare"),
    Format("syslog-priority-bare", _PRIORITY + "{time}" + _HOST, (*_TIMES, "iso")),
    Format("syslog", "^{time}" + _HOST + _TAG, _TIMES, "syslog-bare"),
    Format("syslog-bare", "^{time}" + _HOST, _TIMES),
    Format("syslog-iso", "^{time}" + _HOST + _TAG, ("iso-t",), "any"),
)
