"""Text of others made harmless for a prompt, without changing what a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sllm_core.safety.folding import Folded
from sllm_core.safety.invisible import one_line, visible
from sllm_core.safety.markers import known_markers, role_ends, vocabulary_markers

BREAK = "\u200b"
"""Stands inside a marker, where it takes no room: no tokenizer finds the marker then."""


def neutralise(text: str, special: Sequence[str] = ()) -> str:
    """The text in one line, with nothing in it that ends it, or speaks in another's name, to a model.

    What is invisible goes first (see `visible`), line breaks become ` ↵ `. Then U+200B is put into every control token
    of `special` and of the known families of models, in any case, spacing and compatibility form; before the colon
    of names of speakers that stand at a beginning (`system:`, `시스템:`); into headings of prompts (`### Response`),
    fences, and marks of the end of data. U+200B is the only character that is put in, so a person reads the same.

    No token of `special` that has two characters beside blanks occurs in the result. The result can be encoded in
    UTF-8, has at most three characters for each of the text, and stays as it is when it is neutralised again. Time
    grows linearly with the length.

    Not broken are letters that merely look alike (a Cyrillic о), since no tokenizer takes them for a token, and
    requests in plain words: against these stands the marked section.
    """
    line = one_line(visible(text))
    folded = Folded.of(line)
    places = {folded.origin(match.start()) + 1 for match in known_markers().finditer(folded.text)}
    places.update(folded.origin(end - 1) + 1 for end in role_ends(folded.text))
    if special and (own := vocabulary_markers(_folded(tuple(special)))):
        places.update(folded.origin(match.start()) + 1 for match in own.finditer(folded.text))
    return _broken(line, sorted(places)) if places else line


def _broken(line: str, places: Iterable[int]) -> str:
    ends = [*places, len(line)]
    starts = [0, *ends[:-1]]
    return BREAK.join(line[start:end] for start, end in zip(starts, ends, strict=True))


@lru_cache(8)
def _folded(special: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(Folded.of(one_line(visible(token))).text for token in special)
