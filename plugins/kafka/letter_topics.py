"""The topics of dead letters that a section of the configuration means, and how far each is done with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sllm_core.plugin import PluginError

from .connection import KafkaConnection, existing_topics
from .dead_letters import SUFFIX, dead_letter_topic
from .letter_marks import Done, Span

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from sllm_core.settings import Settings

    from .offsets import Bounds

SOURCE = "kafka"
"""The plugin whose messages may die."""

PATIENCE = 8.0
"""Seconds that servers have to tell where they stand; one that has just begun needs a while."""


@runtime_checkable
class Reading(Protocol):
    """What a section tells about the topics that it reads."""

    @property
    def topics(self) -> tuple[str, ...]: ...
    @property
    def pattern(self) -> str: ...
    @property
    def group(self) -> str: ...


@dataclass(frozen=True)
class Section:
    """A section of config.toml that reads from Kafka; `group` is whose offsets remember what is done."""

    name: str
    connection: KafkaConnection
    topics: tuple[str, ...]
    pattern: str
    group: str


@dataclass(frozen=True)
class LetterTopic:
    """A topic of dead letters: where its partitions begin and end, and what of them is done with."""

    name: str
    bounds: Mapping[TopicPartition, Bounds]
    done: Mapping[TopicPartition, Done]

    @property
    def count(self) -> int:
        """How many letters there are."""
        return sum(each.end - each.begin for each in self.bounds.values())

    @property
    def new(self) -> int:
        """How many of them have been neither replayed nor dropped."""
        return sum(self.done[at].left(each.begin, each.end) for at, each in self.bounds.items())

    def spans(self, *, done: bool) -> dict[TopicPartition, Span]:
        """Where letters are: in all partitions from the beginning, or from the first that is not done."""
        return {
            at: (each.begin if done else max(each.begin, self.done[at].before), each.end)
            for at, each in self.bounds.items()
        }


def choose_section(settings: Settings, name: str | None) -> Section:
    """The section that is named, or the only one.

    Raises:
        PluginError: there is none, or there are several.
    """
    sections = [each for each in settings.plugins if each.installed.name == SOURCE]
    found = {each.section: _section(each.section, each.config) for each in sections}
    if name is None and len(found) > 1:
        raise PluginError(f"several sections read from Kafka; name one with --plugin: {', '.join(found)}")
    chosen = next(iter(found), None) if name is None else name
    if chosen is None or chosen not in found:
        there = f"there are: {', '.join(found)}" if found else "add [plugins.kafka] to the configuration"
        raise PluginError(f"no section [plugins.{name or SOURCE}] reads from Kafka; {there}")
    return found[chosen]


def _section(name: str, config: object) -> Section:
    assert isinstance(config, KafkaConnection) and isinstance(config, Reading), "the source has such a section"
    return Section(name, config, config.topics, config.pattern, f"{config.group}{SUFFIX}")


async def letter_topics(section: Section, wanted: Sequence[str] = ()) -> list[LetterTopic]:
    """The topics of dead letters, as they are now.

    Args:
        wanted: topics, or those of their letters; empty: all that the section reads.

    Raises:
        PluginError: the servers cannot be reached, or one that is wanted has no letters.
    """
    from .patience import persist
    from .reaching import reach

    names = await _names(section, wanted)
    with explained(section):
        async with asyncio.timeout(PATIENCE):
            return await persist(
                partial(_look_up, section, names), partial(reach, section.connection, section.name), pause=0.2
            )


@contextmanager
def explained(section: Section) -> Iterator[None]:
    """What Kafka refuses within the context becomes an error that the user understands."""
    from aiokafka.errors import KafkaError

    try:
        yield
    except (KafkaError, TimeoutError) as error:
        reason = f" ({type(error).__name__})" if isinstance(error, KafkaError) else f" within {PATIENCE:g} s"
        what = f"{section.name}: Kafka at {section.connection.bootstrap_servers} does not do this{reason}"
        raise PluginError(f"{what}; see that the servers run and what this client may do there") from error


async def _names(section: Section, wanted: Sequence[str]) -> list[str]:
    existing = set(await existing_topics(section.connection, section.name))
    read = wanted or section.topics or _matching(section.pattern, existing)
    names = {each: each if each.endswith(SUFFIX) else dead_letter_topic(each) for each in read}
    if missing := [each for each in wanted if names[each] not in existing]:
        there = ", ".join(sorted(each for each in existing if each.endswith(SUFFIX))) or "none"
        what = f"{section.name}: there are no dead letters of {', '.join(missing)}"
        raise PluginError(f"{what}; topics of dead letters: {there}")
    return sorted(existing.intersection(names.values()))


def _matching(pattern: str, existing: Iterable[str]) -> list[str]:
    """The topics that a pattern means, also those that are gone and have left letters."""
    bases = {each.removesuffix(SUFFIX) for each in existing}
    return [each for each in bases if re.fullmatch(pattern, each)]


async def _look_up(section: Section, names: Iterable[str]) -> list[LetterTopic]:
    from .offsets import Offsets

    async with Offsets.connected(section.connection, section.name) as offsets:
        partitions = await offsets.partitions(names)
        bounds = await offsets.bounds(partitions)
        committed = await offsets.committed(section.group, partitions) if partitions else {}
    done = {at: _done(committed[at].offset, committed[at].note, bounds[at]) for at in bounds if at in committed}
    return [
        LetterTopic(
            name,
            {at: each for at, each in bounds.items() if at.topic == name},
            {at: done.get(at, Done()) for at in bounds if at.topic == name},
        )
        for name in sorted({each.topic for each in bounds})
    ]


def _done(offset: int, note: str, bounds: Bounds) -> Done:
    """Nothing is done in a partition that has been created anew since."""
    done = Done.read(offset, note)
    furthest = max([done.before, *(end for _, end in done.spans)])
    return done if furthest <= bounds.end else Done()
