"""Streams of log lines, made with a fixed seed: six hours of event time behind one header, any number of lines.

A system is a structured log, whose events are drawn anew with other values, or a kind of software of `own_events`.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

from own_events import Slot, Template, invented, own_templates

Systems = Mapping[str, Sequence[Template]]

START, SPAN, SEED = datetime(2026, 11, 20, 9, tzinfo=UTC), timedelta(hours=6), 3
ROWS = 200_000
"""How many rows of a structured log are looked at."""

DRAWN = 10_000
"""How many events are drawn at once."""

COLUMNS = (("content", "template"), ("Content", "EventTemplate"))
"""Message and event of a row: in *.truth.csv, and in *_structured.csv of LogHub."""

DIGITS = re.compile(r"[0-9]+")
TROUBLE = re.compile(r"error|fail|fatal|exception|denied|refused", re.IGNORECASE)


def structured_logs(paths: Iterable[Path]) -> list[Path]:
    """The files among the paths, and in the folders among them *.truth.csv, or else *_structured*.csv.

    Raises:
        ValueError: a path does not exist, or a folder has no such file.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.truth.csv")) or sorted(path.glob("*_structured*.csv"))
        if not path.is_file() and not inside:
            raise ValueError(f"{path}: no structured log (*.truth.csv, *_structured.csv) is there")
        found += [path] if path.is_file() else inside
    return found


def read_system(path: Path) -> list[Template]:
    """The events of a structured log, each as frequent as there, and what draws their values.

    Raises:
        ValueError: the file has neither the columns content and template nor Content and EventTemplate.
    """
    examples: defaultdict[str, list[str]] = defaultdict(list)
    for content, template in _rows(path):
        examples[template].append(content)
    made = (_template(system_name(path), template, contents) for template, contents in examples.items())
    return [each for each in made if each is not None]


def system_name(path: Path) -> str:
    """What the system is called: `hdfs` for HDFS.truth.csv as for HDFS_2k.log_structured.csv."""
    return re.sub(r"_(2k|full)$", "", path.name.split(".")[0]).lower()


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        names = next((each for each in COLUMNS if set(each) <= set(rows.fieldnames or ())), None)
        if names is None:
            raise ValueError(f"{path}: needs the columns content and template, or Content and EventTemplate")
        yield from ((row[names[0]], row[names[1]]) for row in islice(rows, ROWS))


def _template(system: str, template: str, contents: Sequence[str]) -> Template | None:
    texts = tuple(template.split("<*>"))
    values = [each for each in (_values(texts, content) for content in contents) if each is not None]
    if not values:
        return None
    slots = tuple(_redrawn(column) for column in zip(*values, strict=True))
    return Template(system, "ERROR" if TROUBLE.search(template) else "INFO", texts, slots, len(contents))


def _values(texts: Sequence[str], content: str) -> tuple[str, ...] | None:
    """What stands in `content` between the fixed texts, found from the left; None where they do not fit."""
    if "\n" in content or "\r" in content:
        return None
    if len(texts) == 1 or not content.startswith(texts[0]) or not content.endswith(texts[-1]):
        return () if content == texts[0] else None
    values, at, end = [], len(texts[0]), len(content) - len(texts[-1])
    for text in texts[1:-1]:
        found = content.find(text, at, end)
        if found < 0:
            return None
        values.append(content[at:found])
        at = found + len(text)
    return (*values, content[at:end])


def _redrawn(column: Sequence[str]) -> Slot:
    """Draws one of the values with other digits; an invented word for one without digits where it seems to be free."""
    free = len({each for each in column if not DIGITS.search(each)}) >= 3

    def draw(rng: random.Random) -> str:
        value = rng.choice(column)
        if DIGITS.search(value):
            return DIGITS.sub(lambda match: str(rng.randrange(10 ** (len(match[0]) - 1), 10 ** len(match[0]))), value)
        return invented(rng) if free else value

    return draw


def own_systems() -> dict[str, list[Template]]:
    """The kinds of software of `own_events`."""
    systems: defaultdict[str, list[Template]] = defaultdict(list)
    for template in own_templates():
        systems[template.logger.rpartition(".")[2]].append(template)
    return dict(systems)


def mix(systems: Systems) -> list[Template]:
    """The events of all systems, each system as often as the others."""
    sums = {name: sum(each.weight for each in templates) for name, templates in systems.items()}
    return [replace(each, weight=each.weight / sums[name]) for name, all_ in systems.items() for each in all_]


def messages(templates: Sequence[Template], count: int) -> Iterator[tuple[Template, str, random.Random]]:
    """`count` events with their messages, and the generator of what is drawn besides; the same ones at every call."""
    rng = random.Random(SEED)
    weights = [each.weight for each in templates]
    drawn = (rng.choices(templates, weights, k=DRAWN) for _ in range(0, count, DRAWN))
    for template in islice(chain.from_iterable(drawn), count):
        yield template, template.message(rng), rng


def headed_lines(templates: Sequence[Template], count: int) -> Iterator[tuple[str, str]]:
    """`count` times what stands before a message (`time [thread] LEVEL logger - `), and the message."""
    for number, (template, message, rng) in enumerate(messages(templates, count)):
        moment = (START + SPAN * number / count).replace(tzinfo=None).isoformat(" ", "milliseconds")
        yield f"{moment} [worker-{rng.randrange(1, 33)}] {template.level:<5} {template.logger} - ", message


def make_files(folder: Path, count: int, templates: Sequence[Template]) -> tuple[Path, Path]:
    """Writes a log of `count` lines, and a file with their messages alone; returns both paths."""
    log, bare = folder / "stream.log", folder / "messages.txt"
    with log.open("w", encoding="utf-8", newline="\n") as file, bare.open("w", encoding="utf-8", newline="\n") as only:
        for header, message in headed_lines(templates, count):
            file.write(f"{header}{message}\n")
            only.write(f"{message}\n")
    return log, bare
