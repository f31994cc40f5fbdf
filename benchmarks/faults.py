"""What is lost and doubled when workers and servers are killed: the rounds of tests/faults, and a table of them.

    python benchmarks/faults.py [--rounds 10] [--records 100000] [--seed SEED] [--only EXPRESSION]

It needs SLLM_KAFKA_HOME, SLLM_ELASTICSEARCH_HOME and ES_JAVA_HOME, since it starts servers of its own, and runs from a
checkout. In each round a fault happens at a random moment while numbered records come, of which some are poison; then
each good record must have been counted exactly once, each poison record must lie in the dead-letter topic, and nothing
may be left to read. Seconds are from the end of the fault (a server answers again, a worker was killed or added) until
every partition went on, as median and longest. The exit code is that of pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
COLUMNS = ("fault", "rounds", "records", "lost", "doubled", "seconds to recover")


def table(outcomes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The lines of a table in Markdown: a row for each fault, in the order in which they happened first."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    for fault in dict.fromkeys(each["fault"] for each in outcomes):
        yield row(fault, [each for each in outcomes if each["fault"] == fault])


def row(fault: str, rounds: Sequence[dict[str, Any]]) -> str:
    """The rounds of one fault."""
    records, lost, doubled = (sum(each[name] for each in rounds) for name in ("records", "lost", "doubled"))
    seconds = [each["seconds"] for each in rounds]
    took = f"{statistics.median(seconds):.1f} (at most {max(seconds):.1f})"
    return f"| {fault} | {len(rounds)} | {records:,} | {lost} | {doubled} | {took} |"


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="of each fault (default: %(default)s)")
    parser.add_argument("--records", type=int, default=100_000, help="of each round (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="to have the same moments again; a failure tells its own")
    parser.add_argument("--only", default="", help="as pytest -k has it, such as broker")
    return parser.parse_args()


def main() -> None:
    """Run the rounds and print the table."""
    options = parsed()
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as results:
        variables = {
            "SLLM_FAULT_ROUNDS": str(options.rounds),
            "SLLM_FAULT_RECORDS": str(options.records),
            "SLLM_FAULT_SEED": "" if options.seed is None else str(options.seed),
            "SLLM_FAULT_RESULTS": results.name,
        }
        command = [sys.executable, "-m", "pytest", "-q", "-m", "faults", "-k", options.only, "tests/faults"]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode
        outcomes = [json.loads(line) for line in Path(results.name).read_text(encoding="utf-8").splitlines()]
    print(*table(outcomes), sep="\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
