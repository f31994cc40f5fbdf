"""How well messages are grouped, and problems ranked, on logs whose true events are known.

    python benchmarks/accuracy.py [FOLDER]

FOLDER (default: the environment variable SLLM_LOGHUB) holds <Set>.log and <Set>.truth.csv (columns line, content,
event_id, and label for some; line counts from 1). GA is the share of lines whose group is exactly a true event; FGA is
the F1 of groups against true events; mixed is the share of lines in groups that hold two true events. Each method
sees a log once and is then asked for its groups. "content" takes messages from the truth, "raw" from the file itself.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.patterns import PatternTable
from sllm_core.records import LEVELS

ALERTS = "BGL_first_half"
REFERENCE = datetime(2020, 1, 1, tzinfo=UTC)
KEYWORDS = r"(?i)error|fail|fatal|panic|abort|exception|interrupt|unable|invalid|lost|severe|critical|timed? ?out"
EDGE, END = r"((?<=[^A-Za-z0-9])|^)", r"((?=[^A-Za-z0-9])|$)"
DRAIN_MASKS = (
    (rf"{EDGE}(([0-9a-f]{{2,}}:){{3,}}([0-9a-f]{{2,}})){END}", "ID"),
    (rf"{EDGE}(\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}){END}", "IP"),
    (rf"{EDGE}([0-9a-f]{{6,}} ?){{3,}}{END}", "SEQ"),
    (rf"{EDGE}([0-9A-F]{{4}} ?){{4,}}{END}", "SEQ"),
    (rf"{EDGE}(0x[a-f0-9A-F]+){END}", "HEX"),
    (rf"{EDGE}([\-\+]?\d+){END}", "NUM"),
)

Groups = Sequence[Hashable]


@dataclass(frozen=True)
class Truth:
    """What is known of a log: per line its message, its event and its label ('-' is normal)."""

    lines: NDArray[np.int64]
    messages: list[str]
    events: list[str]
    labels: list[str]


@dataclass(frozen=True)
class Score:
    """Grouping accuracy, F1 of groups, and the share of lines in groups of several events."""

    ga: float
    fga: float
    mixed: float


def read_truth(path: Path) -> Truth:
    """The rows of <Set>.truth.csv, in the order of their lines."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["line"]))
    lines = np.array([int(row["line"]) for row in rows], np.int64)
    labels = [row.get("label", "-") for row in rows]
    return Truth(lines, [row["content"] for row in rows], [row["event_id"] for row in rows], labels)


def score(groups: Groups, events: Groups) -> Score:
    """Compare the groups of lines with their true events."""
    sizes, true_sizes, pairs = Counter(groups), Counter(events), Counter(zip(groups, events, strict=True))
    exact = [pair for pair, count in pairs.items() if count == sizes[pair[0]] == true_sizes[pair[1]]]
    parts = Counter(group for group, _ in pairs)
    mixed = sum(sizes[group] for group, count in parts.items() if count > 1)
    right = sum(sizes[group] for group, _ in exact)
    return Score(right / len(groups), 2 * len(exact) / (len(sizes) + len(true_sizes)), mixed / len(groups))


def by_patterns(messages: Sequence[str] | pa.ChunkedArray) -> Groups:
    """The resolved pattern of each message, after all were seen."""
    table = PatternTable()
    column = messages if isinstance(messages, pa.ChunkedArray) else pa.array(messages)
    groups: list[int] = table.resolve(table.assign("benchmark", column)).tolist()
    return groups


def by_drain3(messages: Sequence[str]) -> Groups:
    """The cluster that Drain3, with the masks of its example and its default settings, gives each message."""
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in DRAIN_MASKS]
    miner = TemplateMiner(config=config)
    return [miner.add_log_message(message)["cluster_id"] for message in messages]


def read_records(path: Path, data: bytes) -> pa.Table:
    """The records of a log, its format found by itself."""
    from sllm_core.reading import Reader

    reader = Reader(path.name, reference=REFERENCE)
    return pa.concat_tables([reader.feed(data), reader.finish()], promote_options="permissive")


def by_raw_file(path: Path, truth: Truth) -> Groups:
    """The pattern of the record that each line of the truth starts or continues."""
    records = read_records(path, path.read_bytes())
    groups = by_patterns(records["message"])
    starts = records["line"].to_numpy()
    return [groups[row] for row in np.searchsorted(starts, truth.lines, side="right") - 1]


def print_grouping(folder: Path) -> None:
    """The table of all logs with their means; BGL, of which only half is at hand, stands below the means."""
    methods = ("content", "raw", "Drain3")
    print(
        f"{'':16}{'lines':>6}{'events':>7}"
        + "".join(f"  | {each:8}{'GA':>6}{'FGA':>6}{'mixed':>7}" for each in methods)
    )
    scores: list[list[Score]] = []
    for path in sorted(folder.glob("*.truth.csv"), key=lambda path: (path.name.startswith(ALERTS), path.name)):
        name = path.name.removesuffix(".truth.csv")
        if name == ALERTS:
            print_row("mean", "", "", [mean([row[column] for row in scores]) for column in range(len(methods))])
        truth = read_truth(path)
        groups = (by_patterns(truth.messages), by_raw_file(folder / f"{name}.log", truth), by_drain3(truth.messages))
        scores.append([score(each, truth.events) for each in groups])
        print_row(name, str(len(truth.lines)), str(len(set(truth.events))), scores[-1])


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each measure."""
    return Score(fmean(x.ga for x in scores), fmean(x.fga for x in scores), fmean(x.mixed for x in scores))


def print_row(name: str, lines: str, events: str, scores: Sequence[Score]) -> None:
    """A row of the table of grouping."""
    cells = "".join(f"  | {'':8}{each.ga:6.3f}{each.fga:6.3f}{each.mixed:7.3f}" for each in scores)
    print(f"{name:16}{lines:>6}{events:>7}{cells}")


def print_ranking(folder: Path) -> None:
    """How well `problem` ranks the alerts of BGL, as area under the precision-recall curve, beside simple rules."""
    from sklearn.metrics import average_precision_score

    truth = read_truth(folder / f"{ALERTS}.truth.csv")
    path = folder / f"{ALERTS}.log"
    unlabelled = b"\n".join(line.partition(b" ")[2] for line in path.read_bytes().splitlines())
    records = read_records(path, unlabelled)
    rows = np.searchsorted(records["line"].to_numpy(), truth.lines, side="right") - 1
    alerts = [label != "-" for label in truth.labels]
    print(f"\nPR-AUC of problem on {ALERTS}: {sum(alerts)} alerts among {len(alerts)} lines")
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
    folder = parser.parse_args().folder
    if folder is None or not list(Path(folder).glob("*.truth.csv")):
        parser.error("no <Set>.truth.csv there: give the folder of the logs, or set SLLM_LOGHUB")
    print_grouping(Path(folder))
    if (Path(folder) / f"{ALERTS}.truth.csv").exists():
        print_ranking(Path(folder))


if __name__ == "__main__":
    main()
