"""In what two configurations differ, and a digest by which one is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from sllm_core.settings.loading import Settings

ABSENT = object()


def differences(one: Settings, other: Settings) -> tuple[str, ...]:
    """The names of what is not the same, such as `pipeline.window`; of a plugin that only one of them enables its
    section alone."""
    left, right = dict(_named_values(one)), dict(_named_values(other))
    return tuple(sorted(name for name in {**left, **right} if left.get(name, ABSENT) != right.get(name, ABSENT)))


def digest(settings: Settings) -> str:
    """Tells whether two services run with the same configuration; secrets are left out, so that it tells nothing of
    them."""
    plugins = [(each.section, each.installed.name) for each in settings.plugins]
    values = settings.values.model_dump(mode="json", by_alias=True, fallback=str)
    text = json.dumps([values, plugins], sort_keys=True)
    return f"sha256:{sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _named_values(settings: Settings) -> Iterator[tuple[str, object]]:
    values = settings.values.model_dump(by_alias=True)
    plugins = values.pop("plugins")
    yield from _leaves("", values)
    for each in settings.plugins:
        yield f"plugins.{each.section}", {"plugin": each.installed.name, **plugins[each.section]}


def _leaves(prefix: str, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value
