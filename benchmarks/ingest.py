"""What `second_look.py` measures: `python ingest.py LOG [--url ADDRESS] [--wait SECONDS]`, for one process.

Reads a log as `sllm run` does, into a store in the folder `state` beside it, with the three analyzers and, where there
is an address, a language model. It prints a line of JSON: CPU and wall seconds until everything was read, and what the
model was asked until then and until nothing was left to ask.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sllm_core.cli.process import collect_seldom, keep_pages
from sllm_core.opening import open_store
from sllm_core.runner import Runner
from sllm_core.settings import settings_from
from sllm_core.store import Run


def settings_of(log: Path, url: str | None) -> dict[str, Any]:
    """The configuration as config.toml would have it."""
    model = {"ollama": {"url": url, "model": "slow"}} if url else {}
    analyzers: dict[str, Any] = {name: {} for name in ("sentiment", "anomaly", "summary")}
    return {
        "pipeline": {"window": "15m", "analyzer_timeout": "1h"},
        "store": {"path": str(log.parent / "state")},
        "model": {"trial": False},
        "plugins": {"file": {"path": str(log)}, **model, **analyzers},
    }


async def measure(log: Path, url: str | None, wait: float) -> dict[str, Any]:
    """The figures of one run."""
    settings = settings_from(settings_of(log, url))
    with open_store(settings) as store:
        runner = Runner(settings, store)
        figures: dict[str, Any] = {}
        began, used = time.perf_counter(), time.process_time()

        def note(name: str) -> None:
            figures[name] = {"wall": time.perf_counter() - began, "cpu": time.process_time() - used}
            figures[name] |= asdict(runner.reviewer.outcome) if runner.reviewer else {}

        async def finish(_: Run) -> None:
            note("read")
            if runner.reviewer and wait:
                await runner.reviewer.finish(wait)
            note("asked")

        result = await runner.run(finish)
        if not figures:
            note("read")
        return {"records": result.run.records, **figures}


def main() -> None:
    """Measure one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--wait", type=float, default=0.0)
    options = parser.parse_args()
    keep_pages()
    collect_seldom()
    print(json.dumps(asyncio.run(measure(options.log.absolute(), options.url, options.wait))))


if __name__ == "__main__":
    main()
