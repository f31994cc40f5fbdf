"""The Logstash pipelines of the examples use only options that the plugins have, as their documentation lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
OPTIONS: dict[str, Any] = json.loads(Path(__file__).with_name("logstash_options.json").read_text(encoding="utf-8"))
"""Documented options of logstash-integration-kafka 12, logstash-output-http 6 and logstash-filter-http 2."""

TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<token>"[^"]*"|=>|==|[\[\]{},]|[\w@.]+)""")
PIPELINES = ("to_kafka.conf", "to_http.conf", "enrich.conf")


def tokens(text: str) -> list[str]:
    """The tokens of a pipeline; a character that can begin none is a mistake of its writer."""
    found, at = list[str](), 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"no token at {text[at : at + 20]!r}"
        found += [match["token"]] if match["token"] else []
        at = match.end()
    return found


def plugins(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The plugins of a pipeline as `section.name`, with their options and the first token of each value."""
    words, depth, section = tokens(text), 0, ""
    for place, word in enumerate(words):
        if word == "{" and depth == 0:
            section = words[place - 1]
        elif word == "{" and re.fullmatch(r"[a-z]+", words[place - 1]) and words[place - 1] not in ("else", "if"):
            yield f"{section}.{words[place - 1]}", dict(options(words[place + 1 :]))
        depth += (word == "{") - (word == "}")
    assert depth == 0, "a brace is open"


def options(words: list[str]) -> Iterator[tuple[str, str]]:
    depth = 0
    for place, word in enumerate(words):
        if word == "=>" and depth == 0:
            yield words[place - 1], words[place + 1].strip('"')
        depth += (word in "{[") - (word in "}]")
        if depth < 0:
            return


@pytest.mark.parametrize("name", PIPELINES)
def test_every_option_is_documented(name: str) -> None:
    text = (ROOT / "examples" / "logstash" / name).read_text(encoding="utf-8")
    known = [(plugin, given) for plugin, given in plugins(text) if plugin in OPTIONS]
    assert known
    for plugin, given in known:
        assert set(given) - set(OPTIONS[plugin]["options"]) == set()
        assert set(OPTIONS[plugin]["required"]) - set(given) == set()
        assert [
            each for each, values in OPTIONS[plugin]["values"].items() if given.get(each, values[0]) not in values
        ] == []


def test_an_option_that_is_none_would_be_found() -> None:
    ((plugin, given),) = plugins('output { kafka { topic => "a" codec => json } }')
    assert plugin == "output.kafka"
    assert set(given) - set(OPTIONS[plugin]["options"]) == {"topic"}


def test_records_reach_kafka_whole_and_safely() -> None:
    text = (ROOT / "examples" / "logstash" / "to_kafka.conf").read_text(encoding="utf-8")
    given = dict(plugins(text))["output.kafka"]
    assert (given["codec"], given["acks"]) == ("json", "all")


def test_an_enriched_event_is_put_where_ecs_allows_it() -> None:
    text = (ROOT / "examples" / "logstash" / "enrich.conf").read_text(encoding="utf-8")
    assert dict(plugins(text))["filter.http"]["target_body"] == "[sllm]"
