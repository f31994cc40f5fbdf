"""The gate's report in the language of whoever reads it: its conditions, and why it decided as it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Words = Mapping[str, Any]


class Told(NamedTuple):
    """A text, and its language where that is not the page's: what older versions wrote is English."""

    text: str
    language: str = ""


def check_name(check: Mapping[str, Any], t: Words) -> Told:
    """What a condition is about."""
    return _worded(t["gate"]["names"], check, t) or Told(str(check["name"]), "en")


def check_need(check: Mapping[str, Any], t: Words) -> Told:
    """What it had to be."""
    return _worded(t["gate"]["needs"], check, t) or Told(str(check["needed"]), "en")


def reason(report: Mapping[str, Any], detail: str, t: Words) -> Told:
    """Why the gate decided as it did; `detail` says it in English, where the report does not suffice."""
    several = report.get("reports") or [report]
    told = [_reason(each, t) for each in several]
    if not all(told):
        return Told(detail, "en")
    named = zip(several, told, strict=True)
    return Told(told[0] if len(told) == 1 else "; ".join(f"{each.get('tuner')}: {text}" for each, text in named))


def _reason(report: Mapping[str, Any], t: Words) -> str:
    """ "" where the report does not tell."""
    known, failed = report.get("reason") or {}, [each for each in report.get("checks") or () if not each["passed"]]
    if told := _worded(t["gate"]["reasons"], known, t):
        return told.text
    if failed:
        texts = [_failed(each, t) for each in failed]
        return "; ".join(texts) if all(texts) else ""
    if report.get("tasks"):
        return str(t["gate"]["better"]).format(", ".join(_gains(report["tasks"], t)))
    return ", ".join(_lacks(report.get("missing") or (), t))


def _failed(check: Mapping[str, Any], t: Words) -> str:
    name, needed = check_name(check, t), check_need(check, t)
    if name.language or needed.language:
        return ""
    return str(t["gate"]["failed"]).format(name.text, measured(check["measured"]), needed.text)


def _gains(tasks: Mapping[str, Mapping[str, Any]], t: Words) -> Iterator[str]:
    for task, each in tasks.items():
        if each.get("difference") is not None:
            told = t["gate"]["gain_right" if each.get("metric") == "right" else "gain"]
            yield told.format(_task(task, t), f"{each['difference']:+.3f}")


def _lacks(missing: Iterable[Mapping[str, Any]], t: Words) -> Iterator[str]:
    lacks = t["tuning"]["lacks"]
    for each in missing:
        yield t["gate"]["lack"].format(
            _task(each["task"], t), lacks.get(each["what"], each["what"]), each["have"], each["needed"]
        )


def measured(value: float | int | str | None) -> str:
    """What was found, as pages show it."""
    if isinstance(value, int | float):
        return f"{value:.4g}"
    return "–" if value is None else value


def _worded(texts: Mapping[str, str], told: Mapping[str, Any], t: Words) -> Told | None:
    """The text of its code with its values; None where there is none, or a value is not there."""
    text, values = texts.get(str(told.get("code"))), dict(told.get("values") or {})
    if text is None:
        return None
    try:
        return Told(text.format(**{name: _value(name, each, t) for name, each in values.items()}))
    except (KeyError, IndexError, ValueError):  # of a version of the report that this one does not know
        return None


def _value(name: str, value: object, t: Words) -> str:
    if name == "task":
        return _task(str(value), t)
    if name == "label":
        return str(t["tryit"]["labels"].get(str(value), value))
    if name == "state":
        return str(t["tuning"]["states"].get(str(value), value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _task(name: str, t: Words) -> str:
    return str(t["tryit"]["names"].get(name, name))
