"""What a variable sets, as pydantic-settings reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from sllm_core.settings.environment import PREFIX, Setting, variable_name
from sllm_core.settings.layers import Given, flatten


class Variables(EnvSettingsSource):
    """The reader of pydantic-settings, given one variable at a time, so that the origin of each value is known.

    The model itself is no BaseSettings: that would drop the context of the validation, which has the folder of
    config.toml.
    """

    def __init__(self, model: type[BaseModel], sections: Iterable[str]) -> None:
        fields: dict[str, Any] = {name: (field.annotation, field) for name, field in model.model_fields.items()}
        reader = create_model("Variables", __base__=BaseSettings, **fields)
        super().__init__(reader, env_prefix=PREFIX, env_nested_delimiter="__")
        self._sections = {variable_name("plugins", each): f"{PREFIX}plugins__{each}" for each in sections}

    def read(self, setting: Setting) -> Iterator[Given]:
        """The values that a variable sets; when no field has its name, the text under that name as a key."""
        name = self._name(setting.name.upper())
        self.env_vars = {name: setting.text}
        key = name.removeprefix(PREFIX.lower()).partition("__")[0]
        return flatten(self() or {key: setting.text}, setting.origin)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401
        """A list or a table in JSON, else the text, so that validation says what is wrong with it."""
        try:
            decoded = super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
        return decoded if isinstance(decoded, list | dict) else value

    def _name(self, name: str) -> str:
        heads = (each for each in self._sections if f"{name}__".startswith(f"{each}__"))
        head = max(heads, key=len, default="")
        return (self._sections.get(head, "") + name.removeprefix(head)).lower()
