"""Values from the environment, from .env and from a folder of secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sllm_core.settings.layers import Given
from sllm_core.settings.mistakes import Mistake, suggestion

PREFIX = "SLLM_"
OURS = frozenset({"SLLM_CONFIG", "SLLM_SECRETS_DIR", "SLLM_LOGHUB"})
"""Names with the prefix that are no keys of config.toml."""

_KUBERNETES = re.compile(
    r"SLLM_(?!.*__)(\w+_)?(SERVICE_HOST=.*|SERVICE_PORT(_\w+)?=.*|PORT(_\d+_[A-Z]+(_\w+)?)?=(tcp|udp|sctp)://.*)"
)
"""What Kubernetes sets in every pod beside a service whose name begins with sllm."""

_NESTING = 5


@dataclass(frozen=True)
class Variable:
    """A key of the configuration that a variable sets."""

    path: tuple[str, ...]
    annotation: Any

    def read(self, text: str) -> object:
        """The text, or what it says as JSON where the key takes a list or a table."""
        if not any(_holds_many(part) for part in _parts(self.annotation)):
            return text
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text


@dataclass(frozen=True)
class Setting:
    """A text found under a name. `origin` says where; the name is in upper case."""

    name: str
    text: str
    origin: str


def variable_name(*path: str) -> str:
    """The name of the environment variable for a key: upper case, `__` between levels, `_` for any other sign."""
    return PREFIX + "__".join(re.sub(r"\W", "_", key).upper() for key in path)


def variables(model: type[BaseModel], path: tuple[str, ...] = ()) -> dict[str, Variable]:
    """All keys of a model and of the models in it, by the name of their variable; tables are set key by key."""
    found: dict[str, Variable] = {}
    for key, field in keys(model).items():
        where = (*path, key)
        inner = tuple(models_in(field))
        if set(_parts(field.annotation)) - {*inner, NoneType}:
            found[variable_name(*where)] = Variable(where, field.annotation)
        for each in inner if len(where) < _NESTING else ():
            found |= variables(each, where)
    return found


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the key that stands in config.toml."""
    return {_key(name, field): field for name, field in model.model_fields.items()}


def models_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    """The models that a field may hold."""
    for part in _parts(field.annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part


def read_environment(environ: Mapping[str, str], dotenv: Path | None, mistakes: list[Mistake]) -> dict[str, Setting]:
    """All variables that have a text, by name; the real environment goes before the file `.env`."""
    found = {name: Setting(name, text, f".env {name}") for name, text in _read_dotenv(dotenv, mistakes).items()}
    found |= {name: Setting(name, text, f"environment {name}") for name, text in environ.items()}
    return {name: setting for name, setting in found.items() if setting.text}


def from_names(
    settings: Iterable[Setting], known: Mapping[str, Variable], silent: Collection[str], mistakes: list[Mistake]
) -> Iterator[Given]:
    """The values of the variables with the prefix; those that nothing knows become mistakes.

    `silent` are the beginnings of names that belong to plugins which are installed or declared, but off.
    """
    for setting in settings:
        name = setting.name.upper()
        if found := known.get(name) or _entry_of_table(name, known):
            yield Given(found.path, found.read(setting.text), setting.origin)
        elif not (name in OURS or _is_kubernetes(setting) or name.startswith(tuple(silent))):
            near = suggestion(name, (*known, *(each.rstrip("_") for each in silent)))
            mistakes.append(Mistake(setting.origin, f"no such setting{near or '; unset it or correct its name'}"))


def read_secrets(folder: Path, mistakes: list[Mistake]) -> Iterator[Setting]:
    """The files of the folder as variables: `plugins__kafka__password` is SLLM_PLUGINS__KAFKA__PASSWORD."""
    try:
        files = sorted(each for each in folder.iterdir() if each.name.lower().startswith("plugins__"))
    except OSError as error:
        what = f"SLLM_SECRETS_DIR cannot be read: {error.strerror or error}; correct or unset it"
        mistakes.append(Mistake(str(folder), what))
        return
    for file in files:
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(f"secret {file.name}", f"cannot be read: {error}"))
        else:
            yield Setting(variable_name(file.name), text, f"secret {file.name}")


def _read_dotenv(path: Path | None, mistakes: list[Mistake]) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return {name: text for name, text in dotenv_values(path).items() if text is not None}
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(Mistake(str(path), f"cannot be read: {error}"))
        return {}


def _is_kubernetes(setting: Setting) -> bool:
    return _KUBERNETES.fullmatch(f"{setting.name}={setting.text}") is not None


def _entry_of_table(name: str, known: Mapping[str, Variable]) -> Variable | None:
    head, _, last = name.rpartition("__")
    table = known.get(head)
    if table is None or not any(issubclass(_kind(part), dict | Mapping) for part in _parts(table.annotation)):
        return None
    return Variable((*table.path, last.lower()), Any)


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return alias if isinstance(alias, str) else field.alias or name


def _parts(annotation: object) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    else:
        yield annotation


def _holds_many(annotation: object) -> bool:
    kind = _kind(annotation)
    return issubclass(kind, Collection | BaseModel) and not issubclass(kind, str | bytes)


def _kind(annotation: object) -> type:
    kind = get_origin(annotation) or annotation
    return kind if isinstance(kind, type) else object
