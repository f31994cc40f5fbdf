from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page

from sllm_core.web.dashboard.tryit_command import command
from visiting import Dashboard, MakeKey, Visit
from web_service import Served

LINES = st.text(st.characters(exclude_characters="\x00\r", codec="utf-8"), max_size=200)


def words_of(text: str) -> list[str]:
    return shlex.split(text.split(" <<")[0])


def ask(page: Page) -> None:
    page.get_by_role("button", name="Analyse").click()
    page.locator("#answer, #wrong").wait_for()


def test_the_command_asks_what_the_form_asked() -> None:
    options = {"tasks": "anomaly", "language": "ko"}
    found = words_of(command("http://localhost:8083", "ERROR x", options, needs_key=False))
    assert found[:2] == ["curl", "http://localhost:8083/analyze?tasks=anomaly&language=ko"]


def test_a_key_never_stands_in_the_command() -> None:
    assert "$SLLM_KEY" in command("http://localhost", "ERROR x", {}, needs_key=True)


@pytest.mark.parametrize("lines", ["", "x\n" * 50, "x" * 5000])
def test_what_is_too_long_for_a_command_comes_from_a_file(lines: str) -> None:
    assert command("http://localhost", lines, {}, needs_key=False).endswith("--data-binary @app.log")


@given(LINES.filter(lambda text: text.strip() and text.count("\n") < 10))
def test_a_shell_sends_the_lines_as_they_are(lines: str) -> None:
    text = command("http://localhost", lines, {}, needs_key=False)
    script = "curl() { cat; }\n" + text
    got = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert got.decode() == lines.rstrip("\n") + "\n"


def test_an_example_is_one_click_away_and_answered(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/try")
    page.get_by_role("link", name="Use an example").click()
    ask(page)
    assert page.locator(".task").count() == 3
    assert page.locator(".lines tbody tr").count() == 6
    assert "Connection failure" in page.inner_text("#answer")
    assert "payment-db" in page.input_value("#lines")


def test_it_works_without_script(shop: Served, visit: Visit) -> None:
    page = visit(shop, script=False).open("/try")
    page.get_by_role("link", name="Use an example").click()
    ask(page)
    assert page.locator(".lines tbody tr").count() == 6


def test_only_what_is_chosen_is_asked_in_the_language_that_is_chosen(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/try?example=1")
    page.get_by_label("Sentiment").uncheck()
    page.get_by_label("Summary").uncheck()
    page.locator("#try").get_by_label("한국어").check()
    ask(page)
    assert page.locator(".task").count() == 1
    assert "연결 실패" in page.inner_text(".task")
    assert not page.get_by_label("Summary").is_checked()
    assert "tasks=anomaly&language=ko" in page.inner_text("#command")


def test_the_json_is_that_of_the_interface(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/try?example=1")
    ask(page)
    page.locator(".json summary").click()
    assert set(json.loads(page.inner_text(".json pre"))["tasks"]) == {"sentiment", "anomaly", "summary"}


def test_of_many_lines_the_first_are_shown(shop: Served, visit: Visit) -> None:
    page = visit(shop).open("/try")
    page.fill("#lines", "\n".join(f"ERROR Connection to db-{each} refused" for each in range(3000)))
    ask(page)
    assert page.locator(".lines tbody tr").count() == 200
    assert "2800 more lines" in page.inner_text("#answer")
    assert page.locator(".json").count() == 0


@pytest.mark.parametrize("line", ["<img src=x onerror=alert(1)>", "</textarea><script>x()</script>", "{{ 7*7 }}"])
def test_a_hostile_line_is_text(shop: Served, visit: Visit, line: str) -> None:
    page = visit(shop).open("/try")
    page.fill("#lines", f"ERROR {line}")
    ask(page)
    assert page.input_value("#lines") == f"ERROR {line}"
    assert line in page.inner_text(".lines tbody")
    assert page.locator("main img, main script").count() == 0


def test_what_is_wrong_is_told_and_the_lines_stay(dashboard: Dashboard, visit: Visit) -> None:
    visitor = visit(dashboard("[service]\nport = 0\nmax_lines = 3\n", config=PLAIN))
    visitor.allowed.append("413")
    page = visitor.open("/try")
    page.fill("#lines", "ERROR x\n" * 5)
    ask(page)
    assert "too much at once" in page.inner_text("[role=alert]")
    assert page.input_value("#lines") == "ERROR x\n" * 5


def test_a_file_is_read_by_the_browser(shop: Served, visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "cp949.log"
    path.write_bytes("ERROR 결제 실패\n".encode("cp949"))
    page = visit(shop).open("/try")
    page.set_input_files("#file", path)
    page.wait_for_function("document.getElementById('lines').value")
    assert page.input_value("#lines") == "ERROR 결제 실패\n"


def test_a_key_that_may_only_look_cannot_ask(dashboard: Dashboard, key: MakeKey, visit: Visit) -> None:
    text = key("read")
    page = visit(dashboard()).open("/try")
    page.get_by_label("API key").fill(text)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("button", name="Analyse").is_disabled()
    assert "lacks the scope analyze" in page.inner_text("#not-allowed")


PLAIN = """
[logging]
level = "critical"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""
