"""The configuration as it holds: as TOML with the origin of each value, and its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from sllm_core.settings.fields import write_duration
from sllm_core.settings.loading import Settings
from sllm_core.settings.mistakes import Mistake, SettingsError, one_line, toml_key, toml_text

_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+@")

_RESERVED = MappingProxyType(
    {"enabled": {"type": "boolean", "default": True}, "plugin": {"type": "string", "description": "the plugin's name"}}
)


class _Schema(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401
        return write_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def effective_toml(settings: Settings) -> str:
    """The whole configuration as TOML; each value bears its origin as a comment, secrets are hidden."""
    values = settings.values.model_dump(mode="json", by_alias=True, fallback=str)
    for plugin in settings.plugins:
        if plugin.section != plugin.installed.name:
            section = values["plugins"][plugin.section]
            values["plugins"][plugin.section] = {"plugin": plugin.installed.name, **section}
    lines = list(_table((), values, settings))
    off = [f"# {_header(('plugins', section))} is off" for section in settings.off]
    return "\n".join([*lines, *off]).strip() + "\n"


def json_schema(settings: Settings) -> dict[str, Any]:
    """The JSON Schema of config.toml, for editors: core's sections and those of the enabled plugins.

    Raises:
        SettingsError: the configuration class of a plugin has a type that JSON Schema cannot say.
    """
    try:
        schema = type(settings.values).model_json_schema(by_alias=True, schema_generator=_Schema)
    except Exception as error:
        raise SettingsError([Mistake("JSON Schema", one_line(error), error)]) from error
    definitions = schema["$defs"]
    plugins = definitions["PluginsSection"]
    plugins["additionalProperties"] = {"type": "object"}
    for section in plugins.get("properties", {}).values():
        name = str(section.get("$ref", "")).removeprefix("#/$defs/")
        definitions[name]["properties"] = {**_RESERVED, **definitions[name].get("properties", {})}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _table(path: tuple[str, ...], table: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield _line((*path, key), value, settings)
    for key, value in table.items():
        if isinstance(value, Mapping):
            inner = (*path, key)
            if inner != ("plugins",):
                yield f"\n{_header(inner)}"
            yield from _table(inner, value, settings)


def _line(path: tuple[str, ...], value: object, settings: Settings) -> str:
    if value is None:
        return f"# {toml_key(path[-1])} is not set"
    return f"{toml_key(path[-1])} = {_value(value)}  # {_origin(path, settings)}"


def _origin(path: tuple[str, ...], settings: Settings) -> str:
    section = 2 if path[0] == "plugins" else 1
    around = (path[:length] for length in range(len(path), min(section, len(path) - 1), -1))
    return next((settings.origins[each] for each in around if each in settings.origins), "default")


def _header(path: tuple[str, ...]) -> str:
    return f"[{'.'.join(map(toml_key, path))}]"


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(_value(each) for each in value if each is not None)}]"
        case Mapping():
            pairs = (f"{toml_key(str(key))} = {_value(each)}" for key, each in value.items() if each is not None)
            return f"{{{', '.join(pairs)}}}"
    return toml_text(_PASSWORD.sub(r"\1:**********@", str(value)))
