from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.cli.process import keep_pages, use_one_thread

SLLM = (sys.executable, "-c", "from sllm_core.cli import main; main()")
LOG = "2026-03-02 00:00:00,000 INFO [main] shop.Orders - 주문 1 accepted\n"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals and pipes as POSIX has them")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text(LOG * 9, encoding="utf-8")
    return path


def shell(script: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script in which "$@" is the command `sllm` with these arguments."""
    command = ["bash", "-c", script, "bash", *SLLM, *map(str, arguments)]
    environ = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environ, timeout=60)


WAITING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # which who runs in the background does not inherit
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which `nohup` has it ignore
import sllm_core.cli as cli, sllm_core.cli.process as process
class Stop(process.Stop):
    def listen(self):
        super().listen()
        print("ready", flush=True)
process.Stop = Stop
cli.main()
"""


def stopped_by(number: int | None, script: str = WAITING) -> tuple[int, str]:
    """The exit code and the error output of a command that waits for input until a signal comes."""
    reading, writing = os.pipe()
    command = [sys.executable, "-c", script, "annotate", "-"]
    try:
        with subprocess.Popen(
            command, stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            if number is not None:
                process.send_signal(number)
            try:
                said = process.communicate(timeout=60)[1]
            finally:
                process.kill()
    finally:
        os.close(reading)
        os.close(writing)
    return process.returncode, said.strip()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_stops_with_its_code(number: signal.Signals, code: int) -> None:
    ended, said = stopped_by(number)
    assert (ended, said.splitlines()[-1]) == (code, "sllm: stopped")


def test_a_signal_that_a_destructor_swallows_stops_all_the_same() -> None:
    swallowing = """
import signal
class Swallowing:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
"""
    script = swallowing + WAITING.replace("flush=True)", "flush=True); Swallowing()")
    code, said = stopped_by(None, script)
    assert "Exception ignored" in said
    assert (code, said.splitlines()[-1]) == (143, "sllm: stopped")


def test_a_full_output_is_told(log: Path) -> None:
    done = shell('"$@" > /dev/full', "patterns", log)
    assert (done.returncode, done.stderr) == (1, "sllm: standard output cannot be written: No space left on device\n")


def test_a_reader_that_has_enough_is_no_error(log: Path) -> None:
    done = shell('"$@" | true; exit ${PIPESTATUS[0]}', "annotate", log)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_output_is_told(log: Path) -> None:
    done = shell('"$@" >&-', "patterns", log)
    assert done.returncode == 1
    assert done.stderr.startswith("sllm: standard output cannot be written")


def test_a_closed_standard_error_changes_nothing(log: Path) -> None:
    done = shell('"$@" 2>&-', "patterns", log)
    assert done.returncode == 0
    assert "주문" in done.stdout


def test_a_closed_input_is_told() -> None:
    done = shell('"$@" <&-', "patterns", "-")
    assert done.returncode == 1
    assert "standard input is closed" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp949"])
def test_what_an_encoding_lacks_is_no_error(log: Path, encoding: str) -> None:
    done = shell('"$@" | iconv -c -f utf-8 -t utf-8', "patterns", log, "--language", "ko", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_piped_is_utf8_whatever_the_locale(log: Path) -> None:
    assert "주문" in shell('"$@" | cat', "patterns", log, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0").stdout


def test_a_process_substitution_is_read(log: Path) -> None:
    done = shell('"$@" <(cat "$LOG_PATH")', "patterns", LOG_PATH=str(log))
    assert "9 records" in done.stdout


def test_a_named_pipe_waits_for_its_writer(log: Path) -> None:
    pipe = log.with_name("pipe")
    os.mkfifo(pipe)
    done = shell('cat "$LOG_PATH" > "$PIPE" & "$@"', "patterns", pipe, LOG_PATH=str(log), PIPE=str(pipe))
    assert "9 records" in done.stdout


def test_products_of_matrices_need_no_threads_unless_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    use_one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    use_one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_pages_are_kept_unless_another_pool_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pa.default_memory_pool()
    monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", pool.backend_name)
    keep_pages()
    assert pa.default_memory_pool().backend_name == pool.backend_name
    monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL")
    keep_pages()
    assert pa.default_memory_pool().backend_name == "jemalloc" or "jemalloc" not in pa.supported_memory_backends()
    pa.set_memory_pool(pool)
