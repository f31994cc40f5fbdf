from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sllm_core.plugin import PluginError
from sllm_plugins.alerts.ledger import Message, Old
from sllm_plugins.alerts.notice import CRITICAL, WARNING, Notice
from sllm_plugins.alerts.writing import TITLE, Writer

SEOUL = ZoneInfo("Asia/Seoul")
MADE = 1_780_000_000.0
ALERT = Notice(
    kind="alert",
    key="a",
    severity=CRITICAL,
    since=MADE,
    id="5bdad5365dbac1afddfebd8386e849f6",
    name="Connection failure (db-1)",
    source="kafka",
    others=("Timeout", "Payment failure"),
    services=("orders", "payments"),
    shards=("logs-3",),
    first=MADE - 1500,
    last=MADE - 60,
    count=1208,
    usual=3.0,
    examples=("connection refused: db-1", "payment failed"),
)


def message(*notices: Notice, more: dict[int, int] | None = None, old: Old | None = None, held: str = "") -> Message:
    return Message(1, MADE, list(notices), more or {}, old, [held] if held else [])


def test_an_alert_in_english() -> None:
    text = Writer("en", SEOUL).write(message(ALERT), "text", 30_000)
    assert text.title == "🔴 Critical: Connection failure (db-1), 1,208 records in orders"
    assert text.body == (
        "1,208 records, usually about 3 · 05:01–05:25 KST\n"
        "With: Timeout, Payment failure\n"
        "In: orders, payments (kafka: logs-3)\n"
        "“connection refused: db-1”\n“payment failed”\n"
        "Finding 5bdad5365dbac1afddfebd8386e849f6"
    )
    assert text.tone == "failure"


def test_an_alert_in_korean() -> None:
    text = Writer("ko", SEOUL).write(message(ALERT), "text", 30_000)
    assert text.title == "🔴 심각: Connection failure (db-1) 1,208건 – orders"
    assert text.body == (
        "1,208건, 평소 약 3건 · 05:01–05:25 KST\n"
        "함께 발생: Timeout, Payment failure\n"
        "위치: orders, payments (kafka: logs-3)\n"
        "“connection refused: db-1”\n“payment failed”\n"
        "ID 5bdad5365dbac1afddfebd8386e849f6"
    )


def test_markdown_marks_names_and_shows_lines_as_code() -> None:
    body = Writer("en", SEOUL).write(message(ALERT, ALERT), "markdown", 30_000).body
    assert body.startswith("🔴 *Critical: Connection failure (db-1)*  \n1,208 records")
    assert "  \n`connection refused: db-1`  \n`payment failed`  \n" in body


@pytest.mark.parametrize(
    ("language", "title", "more"),
    [
        ("en", "🔴 1 critical, 13 warnings: Connection failure (db-1) and 13 more", "And 12 warnings more."),
        ("ko", "🔴 심각 1건, 경고 13건: Connection failure (db-1) 외 13건", "그 외 경고 12건이 더 있습니다."),
    ],
)
def test_several_are_counted(language: str, title: str, more: str) -> None:
    text = Writer(language, SEOUL).write(
        message(ALERT, replace(ALERT, severity=WARNING), more={WARNING: 12}), "text", 30_000
    )
    assert text.title == title and more in text.body


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "✅ Over: Connection failure (db-1)", "began 05:01 · not seen since 05:26"),
        ("ko", "✅ 해소: Connection failure (db-1)", "05:01 시작 · 05:26 이후 나타나지 않음"),
    ],
)
def test_what_is_over(language: str, title: str, body: str) -> None:
    text = Writer(language, SEOUL).write(message(replace(ALERT, kind="over", over=MADE)), "text", 30_000)
    assert text.title == title and body in text.body and text.tone == "success"


@pytest.mark.parametrize(
    ("language", "before", "said"),
    [
        ("en", 0, "it is no trouble"),
        ("en", 1, "it is only a warning"),
        ("ko", 0, "이상이 아닙니다"),
        ("ko", 1, "경고 수준"),
    ],
)
def test_what_was_none_after_all(language: str, before: int, said: str) -> None:
    notice = replace(ALERT, kind="withdrawn", before=before)
    assert said in Writer(language, SEOUL).write(message(notice), "text", 30_000).body


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("en", "37 findings about older logs", "37 findings (12 critical) about older logs"),
        ("ko", "지난 로그에서 발견된 이상 징후 37건", "37건(심각 12건)은 건수만 알립니다"),
    ],
)
def test_old_findings_are_one_line(language: str, title: str, said: str) -> None:
    old = Old(MADE, 37, 12, MADE - 9e7, MADE - 8.9e7)
    text = Writer(language, SEOUL).write(message(old=old), "text", 30_000)
    assert text.title == title and said in text.body and text.tone == "info"


@pytest.mark.parametrize(
    ("change", "english", "korean"),
    [
        ({"usual": 0.0}, "usually none", "평소 거의 없음"),
        ({"usual": None, "new": True}, "never seen before", "처음 나타남"),
        ({"again": 1}, "Found 1 more time since", "지난 알림 이후 1번 더"),
        ({"again": 3}, "Found 3 more times since", "지난 알림 이후 3번 더"),
        ({"before": WARNING}, "It was a warning before.", "경고에서 심각으로"),
        ({"over": MADE}, "over since 05:26", "05:26 이후 해소"),
        ({"shards": tuple(f"logs-{each}" for each in range(8))}, "kafka: 8 shards", "kafka: 8개 샤드"),
        ({"shards": (), "services": ()}, "In: kafka\n", "위치: kafka\n"),
        ({"text": "A model says why."}, "A model says why.", "A model says why."),
        ({"first": MADE - 9e4}, "05-28 04:26–05:25", "05-28 04:26–05:25"),
    ],
)
def test_what_an_entry_tells(change: dict[str, object], english: str, korean: str) -> None:
    notice = Notice(**{**vars(ALERT), **change})
    assert english in Writer("en", SEOUL).write(message(notice), "text", 30_000).body
    assert korean in Writer("ko", SEOUL).write(message(notice), "text", 30_000).body


@pytest.mark.parametrize(
    ("held", "english", "korean"), [("quiet", "quiet hours", "방해 금지"), ("rate", "many", "많아")]
)
def test_why_a_message_comes_late(held: str, english: str, korean: str) -> None:
    assert english in Writer("en", SEOUL).write(message(ALERT, held=held), "text", 30_000).body
    assert korean in Writer("ko", SEOUL).write(message(ALERT, held=held), "text", 30_000).body


@pytest.mark.parametrize("limit", [2000, 1000, 500])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_message_keeps_to_what_a_target_takes_and_counts_the_rest(limit: int, language: str) -> None:
    text = Writer(language, SEOUL).write(message(*[replace(ALERT, id=f"{n:032}") for n in range(20)]), "text", limit)
    assert len(text.title) + len(text.body) <= limit
    assert text.title.endswith("19 more") or text.title.endswith("19건")


def test_a_title_is_cut() -> None:
    text = Writer("en", SEOUL).write(message(replace(ALERT, name="x" * 300)), "text", 30_000)
    assert len(text.title) == TITLE and text.title.endswith("…")


def test_a_template_of_ones_own_stands_in_the_place_of_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('title = "{{ alerts | length }} alerts"')
    text = Writer("en", SEOUL, own).write(message(ALERT), "text", 30_000)
    assert text.title == "1 alerts" and text.body.startswith("1,208 records")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("title = 3", 'title = "..."'),
        ("subject = 'x'", 'title = "..."'),
        ("", 'title = "..."'),
        ("title =", "not valid TOML"),
        ("title = '{% if %}'", "line 1 of a template"),
        ("title = '{{ nothing }}'", "'nothing' is undefined"),
        ("title = '{{ alerts.__class__.__mro__ }}'", "unsafe"),
        ("title = '{{ alerts.append(1) }}'", "unsafe"),
    ],
)
def test_mistakes_in_a_template_are_told_at_the_start(tmp_path: Path, content: str, said: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(content)
    with pytest.raises(PluginError, match=r"sllm plugin alerts template") as caught:
        Writer("en", SEOUL, own)
    assert said in str(caught.value) and str(own) in str(caught.value)


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="No such file"):
        Writer("en", SEOUL, tmp_path / "own.toml")


def test_a_template_that_fails_later_gives_way_to_ours(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "own.toml"
    own.write_text("title = '{{ 1 // (alerts[0].count - 1208) }}'")
    assert Writer("en", SEOUL, own).write(message(ALERT), "text", 30_000).title.startswith("🔴 Critical")
    assert "a template failed" in caplog.text
