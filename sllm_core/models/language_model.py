"""What a plugin gives as a language model, and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class ModelUnavailable(Exception):
    """The model could not be reached, or broke off: another try may succeed. The text says what was met."""


class ModelRefused(Exception):
    """The server refuses this call, and would refuse it again. The text says why, and what to do."""


@dataclass(frozen=True)
class Identity:
    """Which weights answer, and how.

    `tag` is the name that was configured; `digest` hexadecimal digits that follow from weights, template and
    parameters, "" where the server does not tell; `parallel` how many calls the server works on at once; `context`
    how many tokens prompt and answer may have together; `special` the control tokens of the vocabulary as text.
    """

    tag: str
    digest: str = ""
    parallel: int = 1
    context: int = 4096
    special: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The tag and the beginning of the digest: what findings name."""
        return f"{self.tag}@{self.digest[:12]}" if self.digest else self.tag


@dataclass(frozen=True)
class Prompt:
    """One question to a model.

    `task` says what for (judge, explain, narrate, or a plugin's own); `version` is that of its template; `system` is
    the same for all prompts of a task, version and language; `user` holds what varies; `schema` is a flat JSON Schema
    of the answer, all of whose properties are required; `length` is how many tokens the answer may have.
    """

    task: str
    version: str
    language: str
    system: str
    user: str
    schema: Mapping[str, Any]
    length: int = 256


@dataclass(frozen=True)
class Token:
    """A token of an answer with its natural log-probability, and the likeliest tokens in its place."""

    text: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Completion:
    """What the model wrote. It is an answer only if `finished`: not cut, not aborted, prompt not shortened.

    `reason` says why it is not finished; `tokens` is None where the server gives no log-probabilities; the counts of
    tokens are those of the server, `seconds` how long it worked.
    """

    text: str
    finished: bool = True
    reason: str = ""
    tokens: tuple[Token, ...] | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


class LanguageModel(Protocol):
    """What can answer prompts. `name` is unique among the models.

    Only core's gateway calls it, with as many calls at once as `Identity.parallel` or the settings say.
    """

    name: str

    async def identify(self) -> Identity:
        """Which weights answer now; asked before the first call and now and then.

        Raises:
            ModelUnavailable, ModelRefused
        """
        ...

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer to a prompt, with the same options for every call.

        Raises:
            ModelUnavailable, ModelRefused
        """
        ...

    async def close(self) -> None:
        """Give back connections; called once, in the loop that made the calls."""
        ...
