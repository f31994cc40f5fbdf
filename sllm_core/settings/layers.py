"""Values from one place each, and how later places override earlier ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sllm_core.settings.mistakes import Mistake, SettingsError

DEPTH = 16
"""Tables nested deeper than this are taken as one value: no section has so many levels."""


@dataclass(frozen=True)
class Given:
    """A value that somebody gave: the path of its key, the value, and where it was given."""

    path: tuple[str, ...]
    value: object
    origin: str


def read_toml(path: Path) -> dict[str, object]:
    """The content of a TOML file.

    Raises:
        SettingsError: it cannot be read, is not UTF-8 or not TOML; with line and column.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        what = "no such file; name one with --config, or write it"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = f"not UTF-8 (byte {error.object[error.start]:#04x} in line {line}); save it as UTF-8"
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
    except RecursionError:
        what = "not valid TOML: nested too deeply"
    except ValueError as error:
        what = f"not valid TOML: {error}"
    raise SettingsError([Mistake(str(path), what)])


def flatten(table: Mapping[str, object], origin: str) -> Iterator[Given]:
    """Each value of nested tables with its path; an empty table is a value."""
    yield from _flatten((), table, origin)


def merge(
    layers: Iterable[Iterable[Given]], defaults: Mapping[str, object] = MappingProxyType({})
) -> tuple[dict[str, object], dict[tuple[str, ...], str]]:
    """The values as nested tables, later layers over earlier ones and over `defaults`; and the origin of each path."""
    tree = deepcopy(dict(defaults))
    origins: dict[tuple[str, ...], str] = {}
    for given in (each for layer in layers for each in layer):
        _put(tree, given)
        origins[given.path] = given.origin
    return tree, origins


def _flatten(path: tuple[str, ...], table: Mapping[str, object], origin: str) -> Iterator[Given]:
    for key, value in table.items():
        inner = (*path, str(key))
        if isinstance(value, Mapping) and value and len(inner) < DEPTH:
            yield from _flatten(inner, value, origin)
        else:
            yield Given(inner, value, origin)


def _put(tree: dict[str, object], given: Given) -> None:
    for key in given.path[:-1]:
        inner = tree.get(key)
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    last = given.path[-1]
    if given.value != {} or not isinstance(tree.get(last), dict):
        tree[last] = dict(given.value) if isinstance(given.value, Mapping) else given.value
