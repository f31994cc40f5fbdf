"""Where the CPU time of a process goes, by the modules of sllm that run."""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath
from types import FrameType, MappingProxyType
from typing import Self

INTERVAL = 0.001
"""CPU seconds between two looks; a look during a long call of C is late, and counts for all the time until it."""

PACKAGES = ("sllm_core", "plugins")
ASIDE = ("buffers.py", "patterns/words.py")
"""What serves several steps counts for the one that calls it."""

STEPS = MappingProxyType(
    {
        "patterns/head.py": "first lines",
        "patterns/fingerprint.py": "fingerprint",
        "kernels/": "fingerprint",
        "patterns/table.py": "look-up",
        "patterns/mask.py": "mask",
        "patterns/merge.py": "merge",
        "patterns/outline.py": "merge",
        "patterns/": "ids and rows",
        "reading/headers.py": "header match",
        "reading/learn": "header match",
        "reading/formats.py": "header match",
        "reading/lines.py": "lines",
        "reading/encodings.py": "lines",
        "reading/time": "times, levels",
        "reading/levels.py": "times, levels",
        "reading/": "reading, rest",
        "records.py": "frame",
        "sources/": "source",
        "kafka/": "Kafka source",
        "elasticsearch/": "Elasticsearch sink",
        "tally.py": "windows, counts",
        "windows.py": "windows, counts",
        "classifier/": "classifier",
        "store/": "store",
        "report/": "report",
        "sentiment/": "analyzers",
        "anomaly/": "analyzers",
        "summary/": "analyzers",
        "summaries/": "analyzers",
    }
)
"""The first that a module's path begins with names its step; any other module is a step of its own."""

LIBRARIES = MappingProxyType(
    {
        "aiokafka": "aiokafka",
        "elasticsearch": "Elasticsearch client",
        "elastic_transport": "Elasticsearch client",
        "aiohttp": "Elasticsearch client",
        "asyncio": "asyncio",
    }
)
"""Whose own tasks, which none of our modules calls, are steps too."""

REST = "libraries, start, end"


class Sampler:
    """While it is entered, adds to `seconds` the CPU seconds that each step took. Only for the main thread."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._look)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._look(0, None)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        now = time.process_time()
        self.seconds[step_of(frame)] += now - self._last
        self._last = now


def step_of(frame: FrameType | None) -> str:
    """The step of the innermost frame that belongs to one, else the library of the innermost that belongs to one."""
    library = None
    while frame is not None:
        parts = PurePath(frame.f_code.co_filename).parts
        if (module := _module(parts)) is not None and module not in ASIDE:
            return next((step for path, step in STEPS.items() if module.startswith(path)), module)
        library = library or next((LIBRARIES[each] for each in parts if each in LIBRARIES), None)
        frame = frame.f_back
    return library or REST


def _module(parts: Sequence[str]) -> str | None:
    """The path of a module of ours in its package."""
    package = next((each for each in PACKAGES if each in parts), None)
    return None if package is None else "/".join(parts[parts.index(package) + 1 :])
