"""A log whose messages no classifier can know, and a human who labels them: what tuning learns from."""

from __future__ import annotations

import random
from itertools import cycle, islice
from pathlib import Path

import httpx

from web_service import until

SYLLABLES = ("ka", "mo", "ri", "ten", "lo", "su", "ve", "dar", "pil", "go", "nu", "fer", "sha", "bo", "lim", "tro")
BAD = ("quenched", "annealed", "tempered", "purged", "primed")
GOOD = ("calibrated", "aligned", "greased", "reseated", "cycled", "vented", "bled", "staged", "indexed", "homed")
LEARNING = """
[learning]
least_train = 30
least_test = 20
trusted = ["local"]
[plugins.classifier]
"""


def write_plant(path: Path, lines: int = 260) -> None:
    """Write a log in which each message is of a kind of its own, and one word says whether it is bad."""
    chance = random.Random(4)

    def words(most: int) -> list[str]:
        return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(chance.randint(1, most))]

    acts = islice(cycle(BAD + GOOD), lines)
    told = (" ".join([*words(4), act, *words(5)]) for act in acts)
    rows = [f"2026-11-20 13:{place // 60:02}:{place % 60:02} INFO {text}" for place, text in enumerate(told)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def label_all(url: str, least: int = 250) -> None:
    """Say of each pattern whether it is bad, once they are all there."""
    with httpx.Client(base_url=url, timeout=60) as client:
        until(lambda: len(_patterns(client)) >= least)
        for each in _patterns(client):
            bad = any(word in each["template"] for word in BAD)
            said = {"task": "sentiment", "pattern": each["id"], "label": "negative" if bad else "neutral"}
            client.post("/feedback", json=said).raise_for_status()


def _patterns(client: httpx.Client) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get("/patterns", params={"limit": 500}).json()["patterns"]
    return found
