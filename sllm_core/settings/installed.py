"""The plugins that installed distributions offer; looking at them imports none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, distributions

GROUP = "sllm"


@dataclass(frozen=True, order=True)
class InstalledPlugin:
    """One entry point of the group `sllm`: its name, where its class is, and the distribution that offers it."""

    name: str
    distribution: str
    version: str
    target: str
    entry: EntryPoint = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.target} of {self.distribution} {self.version}"


def available_plugins() -> tuple[InstalledPlugin, ...]:
    """All plugins installed, by name; two distributions may offer the same. Never imports a plugin."""
    return tuple(sorted(_plugins(distributions())))


def _plugins(found: Iterable[Distribution]) -> Iterator[InstalledPlugin]:
    seen: set[str] = set()
    for distribution in found:
        if entries := _entries(distribution):
            name, version = _identity(distribution)
            # The first on sys.path is the one that Python imports; a checkout may stand there beside its installation.
            if name not in seen:
                seen.add(name)
                yield from (InstalledPlugin(each.name, name, version, each.value, each) for each in entries)


def _entries(distribution: Distribution) -> list[EntryPoint]:
    try:
        return [each for each in distribution.entry_points if each.group == GROUP]
    except Exception:  # one damaged installation, of whatever package, must not hide the others
        return []


def _identity(distribution: Distribution) -> tuple[str, str]:
    name = distribution.metadata["Name"] or "unknown"
    return re.sub(r"[-_.]+", "-", name).lower(), distribution.metadata["Version"] or "unknown"
