"""What `patterns.py` measures of sllm: `python candidates.py FILE TASK [--accelerated] [--sampled]`, for one process.

It prints a line of JSON. The clock (CPU seconds of all threads) starts when the libraries are imported and, where only
messages count, when these lie in memory as Arrow's arrays; it runs while a kernel is loaded. With --sampled, CPU
seconds are given by the step that they went to.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
from sampling import Sampler

from sllm_core.buffers import to_arrow
from sllm_core.cli.process import keep_pages
from sllm_core.patterns import PatternTable
from sllm_core.records import LogBatch

if TYPE_CHECKING:
    from sllm_core.reading import Reader

P = ParamSpec("P")
T = TypeVar("T")
Figures = dict[str, float]

BATCH = 50_000
"""Messages in a batch: about as many as the file source gives at once."""

CHUNK = 8 << 20
"""Bytes that the file source reads at once."""

REFERENCE = datetime(2027, 1, 1, tzinfo=UTC)
SOURCE = "benchmark"


def batches(file: Path) -> list[pa.Array]:
    """The lines of a file as arrays of strings."""
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [pa.array(lines[start : start + BATCH]) for start in range(0, len(lines), BATCH)]


def assign_all(table: PatternTable, given: Sequence[pa.Array]) -> None:
    """Gives each message the id of its pattern, as it is once all are seen."""
    table.resolve(np.concatenate([table.assign(SOURCE, each) for each in given]))


def cold(file: Path, _accelerated: bool) -> Iterator[Figures]:
    """Messages to ids, by a table that is empty at first and loads the kernel when it pays, as everywhere."""
    given = batches(file)
    yield {}
    table = PatternTable()
    assign_all(table, given)
    yield {"lines": sum(map(len, given)), "patterns": len(table)}


def warm(file: Path, accelerated: bool) -> Iterator[Figures]:
    """Messages to ids, by a table that has seen them all before, and has loaded the kernel if there is one."""
    given, table = batches(file), PatternTable(accelerate=accelerated)
    assign_all(table, given)
    yield {}
    assign_all(table, given)
    yield {"lines": sum(map(len, given)), "patterns": len(table)}


def frame(file: Path, _accelerated: bool) -> Iterator[Figures]:
    """A log with its headers to frames of records with their patterns, each let go when the next one comes."""
    from sllm_core.reading import Reader

    pd.Series([], dtype=pd.ArrowDtype(pa.string()))
    yield {}
    table, reader = PatternTable(), Reader(file.name, reference=REFERENCE)
    lines = sum(len(annotated(table, records).frame) for records in read(reader, file) if len(records))
    yield {"lines": lines, "patterns": len(table)}


def read(reader: Reader, file: Path) -> Iterator[pa.Table]:
    """The records of a file, as the file source gives them."""
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield reader.feed(chunk)
    yield reader.finish()


def annotated(table: PatternTable, records: pa.Table) -> LogBatch:
    """The records with the column `pattern`."""
    patterns = to_arrow(table.assign(SOURCE, records["message"]))
    return LogBatch(SOURCE, SOURCE, records.append_column("pattern", patterns))


def analyze(file: Path, _accelerated: bool) -> Iterator[Figures]:
    """`sllm analyze`; what it would give to threads runs in this one."""
    from sllm_core.cli import main as command

    sys.argv = ["sllm", "analyze", str(file), "--format", "json", "-o", str(file.with_name("report.json"))]
    yield {}
    with patch("concurrent.futures.ThreadPoolExecutor", Here), suppress(SystemExit):
        command()
    yield {}


class Here(ThreadPoolExecutor):
    """An executor that calls at once, in the thread that asks."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


TASKS = (cold, warm, frame, analyze)


def main() -> None:
    """Do the task of the command line; a task stops once before its clock starts."""
    tasks = {each.__name__: each for each in TASKS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("task", choices=tasks)
    parser.add_argument("--accelerated", action="store_true")
    parser.add_argument("--sampled", action="store_true")
    options = parser.parse_args()
    keep_pages()
    steps = tasks[options.task](options.file, options.accelerated)
    next(steps)
    sampler = Sampler() if options.sampled else None
    started = time.process_time()
    with sampler or nullcontext():
        figures = next(steps)
    figures["seconds"] = time.process_time() - started
    print(json.dumps(dict(sampler.seconds) if sampler else figures))


if __name__ == "__main__":
    main()
