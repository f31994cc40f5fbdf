"""Types and markers for the fields of a section; plugins use them in their own configuration too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr, ValidationInfo, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

UNITS = MappingProxyType({"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001})
KEY_BYTES = 64
_QUANTITY = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*(ms|[smhd])")
_DURATION = re.compile(rf"(?:{_QUANTITY.pattern}\s*)+")


@dataclass(frozen=True)
class EnvironmentName:
    """Marks a field that an environment variable without the prefix SLLM_ may also set, as users already have it.

    It is read for the section that bears the plugin's own name, not for further instances of the plugin. Example::

        class KafkaConfig(PluginConfig):
            group_id: Annotated[str, EnvironmentName("KAFKA_GROUP_ID")] = "sllm"
    """

    name: str


def parse_duration(value: object) -> timedelta:
    """A time span from text like 90s, 5m, 1h 30m or 1d, or from a number of seconds.

    Raises:
        ValueError: it is none of these, or longer than timedelta can hold.
    """
    if isinstance(value, timedelta):
        return value
    try:
        return timedelta(seconds=_seconds(value))
    except OverflowError:
        raise ValueError("this time span is too long") from None


def write_duration(span: timedelta) -> str:
    """A short text that `parse_duration` reads as the same span."""
    microseconds = span // timedelta(microseconds=1)
    for unit, seconds in UNITS.items():
        if microseconds and microseconds % round(seconds * 1e6) == 0:
            return f"{microseconds // round(seconds * 1e6)}{unit}"
    return f"{microseconds / 1e6:.6f}".rstrip("0").rstrip(".") + "s"


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return float(value)
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"\d{1,12}", text):
        return float(text)
    if not _DURATION.fullmatch(text):
        raise ValueError("a time span is a number with ms, s, m, h or d, such as 30s, 5m, 1h or 7d")
    return sum(float(number) * UNITS[unit] for number, unit in _QUANTITY.findall(text))


def check_endpoint(address: str) -> str:
    """The address of a server that speaks HTTP, or nothing.

    Raises:
        ValueError: it is something else.
    """
    from urllib.parse import urlsplit

    if address and not (address.startswith(("http://", "https://")) and urlsplit(address).hostname):
        raise ValueError("an address such as http://collector:4318")
    return address


def check_key(key: SecretStr) -> SecretStr:
    """The key, if the hash of pattern ids takes it: at most 64 bytes in UTF-8.

    Raises:
        ValueError: it is longer; the message does not show it.
    """
    if len(key.get_secret_value().encode(errors="surrogatepass")) > KEY_BYTES:
        raise ValueError(f"a key has at most {KEY_BYTES} bytes")
    return key


def path_defaults(fields: Mapping[str, FieldInfo]) -> dict[str, object]:
    """The defaults of those fields that hold a PathInConfig; pydantic leaves defaults as they are, unresolved."""
    found = {key: each.get_default() for key, each in fields.items() if _holds_path(each.annotation, each.metadata)}
    return {key: default for key, default in found.items() if default is not None and default is not PydanticUndefined}


def _holds_path(annotation: object, metadata: Sequence[object] = ()) -> bool:
    return _RESOLVED in metadata or any(
        _holds_path(each, getattr(each, "__metadata__", ())) for each in get_args(annotation)
    )


def _resolve(path: Path, info: ValidationInfo) -> Path:
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    return Path(folder, path.expanduser()) if folder else path.expanduser()


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # it raises KeyError, ValueError, OSError or IsADirectoryError, by what stands in the name
        remedy = "give a name such as UTC, Asia/Seoul or Europe/Berlin"
        if not available_timezones():
            remedy = "this machine has no database of zones: pip install tzdata"
        raise ValueError(f"no such time zone; {remedy}") from None
    return name


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(write_duration),
    WithJsonSchema({"type": ["string", "number"], "examples": ["30s", "5m", "1h", "7d"]}),
]
"""A time span, written as text with a unit (ms, s, m, h, d) or as a number of seconds."""

_RESOLVED = AfterValidator(_resolve)

PathInConfig = Annotated[Path, _RESOLVED]
"""A path; a relative one, also as a default, is taken from the folder of config.toml; `~` is the user's home.

The folder comes through the validation context (`{"folder": Path}`); without a context the path stays as it is, so that
the author of a plugin may write `FileConfig(path="app.log")` in a test.
"""

ZoneName = Annotated[str, AfterValidator(_check_zone)]
"""The name of a time zone in the IANA database."""
