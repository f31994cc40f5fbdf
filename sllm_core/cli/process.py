"""What a command needs of the operating system: streams that are there, signals that stop it, a clean end."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from types import FrameType
from typing import NoReturn, TextIO


def open_streams() -> None:
    """Makes the standard streams fit for any text, and those that the caller has closed fit to tell of it.

    A closed one is taken by the null device, opened the wrong way round for output, so that no file that is opened
    later gets its number and what is written to it fails. Characters that a terminal cannot show become question
    marks; what is piped is UTF-8.
    """
    for number, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    sys.stdout = sys.stdout or _writer(1)
    sys.stderr = sys.stderr or _writer(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            chosen = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=stream.encoding if chosen else "utf-8", errors="replace")


def use_one_thread() -> None:
    """Before numpy is imported: no threads for products of large matrices, which no command makes.

    To start them takes longer than to read a short log. Who has set OPENBLAS_NUM_THREADS is obeyed.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def collect_seldom() -> None:
    """Look for cycles of objects less often than Python does: what modules and tables are made of has none."""
    gc.set_threshold(200_000, 10, 10)


def keep_pages() -> None:
    """Arrow's memory from jemalloc, where it is built in and nobody has chosen another pool.

    Arrow's own choice gives pages back to the system and takes them again with every batch, which costs up to a tenth
    of a run and a fifth more memory.
    """
    import pyarrow as pa

    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ and "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def _writer(number: int) -> TextIO:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), "utf-8", line_buffering=True)


AGAIN = 1.0
"""After how many seconds a signal to stop that nothing came of is raised once more."""


class Stop:
    """Ends the command on SIGTERM and SIGHUP just as on Ctrl-C; `code` is then the exit code.

    An exception that a signal raises is lost where Python ignores exceptions, as in a destructor or a callback of an
    import. So it is raised again until somebody has `heard` it.
    """

    def __init__(self) -> None:
        self.code = 128 + signal.SIGINT

    def listen(self) -> None:
        """From now on such a signal raises KeyboardInterrupt."""
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._stop)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._raise)

    def heard(self) -> None:
        """The command is about to end."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.code = 128 + number
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt) and interrupt is not signal.default_int_handler:
            interrupt(signal.SIGINT, frame)  # a loop that runs cancels its task, which nothing swallows
        else:
            self._raise(number, frame)

    def _raise(self, number: int, frame: FrameType | None) -> NoReturn:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        raise KeyboardInterrupt


def say(text: str) -> None:
    """One message on standard error, if anyone listens."""
    with contextlib.suppress(OSError, ValueError):
        print(f"sllm: {text}", file=sys.stderr, flush=True)


def leave(code: int) -> NoReturn:
    """End the process; an output that cannot be written by now is not tried again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
