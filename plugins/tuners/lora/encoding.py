"""From lessons to tokens, as a server makes them: the same text and control tokens, and the loss where it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sllm_core.plugin import PluginError

from .packing import EncodedRow

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from .orders import Lesson

BEGUN = frozenset({"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "tekken"})
"""How vocabularies are cut before which llama.cpp puts the beginning of text unless the file says otherwise
(llama-vocab.cpp)."""


MARKER = re.compile(r"<\|[^|<>\s]{1,40}\|>")
"""What looks like a control token."""


class EncodingError(PluginError):
    """Lessons cannot be made tokens as the server makes them; the message says what differs."""

    exit_code = 1


def begins(about: Mapping[str, Any]) -> bool:
    """Whether a server puts the token for the beginning of text before a prompt, by the keys of its GGUF file."""
    said = about.get("tokenizer.ggml.add_bos_token")
    if said is not None:
        return bool(said)
    if about.get("tokenizer.ggml.model") == "llama":
        return True
    return about.get("tokenizer.ggml.pre") in BEGUN


@dataclass(frozen=True)
class Encoder:
    """Makes tokens of lessons; `begun`: the server puts the beginning of text before what its template says."""

    tokenizer: PreTrainedTokenizerBase
    begun: bool = False

    def encode(self, lesson: Lesson) -> EncodedRow:
        """A lesson as a server reads and writes it.

        A span that reaches to the end of the answer counts for the end of the turn, too.

        Raises:
            EncodingError: the answer cannot be told from the prompt, or there is no template.
        """
        text = self.prompt(lesson)
        ids = self._ids(text)
        answer, weights = self._answer(text, ids, lesson)
        head = [self.tokenizer.bos_token_id] if self.begun and lesson.text is not None else []
        begin = len(head) + len(ids)
        return EncodedRow((*head, *ids, *answer), (*(0.0,) * begin, *weights), begin)

    def prompt(self, lesson: Lesson) -> str:
        """The text of a question up to where the answer begins.

        Raises:
            EncodingError: no server has rendered it, and the base has no template, or one that rewrites what was said.
        """
        if lesson.text is not None:
            return lesson.text
        messages = [{"role": "system", "content": lesson.system}, {"role": "user", "content": lesson.user}]
        if not self.tokenizer.chat_template:
            raise EncodingError("the base has no chat template, and no server that fills one was asked")
        text = self._filled(messages, True)
        whole = self._filled([*messages, {"role": "assistant", "content": lesson.answer}], False)
        if not whole.startswith(text + lesson.answer):
            raise EncodingError(
                "the chat template of the base changes a question once it is answered; it cannot be used"
            )
        return text

    def _filled(self, messages: Sequence[Mapping[str, str]], asks: bool) -> str:
        said = [dict(each) for each in messages]
        return str(self.tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=asks))

    def _answer(self, text: str, ids: Sequence[int], lesson: Lesson) -> tuple[list[int], list[float]]:
        """The tokens of the answer and what each counts; where it ends counts as its last character does."""
        found, offsets = self._cut(text + lesson.answer)
        begin, place = len(ids), len(text)
        if list(found[:begin]) != list(ids):
            # Some vocabularies join the last character of a prompt with the first of an answer, which a server cannot.
            found, offsets = self._cut(lesson.answer)
            begin, place = 0, 0
            if self.tokenizer.decode(found) != lesson.answer:
                raise EncodingError("the vocabulary of the base cannot begin an answer where the prompt ends")
        weights = [_weight(start - place, end - place, lesson.weights) for start, end in offsets[begin:]]
        last = max((weight for _, end, weight in lesson.weights if end >= len(lesson.answer)), default=0.0)
        closing = [self.tokenizer.eos_token_id] if last and self.tokenizer.eos_token_id is not None else []
        return [*found[begin:], *closing], [*weights, *[last for _ in closing]]

    def _ids(self, text: str) -> list[int]:
        return self._cut(text)[0]

    def _cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        told = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return list(told["input_ids"]), list(told["offset_mapping"])


def check_control(texts: Sequence[str], rows: Sequence[EncodedRow], special: frozenset[int]) -> None:
    """See that all questions have the same control tokens: texts from logs bring none, and the base knows the template.

    Raises:
        EncodingError: a question has others, or the template marks turns by what is none in the base's vocabulary.
    """
    skeletons = [[each for each in row.ids[: row.prompt] if each in special] for row in rows]
    if not skeletons[0] and (marker := MARKER.search(texts[0])):
        raise EncodingError(
            f"{marker[0]} is no control token of the base: the prompts are filled for another model; "
            "train on the base that is served"
        )
    for number, each in enumerate(skeletons, 1):
        if each != skeletons[0]:
            raise EncodingError(f"row {number} has other control tokens than row 1: {each} beside {skeletons[0]}")


def special_of(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """The tokens that are control tokens of a vocabulary."""
    added = tokenizer.added_tokens_decoder
    return frozenset({*tokenizer.all_special_ids, *(number for number, each in added.items() if each.special)})


def _weight(start: int, end: int, spans: Sequence[tuple[int, int, float]]) -> float:
    """What the loss on a token counts that has the characters from `start` up to `end`: the most that one of them."""
    return max((weight for begin, stop, weight in spans if start < stop and begin < end), default=0.0)
