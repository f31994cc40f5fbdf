"""What transformers makes of answers that a server gave: `python -m sllm_plugins.tuners.lora.scoring FOLDER`.

The base is loaded once, with the adapter of the training on it, and gives the log-probabilities that it would have
written each token with: without the adapter, and with it. The process ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sllm_core.plugin import PluginError

from .encoding import begins
from .orders import write_whole
from .plan import Way
from .weights import find_base, read_header, restore_positions

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from .weights import Source

ORDER, SCORES = "scoring.json", "scores.json"
NICENESS = 5
"""By how much the process gives way to others."""
BROKEN = "\N{REPLACEMENT CHARACTER}"
"""What stands for bytes that are no whole character: many tokens look so."""
FAILED = 3
"""How the process ends that has said on standard error why it failed."""


@dataclass(frozen=True)
class Heard:
    """An answer of a server: the text that it made of the prompt, and the tokens of the answer.

    `places` are tokens at which it is compared, and `named` for each of them the likeliest tokens as the server told.
    """

    text: str
    answer: tuple[str, ...]
    places: tuple[int, ...]
    named: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Scores:
    """For each answer and place the log-probabilities of the named tokens, NaN where the vocabulary has none such."""

    base: Sequence[Sequence[Sequence[float]]]
    tuned: Sequence[Sequence[Sequence[float]]]


@dataclass(frozen=True)
class ScoringOrder:
    """What is to be scored: the base and the adapter by their paths, `numbers` the kind in which the base is loaded.

    `about` is what the server says of the base where the base has no GGUF file.
    """

    base: str
    adapter: str
    numbers: str
    gpu: bool
    threads: int
    about: Mapping[str, Any]
    heard: tuple[Heard, ...]


def write_scoring(order: ScoringOrder, folder: Path) -> None:
    """Write the order into a folder; scores of an earlier one are removed.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCORES).unlink(missing_ok=True)
    write_whole(folder / ORDER, json.dumps(asdict(order)))


def read_scores(folder: Path) -> Scores:
    """The scores in a folder.

    Raises:
        OSError, ValueError, TypeError: there are none that can be read.
    """
    return Scores(**json.loads((folder / SCORES).read_text(encoding="utf-8")))


def score(folder: Path) -> None:
    """Carry out the order in a folder.

    Raises:
        OSError, ValueError: it cannot be read, or the scores not be written.
        PluginError: the base cannot be loaded.
    """
    import torch

    said = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    heard = [
        Heard(each["text"], tuple(each["answer"]), tuple(each["places"]), tuple(map(tuple, each["named"])))
        for each in said["heard"]
    ]
    torch.set_num_threads(max(1, said["threads"]))
    source = find_base(said["base"], folder)
    about = read_header(source.folder / source.file).about if source.file else said["about"]
    tokenizer = source.tokenizer()
    model = _with_adapter(source, said)
    writing = Writing(model, tokenizer, begins(about), dict(_pieces(tokenizer)))
    tuned = [writing.scores(each) for each in heard]
    with model.disable_adapter():
        base = [writing.scores(each) for each in heard]
    write_whole(folder / SCORES, json.dumps({"base": base, "tuned": tuned}))


@dataclass(frozen=True)
class Writing:
    """A model that says how likely it would have written what a server wrote."""

    model: Any
    tokenizer: PreTrainedTokenizerBase
    begun: bool
    ids: Mapping[str, int]

    def scores(self, heard: Heard) -> list[list[float]]:
        """For each place the log-probabilities of the named tokens."""
        import torch

        prompt = list(self.tokenizer(heard.text, add_special_tokens=False, verbose=False)["input_ids"])
        prompt = [self.tokenizer.bos_token_id, *prompt] if self.begun else prompt
        answer = [self.ids.get(each) for each in heard.answer]
        known = answer.index(None) if None in answer else len(answer)
        ids = [*prompt, *(each for each in answer[:known] if each is not None)]
        with torch.inference_mode():
            logits = self.model(torch.tensor([ids], device=self.model.device), logits_to_keep=known + 1).logits[0]
            found = torch.log_softmax(logits.float(), -1).cpu()
        return [
            [self._one(found, place, known, name) for name in named]
            for place, named in zip(heard.places, heard.named, strict=True)
        ]

    def _one(self, found: Any, place: int, known: int, name: str) -> float:  # noqa: ANN401
        number = self.ids.get(name)
        return float("nan") if number is None or place > known else float(found[place, number])


def main() -> None:
    """Score at a low priority, no longer than whoever has asked for it lives."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.nice(NICENESS)
    try:
        score(Path(sys.argv[1]))
    except PluginError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(FAILED)
    # Threads of libraries may go on, and nothing that they do is needed.
    os._exit(0)


def _with_adapter(source: Source, said: Mapping[str, Any]) -> Any:  # noqa: ANN401
    import torch
    from peft import PeftModel

    model = source.model(Way(said["numbers"], False), said["gpu"] and torch.cuda.is_available())
    if (header := source.header()) is not None:
        restore_positions(model, header)
    made: Any = PeftModel.from_pretrained(model, said["adapter"], autocast_adapter_dtype=False)
    return made.eval()


def _pieces(tokenizer: PreTrainedTokenizerBase) -> Iterator[tuple[str, int]]:
    """The tokens of a vocabulary as texts, as a server names them; of the same text the first."""
    size = len(tokenizer)
    texts = tokenizer.batch_decode([[each] for each in range(size)], clean_up_tokenization_spaces=False)
    pieces = tokenizer.convert_ids_to_tokens(list(range(size)))
    for number in reversed(range(size)):
        piece = pieces[number] or ""
        text = piece.replace("▁", " ") if piece.startswith("▁") else texts[number]
        if BROKEN not in text:
            yield text, number


def _die_with_parent() -> None:
    with suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(1)


if __name__ == "__main__":
    main()
