"""Templates of prompts: files with a version, a fixed system part and a user part with what varies."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sllm_core.models.language_model import Prompt
from sllm_core.prompts.tokens import answer_tokens

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate

KEYS = frozenset({"version", "system", "user"})


@dataclass(frozen=True)
class Template:
    """A template of one task in one language: `system` is text as it stands, `user` has variables in mustache notation.

    Variables are written `{{{name}}}`: three braces, since two would write `<` and `&` as HTML does.
    """

    task: str
    language: str
    version: str
    system: str
    user: str

    def prompt(self, schema: Mapping[str, Any], **values: str) -> Prompt:
        """The question with these values in the user part, to be answered by the flat `schema`.

        Raises:
            ValueError: the values are not those that the user part names.
        """
        named = set(self._messages.input_variables)
        if named != set(values):
            raise ValueError(f"the template {self.task!r} takes {sorted(named)}, not {sorted(values)}")
        system, user = (str(message.content) for message in self._messages.format_messages(**values))
        length = answer_tokens(schema, self.language)
        return Prompt(self.task, self.version, self.language, system, user, schema, length)

    @cached_property
    def _messages(self) -> ChatPromptTemplate:
        from langchain_core.prompts import ChatPromptTemplate

        return ChatPromptTemplate.from_messages(
            [("system", self.system), ("human", self.user)], template_format="mustache"
        )


@cache
def load_template(package: str, task: str, language: str) -> Template:
    """The template `prompts/<task>.<language>.toml` of a package; that for English, where there is none for a language.

    The file has the strings `version`, `system` and `user`. The system part has no variables, so that it is the same
    for all prompts of a version: a server then reads it once.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such template; the text says what is wrong with it.
    """
    folder = files(package).joinpath("prompts")
    spoken = next(each for each in (language, "en") if each == "en" or folder.joinpath(_name(task, each)).is_file())
    name = _name(task, spoken)
    try:
        fields = tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{package}/prompts/{name}: {error}") from None
    if mistake := _mistake(fields):
        raise ValueError(f"{package}/prompts/{name}: {mistake}")
    return Template(task, spoken, fields["version"], fields["system"].strip(), fields["user"].strip())


def _name(task: str, language: str) -> str:
    return f"{task}.{language}.toml"


def _mistake(fields: Mapping[str, object]) -> str | None:
    if set(fields) != KEYS or not all(isinstance(each, str) for each in fields.values()):
        return f"needs the strings {', '.join(sorted(KEYS))} and nothing else"
    if "{{" in str(fields["system"]):
        return "what varies belongs into the user part, so that the system part is the same for all prompts"
    if str(fields["user"]).count("{{") != str(fields["user"]).count("{{{"):
        return "write variables as {{{name}}}: with two braces, < and & become HTML"
    return None
