"""What can be wrong with a configuration, said so that the user can mend it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sllm_core.plugin import PluginError


@dataclass(frozen=True)
class Mistake:
    """One thing to mend: `where` names the file or variable, then the key; `what` says what is wrong and the remedy."""

    where: str
    what: str
    cause: BaseException | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class SettingsError(PluginError):
    """All mistakes of a configuration that could be found at once; its text has one line for each.

    The exceptions of plugins are its `__cause__`: the exception itself, or a group when there are several.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(dict.fromkeys(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))
        causes = [each.cause for each in self.mistakes if each.cause is not None]
        if causes:
            self.__cause__ = causes[0] if len(causes) == 1 else BaseExceptionGroup("plugins failed", causes)


def dotted(path: Sequence[str | int]) -> str:
    """A path as it would stand in TOML: `plugins."a b".words[0]`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{toml_key(key)}" for key in path)
    return text.removeprefix(".")


def toml_text(text: str) -> str:
    """A text as a basic string of TOML; what is no Unicode becomes ?."""
    clean = text.encode("utf-8", "replace").decode()
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")


def suggestion(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'words'?`, or nothing when no word is near."""
    near = difflib.get_close_matches(word, tuple(words), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def one_line(error: BaseException) -> str:
    """An exception as `Type: message` on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def noted(error: BaseException, note: str) -> BaseException:
    """The exception with a note added, for those who read its traceback."""
    error.add_note(note)
    return error


def toml_key(key: str) -> str:
    """A key as TOML writes it: bare where it can be, else quoted."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_text(key)
