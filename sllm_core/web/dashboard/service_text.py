"""What one service did in a window, in a few sentences: every figure in them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sllm_core.report.plain import plain
from sllm_core.summaries import catalogue
from sllm_core.summaries.language import listing, number, percent, plural, span
from sllm_core.web.dashboard.service_view import ServiceView

NAMED = 3
"""So many kinds of error are named."""

NAME = 60
"""So many characters of the name of a service are shown."""


def service_text(view: ServiceView, window: tuple[datetime, datetime], language: str) -> str:
    """In Korean (`ko`) or English (anything else)."""
    return " ".join((_korean if language == "ko" else _english)(view, window))


def _english(view: ServiceView, window: tuple[datetime, datetime]) -> Iterator[str]:
    when, name = span(*window, "en"), plain(view.name, NAME)
    when = when[0].upper() + when[1:]
    if not view.records:
        yield f"{when} {name} logged nothing."
    else:
        share = f"{percent(view.share)} of all"
        yield f"{when} {name} logged {plural(view.records, 'record')} ({share})."
        yield from _trouble_english(view)
    if view.before is not None:
        before = view.before
        counted = f"{plural(before.records, 'record')} and {plural(before.errors, 'error')}" if before.records else ""
        yield f"In the window before it had {counted}." if counted else "In the window before it had logged nothing."


def _trouble_english(view: ServiceView) -> Iterator[str]:
    errors, warnings = plural(view.errors, "error"), plural(view.warnings, "warning")
    if not view.errors:
        yield f"It reported no errors and {warnings if view.warnings else 'no warnings'}."
        return
    kinds = _kinds(view, "en", "{} ({})")
    most = f", mostly {listing(kinds, 'en')}" if kinds else ""
    also = f"; there {'was' if view.warnings == 1 else 'were'} also {warnings}" if view.warnings else ""
    were = "was" if view.errors == 1 else "were"
    yield f"{errors} {were} among them ({percent(view.errors / view.records)} of its records){most}{also}."


def _korean(view: ServiceView, window: tuple[datetime, datetime]) -> Iterator[str]:
    when, name = span(*window, "ko"), plain(view.name, NAME)
    if not view.records:
        yield f"{when} {name} 서비스가 남긴 로그는 없습니다."
    else:
        yield f"{when} {name} 서비스는 로그 {number(view.records)}건을 남겼습니다(전체의 {percent(view.share)})."
        yield from _trouble_korean(view)
    if view.before is not None:
        before = view.before
        counted = f"로그 {number(before.records)}건, 오류 {number(before.errors)}건이었습니다"
        yield f"직전 구간에는 {counted if before.records else '로그가 없었습니다'}."


def _trouble_korean(view: ServiceView) -> Iterator[str]:
    if not view.errors:
        yield f"오류는 없었고 경고는 {number(view.warnings)}건입니다." if view.warnings else "오류와 경고는 없었습니다."
        return
    share = f"이 서비스 로그의 {percent(view.errors / view.records)}"
    also = f", 경고는 {number(view.warnings)}건" if view.warnings else ""
    yield f"그중 오류는 {number(view.errors)}건({share}){also}입니다."
    if kinds := _kinds(view, "ko", "{}({}건)"):
        yield f"주요 오류는 {listing(kinds, 'ko')}입니다."


def _kinds(view: ServiceView, language: str, form: str) -> list[str]:
    named = [each for each in view.error_kinds if each["name"]][:NAMED]
    return [form.format(plain(catalogue().title(each["name"], language)), number(each["count"])) for each in named]
