"""What a store knows of patterns as a JSON document, for another machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sllm_core.findings import pattern_name
from sllm_core.patterns import PatternRow
from sllm_core.patterns.ids import MASK_VERSION
from sllm_core.plugin import PluginError
from sllm_core.store.merging import Known
from sllm_core.store.sightings import Sighting

FORMAT, VERSION = "sllm patterns", 1

SHOWN = 10
"""How many mistakes in a document are told."""

Name = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class Entry(BaseModel):
    """A table of the document: unknown keys are mistakes, and no value is taken for one of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SeenEntry(Entry):
    """When a pattern was seen in the closed windows of a source, and how many records."""

    source: str
    first: AwareDatetime
    last: AwareDatetime
    count: Annotated[int, Field(ge=1, lt=1 << 63, strict=True)]

    @model_validator(mode="after")
    def _in_order(self) -> SeenEntry:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class PatternEntry(Entry):
    """One pattern: `alias` is the id that it gave way to, `mask` the version of the mask that made id and template."""

    id: Name
    source: str
    template: str
    example: str = ""
    alias: Name | None = None
    mask: str
    seen: tuple[SeenEntry, ...] = ()


class Document(Entry):
    """The whole document; `mask` is the version of the mask of who wrote it."""

    format: Literal["sllm patterns"]
    version: int
    exported: AwareDatetime | None = None
    mask: str | None = None
    patterns: tuple[PatternEntry, ...]


def write_document(known: Known, examples: bool = True) -> bytes:
    """The document as UTF-8: a header, then a line for each pattern; `examples` are log text, and may be left out."""
    seen: defaultdict[int, list[Sighting]] = defaultdict(list)
    for each in known.sightings:
        seen[each.pattern].append(each)
    header = {"format": FORMAT, "version": VERSION, "exported": _time(datetime.now(UTC)), "mask": MASK_VERSION}
    lines = b",\n".join(orjson.dumps(_entry(row, seen[row.id], examples)) for row in known.rows)
    return orjson.dumps(header)[:-1] + b',"patterns":[\n' + lines + b"\n]}\n"


def _entry(row: PatternRow, seen: Iterable[Sighting], examples: bool) -> dict[str, Any]:
    return {
        "id": pattern_name(row.id),
        "source": row.source,
        "template": row.template,
        **({"example": row.example} if examples else {}),
        "alias": None if row.alias_of is None else pattern_name(row.alias_of),
        "mask": row.mask,
        "seen": [
            {"source": each.source, "first": _time(each.first), "last": _time(each.last), "count": each.count}
            for each in seen
        ],
    }


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def read_document(text: bytes, name: str) -> Known:
    """What the document says; `name` is what it is called in errors.

    Raises:
        PluginError: it is none, is of a newer version, or has mistakes, which are told with the entries they are in.
    """
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PluginError(f"{name}: no JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise PluginError(f'{name}: not written by `sllm state export`: "format" is not "{FORMAT}"')
    if isinstance(version := data.get("version"), int) and version > VERSION:
        raise PluginError(f"{name}: written by a newer sllm (version {version}); upgrade sllm to import it")
    try:
        entries = Document.model_validate(data).patterns
    except ValidationError as error:
        raise PluginError(_told(name, list(_mistakes(error)))) from error
    if wrong := [*_doubles(entries), *_circles(entries)]:
        raise PluginError(_told(name, wrong))
    return Known(tuple(map(_row, entries)), tuple(each for entry in entries for each in _sightings(entry)))


def _told(name: str, mistakes: list[str]) -> str:
    rest = [f"{name}: {len(mistakes) - SHOWN:,} more mistakes"] if len(mistakes) > SHOWN else []
    return "\n".join([*(f"{name}: {each}" for each in mistakes[:SHOWN]), *rest])


def _mistakes(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in each["loc"])
        yield f"{path.removeprefix('.')}: {each['msg'].removeprefix('Value error, ')}"


def _doubles(entries: Iterable[PatternEntry]) -> Iterator[str]:
    known: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if known.setdefault(entry.id, number) != number:
            yield f"patterns[{number}].id: {entry.id} stands in patterns[{known[entry.id]}] already"


def _circles(entries: Iterable[PatternEntry]) -> Iterator[str]:
    aliases = {entry.id: entry.alias for entry in entries}
    settled: set[str] = set()
    for number, start in enumerate(aliases):
        way: set[str] = set()
        here: str | None = start
        while here is not None and here not in settled and here not in way:
            way.add(here)
            here = aliases.get(here)
        if here in way:
            yield f"patterns[{number}].alias: the aliases of {here} lead in a circle"
        settled.update(way)


def _row(entry: PatternEntry) -> PatternRow:
    alias = None if entry.alias is None else int(entry.alias, 16)
    return PatternRow(int(entry.id, 16), entry.source, entry.template, entry.example, alias, entry.mask)


def _sightings(entry: PatternEntry) -> Iterator[Sighting]:
    pattern = int(entry.id, 16)
    return (Sighting(each.source, pattern, each.first, each.last, each.count) for each in entry.seen)
