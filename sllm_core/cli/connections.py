"""What `sllm doctor` and `sllm check --connect` show: a block for each component, and what to do where one lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis

NONE = (
    "no language model is enabled, and sllm works without one; to enable one, add [plugins.ollama] to the configuration"
)


def connections_text(found: Mapping[str, Diagnosis]) -> str:
    """The blocks, of which each begins with the name and the address of a model."""
    return "\n".join(connection_text(name, diagnosis) for name, diagnosis in found.items()) or f"{NONE}\n"


def connection_text(name: str, diagnosis: Diagnosis) -> str:
    """The block of one component."""
    return "\n".join(_block(name, diagnosis)) + "\n"


def _block(name: str, diagnosis: Diagnosis) -> Iterator[str]:
    from sllm_core.report.plain import plain

    lines = [*diagnosis.facts, *(("problem", diagnosis.problem) for _ in range(bool(diagnosis.problem)))]
    lines += [("or" if number else "remedy", remedy) for number, remedy in enumerate(diagnosis.remedies)]
    width = max((len(title) for title, _ in lines), default=0)
    yield plain(f"{name}  {diagnosis.address}")
    yield from (f"  {title:<{width}}  {plain(text)}" for title, text in lines)
