from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm


def lines(hour: int, **counts: int) -> list[str]:
    """An hour with so many records of each message, spread over it; a name with ERROR is an error."""
    found = []
    for name, count in counts.items():
        level = "ERROR" if "refused" in name else "INFO"
        for number in range(count):
            second = number * 3_600 // count
            time = f"2026-03-02 {hour:02}:{second // 60:02}:{second % 60:02}"
            found.append(f"{time} {level} {name.replace('_', ' ')} id={number}")
    return sorted(found)


STEADY = {"order_accepted": 120, "mail_sent": 90, "cache_filled": 150, "login_done": 200}
BEFORE = lines(9, **STEADY, stock_checked=80, report_made=60)
AFTER = lines(10, **STEADY, connection_refused=40, stock_checked=400, printer_found=1)


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    a, b = tmp_path / "a.log", tmp_path / "b.log"
    a.write_text("\n".join(BEFORE), encoding="utf-8")
    b.write_text("\n".join(AFTER), encoding="utf-8")
    return a, b


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(sllm, ["patterns", *map(str, arguments)], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def kinds(*arguments: str | Path) -> dict[str, str]:
    found = json.loads(run(*arguments, "--format", "json").stdout)["patterns"]
    return {" ".join(each["template"].split()[:2]): each["kind"] for each in found}


EXPECTED = {
    "connection refused": "new",
    "report made": "gone",
    "stock checked": "surging",
    "printer found": "rare new",
}


@pytest.mark.parametrize("by", ["share", "rate"])
def test_two_files_are_compared(logs: tuple[Path, Path], by: str) -> None:
    assert kinds("--diff", *logs, "--by", by) == EXPECTED


def test_two_times_of_a_file_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "all.log"
    path.write_text("\n".join(BEFORE + AFTER), encoding="utf-8")
    assert kinds(path, "--diff", "2026-03-02T09:00..2026-03-02T10:00", "10:00..11:00") == EXPECTED
    assert kinds(path, "--diff", "..10:00", "1h..") == EXPECTED


def test_a_file_against_itself_has_no_differences(logs: tuple[Path, Path]) -> None:
    assert kinds("--diff", logs[0], logs[0]) == {}
    assert "No pattern changed" in run("--diff", logs[0], logs[0], "--language", "en").stdout


def test_the_text_has_a_section_for_each_kind(logs: tuple[Path, Path]) -> None:
    text = run("--diff", *logs, "--language", "en").stdout
    places = [text.index(each) for each in ("New", "Gone", "Surging", "Rare new", "Unchanged: 4 of 8")]
    assert places == sorted(places)
    assert "Fading" not in text


def test_korean_text_is_korean(logs: tuple[Path, Path]) -> None:
    text = run("--diff", *logs, "--language", "ko").stdout
    assert all(each in text for each in ("신규", "소멸", "급증", "변화 없음"))


def test_csv_has_a_row_for_each_difference(logs: tuple[Path, Path]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("--diff", *logs, "--format", "csv").stdout)))
    assert [each["kind"] for each in rows] == ["new", "gone", "surging", "rare new"]
    assert (rows[0]["ratio"], rows[0]["a"], rows[0]["b"]) == ("", "0", "40")
    assert sum(map(int, rows[2]["series_b"].split())) == 400


def test_filters_hold_for_differences(logs: tuple[Path, Path]) -> None:
    assert set(kinds("--diff", *logs, "--level", "ERROR")) == {"connection refused"}
    assert set(kinds("--diff", *logs, "--min-count", "100")) == {"stock checked"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["problem"], 4), (["any"], 4), (["problem", "--search", "printer"], 0), (["any", "--alpha", "1e-30"], 0)],
)
def test_new_patterns_may_fail_the_command(logs: tuple[Path, Path], arguments: list[str], code: int) -> None:
    assert run("--diff", *logs, "--fail-on-new", *arguments).return_value == code
    assert run("--diff", *reversed(logs), "--fail-on-new", "problem").return_value == 0


def test_ids_are_settled_after_both_sides_are_read(tmp_path: Path) -> None:
    """Words that B shows to vary are one pattern, in A too."""
    a, b = tmp_path / "a.log", tmp_path / "b.log"
    words = ["".join(chr(97 + number // 26**place % 26) for place in range(3)) for number in range(60)]
    a.write_text("\n".join(f"2026-03-02 09:00:{n:02} INFO user {words[n]} logged in" for n in range(5)), "utf-8")
    b.write_text("\n".join(f"2026-03-02 10:00:{n % 60:02} INFO user {w} logged in" for n, w in enumerate(words)))
    found = json.loads(run("--diff", a, b, "--format", "json").stdout)
    assert (found["pattern_count"], found["common"]) == (1, 1)


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (["9:99..10:00", "10:00.."], "is no time"),
        (["09:00..10:00", "a.log"], "two of one kind"),
        (["..08:00", "10:00.."], "no records"),
    ],
)
def test_sides_that_cannot_be_compared_are_told(logs: tuple[Path, Path], sides: list[str], said: str) -> None:
    result = CliRunner().invoke(sllm, ["patterns", str(logs[0]), "--diff", *sides])
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)


def test_rates_need_times(tmp_path: Path) -> None:
    path = tmp_path / "plain.log"
    path.write_text("hello world\n" * 9, encoding="utf-8")
    result = CliRunner().invoke(sllm, ["patterns", "--diff", str(path), str(path), "--by", "rate"])
    assert (result.exit_code, "needs times" in result.output) == (2, True)
    assert CliRunner().invoke(sllm, ["patterns", "--diff", str(path), str(path)]).exit_code == 0
