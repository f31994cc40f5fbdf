"""What a process holds after each million lines of a long mixed stream, through reading and patterns.

`python memory.py FILE LINES`, where FILE names structured logs, one in a line, makes the lines as it goes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from costs import environment, measured
from log_streams import Systems, headed_lines, mix, own_systems, read_system, system_name

SYSTEMS, BATCH, MILLION = 16, 50_000, 1_000_000


def systems_of(logs: list[Path]) -> Systems:
    """Those of the logs, and as many of our own as are missing to SYSTEMS."""
    read = {system_name(path): read_system(path) for path in logs}
    own = {f"own {name}": templates for name, templates in own_systems().items()}
    return {**read, **dict(islice(own.items(), max(0, SYSTEMS - len(read))))}


def resident() -> float:
    """MB that the process holds now; the most that it ever held where this cannot be known."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def states(systems: Systems, count: int) -> Iterator[tuple[int, float, int]]:
    """After each million lines their number, the MB held and the patterns known."""
    from sllm_core.patterns import PatternTable
    from sllm_core.reading import Reader

    table, reader = PatternTable(), Reader("memory", reference=datetime(2027, 1, 1, tzinfo=UTC))
    lines = (f"{header}{message}\n" for header, message in headed_lines(mix(systems), count))
    for done in range(BATCH, count + BATCH, BATCH):
        records = reader.feed("".join(islice(lines, BATCH)).encode())
        table.assign("memory", records["message"])
        if done % MILLION == 0 or done >= count:
            yield min(done, count), resident(), len(table)


def report(logs: list[Path], folder: Path, count: int) -> Iterator[str]:
    """A line for each million, and how much was added from the second to the last."""
    names = folder / "logs.txt"
    names.write_text("\n".join(str(path.resolve()) for path in logs), encoding="utf-8")
    command = [sys.executable, str(Path(__file__)), str(names), str(count)]
    output = measured(command, folder, environment(folder))[3]
    yield f"\n{count:,} lines of {len(systems_of(logs))} systems through reading and patterns: MB held, patterns"
    held = [json.loads(line) for line in output.splitlines()]
    yield from (f"{lines:>12,}{megabytes:>9.0f}{patterns:>9,}" for lines, megabytes, patterns in held)
    if len(held) > 2:
        yield f"from the second to the last: {held[-1][1] - held[1][1]:+.0f} MB"


def main() -> None:
    """Read the names of the logs, and print the states as they come."""
    logs = [Path(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    for state in states(systems_of(logs), int(sys.argv[2])):
        print(json.dumps(state), flush=True)


if __name__ == "__main__":
    main()
