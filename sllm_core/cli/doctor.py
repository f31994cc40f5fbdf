"""`sllm doctor`: is all there that the configuration needs, and what is to be done if not?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.settings import Settings

SCANT = 1 << 30
"""Bytes of free room below which the disk of the store is a problem."""

Found = list[tuple[str, "Diagnosis"]]


@click.command("doctor", short_help="Ask every server that is configured, and say what to do.")
@config_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(config: Path, form: str) -> int:
    """Ask every server that the configuration names whether all is well, within ten seconds, and change nothing.

    Told are versions, rights, topics, lag, the health of indices, how far clocks are apart, the room that the store
    has, who could reach the service and how it is; and for each problem what to type or set. It may be asked while
    `sllm run` or `sllm serve` is at work.

    \b
    Exit codes: 0 all is well; 1 there are problems; 2 wrong usage or configuration, every mistake named.
    """
    import asyncio

    from sllm_core.settings import load_settings

    settings = load_settings(config)
    found = [("sllm", _machine(config, settings)), ("store", _store(settings)), ("service", _service(settings))]
    found += asyncio.run(_components(settings))
    click.echo(_json(found) if form == "json" else _text(found), nl=False)
    return 1 if any(each.problem for _, each in found) else 0


def _machine(config: Path, settings: Settings) -> Diagnosis:
    import os
    import platform
    from datetime import datetime
    from importlib.metadata import version
    from zoneinfo import ZoneInfo

    from sllm_core.diagnosis import Diagnosis

    now = datetime.now(ZoneInfo(settings.timezone))
    facts = (
        ("version", version("sllm")),
        ("python", f"{platform.python_version()} on {platform.system()} {platform.release()}"),
        ("processors", str(os.cpu_count())),
        ("time", f"{now:%Y-%m-%d %H:%M:%S} {settings.timezone}"),
        ("plugins", ", ".join(each.section for each in settings.plugins) or "none"),
    )
    return Diagnosis(str(config), facts)


def _store(settings: Settings) -> Diagnosis:
    import os
    import shutil

    from sllm_core.diagnosis import Diagnosis

    folder = settings.store.path
    existing = next(each for each in (folder, *folder.parents) if each.is_dir())
    size = sum(each.stat().st_size for each in folder.glob("sllm.db*"))
    free = shutil.disk_usage(existing).free
    facts = (("size", f"{size / 1e6:,.1f} MB"), ("free room", f"{free / 1e9:,.1f} GB"))
    problem, remedy = "", ""
    if not os.access(existing, os.W_OK):
        problem, remedy = f"{existing} cannot be written", f"chown {existing} to who runs sllm, or set [store] path"
    elif free < SCANT:
        problem, remedy = "the disk is nearly full", "make room, shorten [store] retention, or set [store] path"
    return Diagnosis(str(folder), facts, problem, (remedy,) if remedy else ())


def _service(settings: Settings) -> Diagnosis:
    from datetime import UTC, datetime

    from sllm_core.cli.service_diagnosis import diagnose_service

    return diagnose_service(settings, datetime.now(UTC))


async def _components(settings: Settings) -> Found:
    """Models, sources and sinks; they are made on a store in memory, since the real one may be in use."""
    from sllm_core.classifier import Classifier, Verdicts
    from sllm_core.diagnosis import diagnose_components, diagnose_models
    from sllm_core.opening import assemble
    from sllm_core.store import Store

    with Store() as store:
        assembly = assemble(settings, store, Verdicts(Classifier.load, store.patterns))
        models = await diagnose_models(assembly.models)
        others = await diagnose_components([*assembly.sources, *assembly.sinks])
    return [*models.items(), *others]


def _text(found: Found) -> str:
    from sllm_core.cli.connections import connection_text

    blocks = "\n".join(connection_text(name, diagnosis) for name, diagnosis in found)
    return f"{blocks}\n{_conclusion([name for name, each in found if each.problem])}\n"


def _conclusion(troubled: Sequence[str]) -> str:
    names = ", ".join(dict.fromkeys(troubled))
    return f"{len(troubled)} {'problem' if len(troubled) == 1 else 'problems'}: {names}" if troubled else "All is well."


def _json(found: Found) -> str:
    import json

    return json.dumps(list(_objects(found)), indent=2, ensure_ascii=False) + "\n"


def _objects(found: Found) -> Iterator[dict[str, object]]:
    for name, each in found:
        yield {
            "name": name,
            "address": each.address,
            "facts": dict(each.facts),
            "problem": each.problem or None,
            "remedies": list(each.remedies),
        }
