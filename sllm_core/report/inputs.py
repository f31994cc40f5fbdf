"""What was read, as the user knows it: files and streams by their names, topics with the number of their partitions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.report.words import Words

_FURTHER = r"~\d+$|:\d{8}T\d{6}\.\d{6}$"
"""What the name of a shard has more than that of its source: a further file of that name, or when a stream began."""

_PARTITION = r"-\d+$"
"""What the name of a partition has more than that of its topic."""


SHOWN = 6
"""How many names a heading has."""


def heading(inputs: Sequence[str], texts: Words) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(inputs[:SHOWN])
    return texts.more_inputs.format(shown, len(inputs) - SHOWN) if len(inputs) > SHOWN else shown


def file_names(shards: Iterable[str], folder: str) -> list[str]:
    """Each file or stream once, those below `folder` by their way from there."""
    return list(dict.fromkeys(re.sub(_FURTHER, "", each.removeprefix(f"{folder}/")) for each in shards))


def topic_names(shards: Iterable[str], texts: Words) -> list[str]:
    """Each topic with the number of its partitions among the shards of a source that workers share."""
    counts = Counter(re.sub(_PARTITION, "", each) for each in shards)
    return [f"{topic} ({texts.counted('partition', count)})" for topic, count in counts.items()]
