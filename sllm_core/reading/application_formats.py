"""Headers that logging libraries of programs write."""

from __future__ import annotations

from sllm_core.reading.formats import ANY, ISO, Format

_DOTTED = r"(?P<logger>[A-Za-z_$][\w$]*(?:[./][\w$-]+)+)"
_THREAD = r"\[[^\]]*\]"
_COLON = ":(?: |$)"
_DASH = r" +-(?: |$)"
_CAPITALS = r"(?P<level>TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)"

FORMATS = (
    Format(
        "spring-traced",
        r"^{time} +{level} +\[(?P<service>[^,\]]*),(?P<trace_id>[^,\]]*)(?:,[^\]]*)?\] +\d+ +--- +\[[^\]]*\] +"
        r"(?P<logger>\S+) +: ?",
        ("iso", "iso-zone"),
        "level bracket number",
    ),
    Format(
        "spring",
        r"^{time} +{level} +(?:\[[^\]]*\] +)?\d+ +--- +(?:\[[^\]]*\] +)*(?P<logger>\S+) +: ?",
        ("iso", "iso-zone"),
        "level number",
    ),
    Format("logback", rf"^{{time}} +{_THREAD} +{{level}} +(?P<logger>\S+){_DASH}", ANY, "bracket level dashed"),
    Format("log4j-thread", rf"^{{time}} +{{level}} +{_THREAD} +(?P<logger>\S+){_DASH}", ANY, "level bracket dashed"),
    Format(
        "log4j-thread-colon",
        rf"^{{time}} +{{level}} +{_THREAD} +(?P<logger>[^\s:]+):(?: |$)",
        ANY,
        "level bracket tagged",
    ),
    Format("log4j", rf"^{{time}} +{{level}} +{_DOTTED}{_DASH}", ANY, "level dashed"),
    Format("log4j-colon", rf"^{{time}} +{{level}} +{_DOTTED}{_COLON}", ANY, "level tagged"),
    Format("log4j-number", rf"^{{time}} +\d+ +{{level}} +{_DOTTED}{_COLON}", ANY, "number level tagged"),
    Format("oslo", r"^{time} \d+ {level} (?P<logger>[A-Za-z_][\w.]*) \[[^\]]*\] ", ("iso",), "number level dotted"),
    Format("python", rf"^{{time}} - (?P<logger>\S+) - {{level}}{_DASH}", ISO, "dash dashed level dash"),
    Format(
        "python-level",
        rf"^{{time}} - {{level}} - (?P<logger>[A-Za-z_]\w*(?:\.\w+)+){_DASH}",
        ISO,
        "dash level dash dashed",
    ),
    Format("python-bracket", r"^{time} \[{level} *\] (?P<logger>[A-Za-z_][\w.]*): ", ISO, "level tagged"),
    Format("flask", r"^\[{time}\] {level} in (?P<logger>\S+): ", ISO, "level"),
    Format("celery", r"^\[{time}: {level}/(?P<service>[^\]\s]+)\] ", ISO, "bracket"),
    Format("gunicorn", r"^\[{time}\] \[\d+\] \[{level}\] ", ("iso", "iso-zone"), "bracket level"),
    Format("rails", r"^[A-Z], \[{time} #\d+\] +{level} -- (?P<service>[^:]*): ", ("iso",)),
    Format("monolog", r"^\[{time}\] (?P<service>[\w-]+)\.{level}: ", ("iso",)),
    Format("tomcat", rf"^{{time}} {{level}} {_THREAD} (?P<logger>[\w.$]+(?:\.<?[\w$]+>?)) ", ("clf",), "level bracket"),
    Format("jul", r"^{time} (?P<logger>[\w$.]+) [\w$<>]+$", ("jul",), embedded_level=True),
    Format("zap", r"^{time}\t{level}\t(?:(?P<logger>[^\t ]+)\t)?", ("iso", "epoch")),
    Format("python-basic", rf"^{_CAPITALS}:(?P<logger>[A-Za-z_][\w.]*):"),
    Format("uvicorn", rf"^{_CAPITALS}:  +"),
)
