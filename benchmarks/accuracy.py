"""How well messages are grouped, and problems ranked, on logs whose true events are known.

    python benchmarks/accuracy.py [FOLDER] [--ideas]

FOLDER (default: the environment variable SLLM_LOGHUB) holds <Set>.log and <Set>.truth.csv (columns line, content,
event_id, and label for some; line counts from 1). GA is the share of lines whose group is exactly a true event; FGA is
the F1 of groups against true events; mixed is the share of lines in groups that hold two true events. Each method
sees a log once and is then asked for its groups. "content" takes messages from the truth, "raw" from the file itself.
With --ideas, the effect of each idea of grouping instead, on systems that were left out of choosing it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ideas import judged_ideas
from numpy.typing import NDArray
from peer import drain3
from truth import (
    PARTIAL,
    Groups,
    Score,
    by_patterns,
    by_raw_file,
    logs,
    mean,
    name_of,
    read_records,
    read_truth,
    score,
)

from sllm_core.records import LEVELS

KEYWORDS = r"(?i)error|fail|fatal|panic|abort|exception|interrupt|unable|invalid|lost|severe|critical|timed? ?out"


def by_drain3(messages: Sequence[str]) -> Groups:
    """The cluster that Drain3, with the masks of its example and its default settings, gives each message."""
    miner = drain3()
    return [miner.add_log_message(message)["cluster_id"] for message in messages]


def print_grouping(folder: Path) -> None:
    """The table of all logs with their means; BGL, of which only half is at hand, stands below the means."""
    methods = ("content", "raw", "Drain3")
    print(
        f"{'':16}{'lines':>6}{'events':>7}"
        + "".join(f"  | {each:8}{'GA':>6}{'FGA':>6}{'mixed':>7}" for each in methods)
    )
    scores: list[list[Score]] = []
    for path in logs(folder):
        name = name_of(path)
        if name == PARTIAL:
            print_row("mean", "", "", [mean([row[column] for row in scores]) for column in range(len(methods))])
        truth = read_truth(path)
        groups = (by_patterns(truth.messages), by_raw_file(folder / f"{name}.log", truth), by_drain3(truth.messages))
        scores.append([score(each, truth.events) for each in groups])
        print_row(name, str(len(truth.lines)), str(len(set(truth.events))), scores[-1])


def print_row(name: str, lines: str, events: str, scores: Sequence[Score]) -> None:
    """A row of the table of grouping."""
    cells = "".join(f"  | {'':8}{each.ga:6.3f}{each.fga:6.3f}{each.mixed:7.3f}" for each in scores)
    print(f"{name:16}{lines:>6}{events:>7}{cells}")


def print_ranking(folder: Path) -> None:
    """How well `problem` ranks the alerts of BGL, as area under the precision-recall curve, beside simple rules."""
    from sklearn.metrics import average_precision_score

    truth = read_truth(folder / f"{PARTIAL}.truth.csv")
    path = folder / f"{PARTIAL}.log"
    unlabelled = b"\n".join(line.partition(b" ")[2] for line in path.read_bytes().splitlines())
    records = read_records(path.name, unlabelled)
    rows = np.searchsorted(records["line"].to_numpy(), truth.lines, side="right") - 1
    alerts = [label != "-" for label in truth.labels]
    print(f"\nPR-AUC of problem on {PARTIAL}: {sum(alerts)} alerts among {len(alerts)} lines")
    for name, rank in (("classifier", by_classifier), ("level", by_level), ("level + words", by_level_and_words)):
        texts, levels = records["message"].to_pylist(), records["level"].to_pylist()
        print(f"  {name:14}{average_precision_score(alerts, np.asarray(rank(texts, levels))[rows]):6.3f}")


def by_classifier(texts: Sequence[str], levels: Sequence[str | None]) -> NDArray[np.float64]:
    """The probability of a problem, by the embedded classifier."""
    from sllm_core.classifier import Classifier

    return np.asarray(Classifier.load().judge(texts, levels).problem, np.float64)


def by_level(texts: Sequence[str], levels: Sequence[str | None]) -> NDArray[np.float64]:
    """1 from ERROR on."""
    grave = LEVELS[LEVELS.index("ERROR") :]
    return np.array([level in grave for level in levels], np.float64)


def by_level_and_words(texts: Sequence[str], levels: Sequence[str | None]) -> NDArray[np.float64]:
    """One point for the level, one for a word of trouble, unless the text says that it was corrected."""
    column = pa.array(texts)
    words = pc.match_substring_regex(column, KEYWORDS).to_numpy(zero_copy_only=False)
    corrected = pc.match_substring(column, "corrected").to_numpy(zero_copy_only=False)
    both: NDArray[np.float64] = by_level(texts, levels) + (words & ~corrected)
    return both


def main() -> None:
    """Print both tables for the folder of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("SLLM_LOGHUB"))
    parser.add_argument("--ideas", action="store_true", help="what each idea of grouping adds, instead")
    options = parser.parse_args()
    folder = options.folder
    if folder is None or not logs(Path(folder)):
        parser.error("no <Set>.truth.csv there: give the folder of the logs, or set SLLM_LOGHUB")
    if options.ideas:
        print(*judged_ideas(Path(folder)), sep="\n", flush=True)
        return
    print_grouping(Path(folder))
    if (Path(folder) / f"{PARTIAL}.truth.csv").exists():
        print_ranking(Path(folder))


if __name__ == "__main__":
    main()
