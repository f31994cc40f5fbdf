"""The checks of the fault tests find what they are for: on the real servers, with workers that are no good."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from counting import COUNTING, Account, account, cells_of
from kafka_server import delete_topics, produce
from traffic import Traffic

TRAFFIC = Traffic(3000, seed=7)


def findings(traffic: Traffic, topic: str) -> list[dict[str, Any]]:
    """What a worker without fault finds, as documents have it under `sllm`."""
    return [
        {
            "analyzer": analyzer,
            "source": {"shard": f"{topic}-{partition}"},
            "window": {"start": f"{window}.000000Z"},
            "count": count,
        }
        for (partition, window), count in traffic.cells.items()
        for analyzer in COUNTING
    ]


def counted(found: Iterable[dict[str, Any]], dead: frozenset[int] = TRAFFIC.poison, lag: int = 0) -> Account:
    return Account(TRAFFIC, cells_of(found, "t"), dead, lag)


def test_each_record_counted_once_is_right() -> None:
    found = counted(findings(TRAFFIC, "t"))
    assert found.holds and str(found) == "all is counted once"
    assert sum(TRAFFIC.cells.values()) == TRAFFIC.good < TRAFFIC.count


@pytest.mark.parametrize("analyzer", [0, 1])
def test_a_lost_record_is_found(analyzer: int) -> None:
    found = findings(TRAFFIC, "t")
    found[analyzer]["count"] -= 1
    assert (counted(found).lost, counted(found).doubled, counted(found).holds) == (1, 0, False)


def test_a_doubled_window_is_found() -> None:
    found = findings(TRAFFIC, "t")
    assert (counted([*found, found[0]]).lost, counted([*found, found[0]]).doubled) == (0, found[0]["count"])


def test_a_lost_record_is_not_made_up_for_by_a_doubled_one() -> None:
    found = findings(TRAFFIC, "t")
    found[0]["count"] -= 1
    found[2]["count"] += 1
    assert (counted(found).lost, counted(found).doubled) == (1, 1)


def test_a_window_in_two_parts_adds_up() -> None:
    found = findings(TRAFFIC, "t")
    parts = [dict(found[0], count=1), dict(found[0], count=found[0]["count"] - 1)]
    assert counted([*parts, *found[1:]]).holds


def test_poison_that_is_gone_is_lost_and_good_records_are_no_poison() -> None:
    assert counted(findings(TRAFFIC, "t"), frozenset([*TRAFFIC.poison][1:])).lost == 1
    assert counted(findings(TRAFFIC, "t"), TRAFFIC.poison | {-1}).doubled == 1


def test_what_is_not_read_yet_is_no_success() -> None:
    assert str(counted(findings(TRAFFIC, "t"), lag=3)) == "lag 3"


def test_traffic_is_the_same_for_a_seed_and_ascends() -> None:
    again = Traffic(3000, seed=7)
    assert again.messages == TRAFFIC.messages != Traffic(3000, seed=8).messages
    numbers = [number for each in again.messages for number in each.numbers]
    assert numbers == list(range(3000))
    assert 1 < len(again.poison) < 30


def test_the_servers_are_asked(kafka_servers: str, elasticsearch_url: str, topic: str, index: str) -> None:
    traffic = Traffic(300, seed=3)
    for each in traffic.messages:
        if each.poison:
            produce(kafka_servers, f"{topic}.dlq", [each.payload, each.payload])
    produce(kafka_servers, topic, [b"1", b"2"])
    found = findings(traffic, topic)
    bulk = "".join(f'{{"index": {{}}}}\n{json.dumps({"sllm": each})}\n' for each in found)
    headers = {"content-type": "application/x-ndjson"}
    httpx.post(f"{elasticsearch_url}/{index}-x/_bulk", content=bulk, headers=headers).raise_for_status()
    told = account(traffic, kafka_servers, topic, f"{topic}-nobody", elasticsearch_url, index)
    assert (told.lost, told.doubled, told.lag) == (0, 0, 2)
    delete_topics(kafka_servers, f"{topic}.dlq")
