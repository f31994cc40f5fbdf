"""Headers of web servers: access logs (common, combined, with times behind) and error logs."""

from __future__ import annotations

from sllm_core.reading.formats import Format

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_CLIENT = r"^(?:[\w.*-]+(?::\d+)? )?(?:[\w.:%-]+),? \S+ \S+ \[{time}\] "
_REQUEST = r"(?P<message>" + _QUOTED + r" (?P<status>\d{3}) (?:\d+|-))"

FORMATS = (
    Format(
        "access",
        r"^(?:[\w.*-]+(?::\d+)? )?(?:[\w.:%-]+),? \S+ \S+ \[{time}\] "
        + _REQUEST
        + f"(?: {_QUOTED} {_QUOTED})?(?P<more> .*|)$",
        ("clf-zone", "clf", "iso"),
        quick=r"^(?:[\w.:%-]+),? \S+ \S+ \[{time}\] " + _REQUEST + f"(?: {_QUOTED} {_QUOTED}(?P<more>(?: .*)?))?$",
    ),
    Format("apache-error", r"^\[{time}\] \[(?:[\w-]*:)?{level}\](?: \[pid [^\]]*\])? ?", ("ctime",)),
    Format("nginx-error", r"^{time} \[{level}\] \d+#\d+: (?:\*\d+ )?", ("iso",)),
)
