"""One model for all sections, built for the plugins that are on, and what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sllm_core.settings.declarations import RESERVED, Imported
from sllm_core.settings.environment import variable_name
from sllm_core.settings.fields import write_duration
from sllm_core.settings.mistakes import Mistake, dotted, noted, one_line, suggestion
from sllm_core.settings.sections import Section, Sections

Origins = Mapping[tuple[str, ...], str]

_MANY = frozenset({"list_type", "tuple_type", "set_type", "frozen_set_type", "dict_type", "model_type"})
_TIMEDELTA = re.compile(r"datetime\.timedelta\(([^)]*)\)")
"""How pydantic writes the bound of a time span."""
_JSON_HINT = """; in a variable it is JSON, such as '["a", "b"]'"""


def config_model(imported: Iterable[Imported]) -> type[Sections]:
    """The model of the whole configuration; its field `plugins` has one field for each enabled plugin."""
    fields: dict[str, Any] = {
        f"plugin_{number}": (each.factory.Config, Field(alias=each.section)) for number, each in enumerate(imported)
    }
    plugins = create_model("PluginsSection", __base__=Section, **fields)
    return create_model("Config", __base__=Sections, plugins=(plugins, ...))


def validate(
    model: type[Sections], tree: Mapping[str, Any], folder: Path, origins: Origins, mistakes: list[Mistake]
) -> Sections | None:
    """The configuration, or None when there are mistakes in it."""
    try:
        return model.model_validate(tree, context={"folder": folder})
    except ValidationError as error:
        mistakes += _explain(error, model, tree, origins)
    except Exception as error:  # a validator of a plugin may raise anything
        mistakes.append(_blame(error, model, tree, folder, origins))
    return None


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the key that stands in config.toml."""
    named = ((each.validation_alias, name, each) for name, each in model.model_fields.items())
    return {alias if isinstance(alias, str) else name: field for alias, name, field in named}


def origin_of(path: Sequence[str | int], origins: Origins) -> str | None:
    """Where the value at a path was given: itself, the table around it, or something in it."""
    names = tuple(str(key) for key in path)
    for length in range(len(names), 0, -1):
        if origin := origins.get(names[:length]):
            return origin
    return next((origin for each, origin in origins.items() if each[: len(names)] == names), None)


def place(path: Sequence[str | int], origins: Origins) -> str:
    """`config.toml: plugins.file.path`: how a mistake about a value begins."""
    origin = origin_of(path, origins) or origin_of(path[:-1], origins)
    return f"{origin}: {dotted(path)}" if origin else dotted(path)


def _explain(error: ValidationError, model: type[BaseModel], tree: object, origins: Origins) -> Iterable[Mistake]:
    found = error.errors(include_url=False, include_input=False)
    located = [(_path(each, tree), each) for each in found]
    for path, group in groupby(located, key=lambda pair: pair[0]):
        errors = [each for _, each in group]
        whats = dict.fromkeys(_what(path, each, model) for each in errors)
        hint = _JSON_HINT if _is_plain_text(path, errors, origins) else ""
        yield Mistake(place(path, origins), " or ".join(whats) + hint)


def _is_plain_text(path: tuple[str | int, ...], errors: Iterable[ErrorDetails], origins: Origins) -> bool:
    origin = origin_of(path, origins) or ""
    return origin.startswith(("environment", ".env", "secret")) and any(each["type"] in _MANY for each in errors)


def _path(error: ErrorDetails, tree: object) -> tuple[str | int, ...]:
    # pydantic adds the names of the branches of a union to a location; they are no keys of the data.
    path: list[str | int] = []
    node: Any = tree
    for key in error["loc"]:
        try:
            node = node[key]
        except (LookupError, TypeError):
            return (*path, key) if error["type"] == "missing" else tuple(path)
        path.append(key)
    return tuple(path)


def _what(path: Sequence[str | int], error: ErrorDetails, model: type[BaseModel]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return _unknown(str(path[-1]), path[:-1], model)
        case "missing":
            return f"missing; set it, or the variable {variable_name(*map(str, path))}"
        case "model_type" | "model_attributes_type":
            return f"expected a table; write it as [{dotted(path)}]"
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
    return _TIMEDELTA.sub(_span, error["msg"][:1].lower() + error["msg"][1:])


def _span(written: re.Match[str]) -> str:
    parts = (part.partition("=") for part in written[1].split(", ") if "=" in part)
    return write_duration(timedelta(**{unit: int(number) for unit, _, number in parts}))


def _unknown(key: str, parent: Sequence[str | int], model: type[BaseModel]) -> str:
    known = [*_known(parent, model), *(RESERVED if len(parent) == 2 and parent[0] == "plugins" else ())]
    if key in known:
        return "cannot be set here; write it in config.toml"
    what = "unknown table" if parent == ("plugins",) else "unknown key"
    return what + (suggestion(key, known) or f"; known here: {', '.join(known) or 'none'}")


def _known(path: Sequence[str | int], model: type[BaseModel]) -> list[str]:
    models = [model]
    for key in path:
        fields = [keys(each).get(str(key)) for each in models]
        models = [inner for field in fields if field is not None for inner in _models_in(field.annotation)] or models
    return [key for each in models for key in keys(each)]


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _blame(
    error: Exception, model: type[BaseModel], tree: Mapping[str, Any], folder: Path, origins: Origins
) -> Mistake:
    plugins = next(_models_in(model.model_fields["plugins"].annotation))
    for section, field in keys(plugins).items():
        path = ("plugins", section)
        try:
            next(_models_in(field.annotation)).model_validate(tree["plugins"].get(section), context={"folder": folder})
        except ValidationError:
            continue
        except Exception as cause:
            what = f"its configuration class failed: {one_line(cause)}; correct the values or upgrade the plugin"
            return Mistake(place(path, origins), what, noted(cause, f"in section [{dotted(path)}]"))
    return Mistake("configuration", f"cannot be validated: {one_line(error)}", error)
