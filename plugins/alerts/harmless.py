"""Text of others in messages: private values hidden, and nothing in it that a chat or a mail program acts upon."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sllm_core.safety import Preparation, cut
from sllm_core.safety.folding import Folded
from sllm_core.safety.links import links

if TYPE_CHECKING:
    from sllm_core.safety.preparation import Redactor

BREAK = "\u200b"
"""Takes no room; stands inside of links and behind the sign of a mention, so that they are none any more."""

LEAST, LONGEST = 60, 30_000
"""To how few characters a text can be cut, and how many of it are looked at before that."""

_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "`": "ʼ", "*": "∗", "~": "∼"})
_EDGE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_HOST_AT_EDGE = re.compile(r"(?<=\w\.)(?=[^\W\d_ˍ]+[_ˍ])")
_SIGNS = re.compile(r"www\d?[.。]|:[/／]|[@＠]")
_SPOKEN_TO = re.compile(r"(?<=[@＠#＃])(?=\w)")
_JOINTS = re.compile(r"(?<=\])(?=[(\[:])|(?<=\|)(?=\|)")
_INSIDE = re.compile(r"(?<=[.。:@])(?=[^\s\u200b])")


class Harmless:
    """Makes text of others ready for messages.

    What comes out is one line without private values, invisible characters and terminal sequences. It has no `<`, `>`,
    backtick, asterisk or tilde, no underscore at the edge of a word (signs that look alike stand in their places), and
    a character without width inside of each link, mail address, name of a host and mention. So no dialect of Markdown,
    HTML and no chat finds markup, a link or a mention in it, within a code span or without.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._preparation = Preparation(redactor, (), bytes(16))

    def line(self, text: str, limit: int) -> str:
        """The text in about `limit` characters (at least 60) at most, beginning and end kept."""
        return _inert(cut(self._unlinked(text), max(limit, LEAST)))

    def name(self, text: str, limit: int) -> str:
        """The text in about `limit` characters at most, the beginning kept."""
        whole = self._unlinked(text)
        return _inert(whole if len(whole) <= limit else f"{whole[: limit - 1]}…")

    def _unlinked(self, text: str) -> str:
        return _unlinked(_unmarked(self._preparation.line(text, LONGEST)))


def _inert(text: str) -> str:
    return _JOINTS.sub(BREAK, _unmarked(text))


def _unmarked(text: str) -> str:
    """Without markup and mentions; links are looked for in this: one may begin or end where a sign of these stood."""
    text = _EDGE.sub(lambda match: "ˍ" * len(match[0]), text.translate(_LOOKALIKES))
    return _SPOKEN_TO.sub(BREAK, _HOST_AT_EDGE.sub(BREAK, text))


def _unlinked(text: str) -> str:
    folded = Folded.of(text)
    words = {*links(folded.text), *filter(_has_link, folded.text.split())}
    places = sorted({folded.origin(place) for word in words for place in _joints(word, folded.text)})
    return BREAK.join(text[start:end] for start, end in pairwise([0, *places, len(text)])) if places else text


def _has_link(word: str) -> bool:
    """Whether something in a word is a link; then the word is broken everywhere, wherever others see it begin."""
    return _SIGNS.search(word) is not None or any(any(links(part)) for part in (word, *word.split("/")))


def _joints(word: str, text: str) -> list[int]:
    """Where the word can be broken, at each place of the text where it stands."""
    inside = [match.start() for match in _INSIDE.finditer(word)]
    starts = [match.start() for match in re.finditer(re.escape(word), text)]
    return [start + each for start in starts for each in inside]
