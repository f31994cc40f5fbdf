from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm

LOG = """\
user=kim password=hunter2
an ordinary line
mail kim@example.com about lee@example.com
kim@example.com 10.0.0.1
"""
REDACTED = "user=kim password=<password:1>\nan ordinary line\nmail <email:1> about <email:2>\n<email:1> 10.0.0.1\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def run(*arguments: str | Path, data: str | None = None) -> Result:
    result = CliRunner().invoke(sllm, ["redact", *map(str, arguments)], input=data, standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def test_every_line_comes_out_and_a_summary_is_told(log: Path) -> None:
    result = run(log)
    assert (result.stdout, result.return_value) == (REDACTED, 0)
    assert result.stderr == "sllm: 3 of 4 lines redacted: 3 email, 1 password\n"


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_it_is_a_filter(arguments: tuple[str, ...]) -> None:
    assert run(*arguments, data=LOG).stdout == REDACTED


def test_ends_of_lines_stay_as_they_are() -> None:
    assert run(data="a\r\n\r\npw=hunter2").stdout_bytes == b"a\r\n\r\npw=<password:1>"


def test_nothing_to_redact_is_told() -> None:
    assert run(data="a\nb\n").stderr == "sllm: nothing to redact in 2 lines\n"


def test_only_what_changes_with_its_number(log: Path) -> None:
    shown = run(log, "--diff").stdout.splitlines()
    assert shown == ["1: user=kim password=<password:1>", "3: mail <email:1> about <email:2>", "4: <email:1> 10.0.0.1"]


def test_secrets_are_shown_only_on_request(log: Path) -> None:
    assert run(log, "--show").stdout.splitlines()[:3] == [
        "1",
        "- user=kim password=hunter2",
        "+ user=kim password=<password:1>",
    ]
    assert "hunter2" not in run(log, "--diff", "--format", "json").stdout


def test_lines_as_json(log: Path) -> None:
    first, second, third, _ = (json.loads(line) for line in run(log, "--format", "json").stdout.splitlines())
    assert first == {"file": str(log), "line": 1, "text": "user=kim password=<password:1>", "replaced": {"password": 1}}
    assert (second["replaced"], third["replaced"]) == ({}, {"email": 2})


def test_several_files_share_their_placeholders_and_are_named(log: Path, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "b.log.gz", "wt", encoding="utf-8") as stream:
        stream.write("from kim@example.com\n")
    shown = run(tmp_path, "--diff").stdout.splitlines()
    assert shown[-1] == f"{tmp_path / 'b.log.gz'}:1: from <email:1>"


def test_the_configuration_decides(log: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[redaction]\noff = ["email"]\nclient_addresses = true\n', encoding="utf-8")
    assert run(log, "-c", config).stdout.splitlines()[2:] == [LOG.splitlines()[2], "kim@example.com <address:1>"]


def test_a_damaged_archive_is_told_and_the_others_are_read(log: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.gz").write_bytes(gzip.compress(LOG.encode() * 99)[:60])
    result = run(tmp_path / "bad.gz", log)
    assert result.return_value == 3
    assert "damaged or cut off" in result.stderr and result.stdout.startswith("user=kim password=<password:1>")


def test_a_path_that_is_not_there_is_wrong_usage() -> None:
    result = CliRunner().invoke(sllm, ["redact", "nowhere.log"])
    assert "no such file" in str(result.exception)


def test_a_line_is_redacted_as_soon_as_it_comes() -> None:
    command = [sys.executable, "-c", "from sllm_core.cli import main; main()", "redact"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"pw=hunter2\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"pw=<password:1>{os.linesep}".encode()
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_gets_colours_and_nothing_that_drives_it() -> None:
    import pty

    ours, theirs = pty.openpty()
    script = (
        f"printf '  pw=hunter2 \\033]0;x\\007\\n' | {sys.executable} -c 'from sllm_core.cli import main; main()' redact"
    )
    environ = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    subprocess.run(
        ["bash", "-c", script], stdout=theirs, stderr=subprocess.DEVNULL, check=True, timeout=60, env=environ
    )
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert shown == "  pw=\x1b[33m\x1b[1m<password:1>\x1b[0m \\x1b]0;x\\x07\r\n"
