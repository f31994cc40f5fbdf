"""Keys as they are pressed on a terminal, or one on each line of a file or a pipe."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Protocol

END = ""
"""What is read where nothing more comes."""

HANGUL: Mapping[str, str] = MappingProxyType({"ㄴ": "s", "ㅕ": "u", "ㅜ": "n", "ㅂ": "q", "ㅗ": "h"})
"""The Latin letters on keys that a Korean keyboard writes Hangul with."""


class Keys(Protocol):
    """Where answers come from."""

    def key(self) -> str:
        """The next key in small letters, END at the end."""
        ...

    def line(self) -> str:
        """A whole line, without its end."""
        ...


@contextmanager
def keys_pressed() -> Iterator[Keys]:
    """Those of standard input; a terminal gives each key without waiting for the end of a line, while this lasts."""
    if not sys.stdin.isatty():
        yield Lines(sys.stdin.readline)
        return
    import termios
    import tty

    place = sys.stdin.fileno()
    before = termios.tcgetattr(place)
    tty.setcbreak(place, termios.TCSADRAIN)
    try:
        yield Pressed(place)
    finally:
        termios.tcsetattr(place, termios.TCSADRAIN, before)


class Lines:
    """One key on each line."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def key(self) -> str:
        """The first character of the next line that is not empty."""
        while text := self._read():
            if text.strip():
                return meant(text.strip()[0])
        return END

    def line(self) -> str:
        return self._read().rstrip("\r\n")


class Pressed:
    """Single keys of a terminal that does not wait for line ends; `line` shows what is typed, as cbreak does not mend
    it: Backspace takes a character away."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def key(self) -> str:
        return meant(self._character())

    def line(self) -> str:
        text = ""
        while (typed := self._character()) not in (END, "\n", "\r"):
            text = text[:-1] if typed in ("\x7f", "\b") else text + typed
        return text

    def _character(self) -> str:
        while data := os.read(self._place, 1):
            if typed := self._decode(data):
                return END if typed == "\x04" else typed
        return END


def meant(typed: str) -> str:
    """The key that a character stands for."""
    return HANGUL.get(typed, typed.lower())
