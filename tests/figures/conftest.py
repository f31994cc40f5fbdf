"""Facts and texts: scenes written by hand, and what the analyzers say of real logs."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sllm_core.cli import sllm

HERE = Path(__file__).parent
SHOP = HERE.parents[1] / "examples" / "shop.log"

CONFIG = """
language = "{language}"
[pipeline]
window = "{window}"
[store]
path = "{folder}/store.db"
[plugins.file]
path = "{log}"
follow = false
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
[plugins.jsonl]
path = "{folder}/findings.jsonl"
"""


@dataclass(frozen=True)
class Said:
    """What an analyzer says of a window, with the facts that it has and the example line that it quotes."""

    analyzer: str
    window: str
    language: str
    text: str
    facts: dict[str, Any]
    known: tuple[str, ...]


Analyzed = Callable[..., list[Said]]


@pytest.fixture(scope="session")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Analyzed:
    """`analyzed(log, language, window)`: what the analyzers say of a log, each log and language read once."""
    kept: dict[tuple[object, ...], list[Said]] = {}

    def said(log: Path = SHOP, language: str = "en", window: str = "1h") -> list[Said]:
        if (log, language, window) not in kept:
            folder = tmp_path_factory.mktemp("figures")
            config = folder / "config.toml"
            config.write_text(CONFIG.format(language=language, window=window, folder=folder, log=log), encoding="utf-8")
            result = CliRunner().invoke(sllm, ["run", "--quiet", "-c", str(config)])
            assert result.exit_code == 0, result.output
            kept[log, language, window] = list(_said(folder / "findings.jsonl"))
        return kept[log, language, window]

    return said


@pytest.fixture(scope="session")
def scenes(analyzed: Analyzed) -> dict[str, Any]:
    """Facts by name: those in scenes.json, and those of the example log at 13:00 and 14:00."""
    facts: dict[str, Any] = json.loads((HERE / "scenes.json").read_text(encoding="utf-8"))
    kinds = {"summary": "", "anomaly": "-window", "sentiment": "-mood"}
    for each in analyzed():
        kind = "-issue" if "kind" in each.facts else kinds[each.analyzer]
        facts.setdefault(f"log-{each.window[11:13]}{kind}", each.facts)
    return facts


def _said(path: Path) -> Iterator[Said]:
    findings = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    issues: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in findings:
        if "kind" in each["facts"]:
            issues[each["window"]["start"]].append({"title": each["detected_issues"][0], "records": each["count"]})
    for each in findings:
        start, text, facts = each["window"]["start"], each["explanation"], each["facts"]
        known = tuple(re.findall("“([^”]*)”", text)) if "kind" in facts else ()
        yield Said(each["analyzer"], start, each["language"], text, facts | _named_in(each, issues[start]), known)


def _named_in(finding: dict[str, Any], issues: list[dict[str, Any]]) -> dict[str, Any]:
    """What a text names that its facts do not hold: the issues of a window, the messages that weigh on the mood."""
    if finding["analyzer"] == "sentiment":
        named = re.findall(r'"(.*?)" ?\(([\d,]+)건?\)', finding["explanation"])
        messages = [{"template": text, "count": int(count.replace(",", ""))} for text, count in named]
        return {"window": finding["window"], "top_patterns": messages}
    return {"found": issues} if "issues" in finding["facts"] else {}
