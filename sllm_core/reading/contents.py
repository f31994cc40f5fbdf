"""What messages hold: objects, texts, envelopes with those in them; and which are poison."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sllm_core.reading.envelope import Envelope, is_envelope
from sllm_core.reading.poison import Unreadable, any_json, raise_if_broken, text_of

_DOCKER = b'{"log":'

DEEPEST = 500
"""How deep a value in an array may be nested that is a line; the limits of Python's own versions differ."""

Item = tuple[int, int]
"""The row of a message, and which of its items this is."""


class Contents:
    """What those messages hold of which `take` was called.

    `json_lines` are the lines of texts in which each line looks like an object; where one is none, `give_back` makes
    the text what it is without that.
    """

    def __init__(self) -> None:
        self.objects: dict[Item, Mapping[str, Any]] = {}
        self.texts: dict[Item, bytes] = {}
        self.json_lines: dict[Item, list[bytes]] = {}
        self.envelopes: dict[int, Envelope] = {}
        self.poison: dict[int, Unreadable] = {}
        self._whole: set[Item] = set()

    def take(self, row: int, payload: bytes) -> None:
        """Sort in what a message holds."""
        try:
            self._take(row, text_of(payload))
        except Unreadable as error:
            self.envelopes.pop(row, None)
            for held in (self.objects, self.texts, self.json_lines):
                _drop_last(held, row)
            self.poison[row] = error

    def give_back(self, item: Item) -> None:
        """Take for text what was taken for lines of JSON."""
        text = b"\n".join(self.json_lines.pop(item))
        try:
            if item in self._whole:
                raise_if_broken(text)
            self.texts[item] = text
        except Unreadable as error:
            self.poison[item[0]] = error

    def _take(self, row: int, text: bytes) -> None:
        bare = text.strip()
        if bare[:1] not in (b"{", b"[", b'"'):
            if bare not in (b"", b"null"):
                self.texts[row, 0] = text
            return
        try:
            value = any_json(bare)
        except ValueError:
            self._take_text((row, 0), bare)
            return
        self._take_value(row, value)

    def _take_text(self, item: Item, text: bytes) -> None:
        """Sort in a message that is no JSON as a whole."""
        if b"\n" in text and (lines := _json_lines(text)):
            self.json_lines[item] = lines
            self._whole.add(item)
            return
        raise_if_broken(text)
        self.texts[item] = text

    def _take_value(self, row: int, value: object) -> None:
        if not isinstance(value, dict) or not is_envelope(value):
            self._take_items(row, value if isinstance(value, list) else [value])
            return
        data = value["data"]
        items = data if isinstance(data, list) else [data]
        self.envelopes[row] = Envelope(value, len(items) if data is not None else 0)
        self._take_items(row, items)

    def _take_items(self, row: int, items: Sequence[object]) -> None:
        """Sort in objects, which are records; other values beside one another are lines of one text."""
        lines = [item for item in items if isinstance(item, str)]
        if len(lines) == len(items):
            self._take_lines((row, 0), "\n".join(lines))
            return
        number = 0
        for is_object, group in groupby(items, lambda item: isinstance(item, dict)):
            values = list(group)
            if is_object:
                objects = (value for value in values if isinstance(value, dict))
                self.objects |= {(row, number + place): value for place, value in enumerate(objects)}
            else:
                self._take_lines((row, number), "\n".join(_line(value) for value in values if value is not None))
            number += len(values)

    def _take_lines(self, item: Item, lines: str) -> None:
        text = lines.encode(errors="replace")
        if found := _json_lines(text):
            self.json_lines[item] = found
        elif text.strip():
            self.texts[item] = text


def _drop_last(held: dict[Item, Any], row: int) -> None:
    """Forget the items of that row, which were the last to come."""
    while held and next(reversed(held))[0] == row:
        held.popitem()


def _json_lines(text: bytes) -> list[bytes] | None:
    """The lines, if each looks like an object and nothing says that a container has wrapped them."""
    if not text.startswith(b"{") or text.startswith(_DOCKER):
        return None
    lines = [line.strip() for line in text.split(b"\n")]
    lines = [line for line in lines if line]
    return lines if all(line[:1] == b"{" and line[-1:] == b"}" for line in lines) else None


def _line(value: object) -> str:
    if isinstance(value, str):
        return value
    if _is_deep(value):
        raise Unreadable("too-deep", "a value in the message is nested too deep")
    return json.dumps(value, ensure_ascii=False)


def _is_deep(value: object) -> bool:
    """Whether it is nested deeper than every Python writes JSON."""
    level = [value]
    for _ in range(DEEPEST):
        level = [each for outer in level if isinstance(outer, dict | list) for each in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
