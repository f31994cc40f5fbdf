"""Dead letters for people's eyes and for programs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from sllm_core.report.plain import plain

from .letter_topics import LetterTopic
from .stored_letter import StoredLetter

SHOWN = 80
"""Characters of a value in a list."""

PAGE = 20_000
"""Characters of a value that are shown of a single letter."""

States = dict[StoredLetter, bool]
"""Letters, and whether they are new: neither replayed nor dropped."""


def list_text(topics: Sequence[LetterTopic], letters: States, zone: tzinfo) -> str:
    """A heading for each topic with its letters below, newest first."""
    return "".join(f"{line}\n" for topic in topics for line in _topic(topic, letters, zone))


def list_json(topics: Sequence[LetterTopic], letters: States) -> str:
    """The same as one document."""
    counts = [{"topic": each.name, "letters": each.count, "new": each.new} for each in topics]
    return _json({"topics": counts, "letters": [letter_json(each, new) for each, new in letters.items()]})


def letter_json(letter: StoredLetter, new: bool) -> dict[str, Any]:
    """One letter; what is no UTF-8 stands beside it as base64."""
    return {
        "name": letter.name,
        "origin": letter.origin,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "written": _moment(letter.written, UTC).isoformat(),
        "timestamp": _moment(letter.timestamp, UTC).isoformat(),
        "error_type": letter.error_type,
        "error": letter.error,
        "attempts": letter.attempts,
        "state": _state(new),
        "cut": letter.cut,
        **_bytes("key", letter.key),
        **_bytes("value", letter.value),
        "headers": [{"name": name, **_bytes("value", value)} for name, value in letter.own],
    }


def show_text(letters: States, zone: tzinfo) -> str:
    """All of each letter, with a blank line between two."""
    return "\n".join("".join(f"{line}\n" for line in _whole(letter, new, zone)) for letter, new in letters.items())


def show_json(letters: States) -> str:
    """The letters as a list."""
    return _json([letter_json(letter, new) for letter, new in letters.items()])


def _whole(letter: StoredLetter, new: bool, zone: tzinfo) -> Iterator[str]:
    for name, text in _facts(letter, new, zone):
        yield f"{name:<10} {plain(text)}"
    value = letter.value or b""
    for line in _text(value[: 4 * PAGE])[:PAGE].split("\n") if value else ():
        yield f"  {plain(line, None)}"
    if len(value) > PAGE:
        yield "  and more, perhaps: give --raw to see all"


def _facts(letter: StoredLetter, new: bool, zone: tzinfo) -> Iterator[tuple[str, str]]:
    yield "origin", letter.origin or "unknown"
    yield "letter", f"{letter.topic}, partition {letter.partition}, offset {letter.offset}; {_state(new)}"
    yield "written", _when(letter.written, zone)
    yield "timestamp", _when(letter.timestamp, zone)
    yield "error", _error(letter)
    yield "attempts", str(letter.attempts)
    if letter.cut:
        yield "cut", letter.cut
    if letter.key is not None:
        yield "key", _text(letter.key)
    for name, value in letter.own:
        yield "header", f"{name}: {_text(value)}"
    yield "value", f"{len(letter.value or b''):,} bytes"


def _topic(topic: LetterTopic, letters: States, zone: tzinfo) -> Iterator[str]:
    yield f"{topic.name}: {topic.count:,} letters, {topic.new:,} new"
    for letter, new in letters.items():
        if letter.topic == topic.name:
            yield from _row(letter, new, zone)


def _row(letter: StoredLetter, new: bool, zone: tzinfo) -> Iterator[str]:
    tries = f"{letter.attempts} {'try' if letter.attempts == 1 else 'tries'}"
    when = _when(letter.written, zone)
    yield f"  {plain(letter.name)}  {when}  {tries}  {_state(new)}  {plain(_error(letter))}"
    yield f"      {plain(_text((letter.value or b'')[: 4 * SHOWN]), SHOWN)}"


def _error(letter: StoredLetter) -> str:
    return ": ".join(each for each in (letter.error_type, letter.error) if each) or "not told"


def _state(new: bool) -> str:
    return "new" if new else "done"


def _text(data: bytes | None) -> str:
    return (data or b"").decode(errors="backslashreplace")


def _when(milliseconds: int, zone: tzinfo) -> str:
    return f"{_moment(milliseconds, zone):%Y-%m-%d %H:%M:%S}"


def _moment(milliseconds: int, zone: tzinfo) -> datetime:
    """A time; one that is beyond all calendars is the first of all."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, zone)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, zone)


def _bytes(name: str, data: bytes | None) -> dict[str, str | None]:
    if data is None:
        return {name: None}
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {name: data.decode(errors="replace"), f"{name}_base64": base64.b64encode(data).decode()}


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"
