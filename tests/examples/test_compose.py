"""compose.yaml starts what the examples and the tests talk to, for this machine only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FILE = Path(__file__).parents[2] / "compose.yaml"


@pytest.fixture
def services() -> dict[str, Any]:
    if not FILE.is_file():
        pytest.skip("needs the project; run the tests from a checkout")
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return found


def test_the_servers_are_where_sllm_looks_for_them(services: dict[str, Any]) -> None:
    ports = {name: each["ports"][0].split(":")[1] for name, each in services.items()}
    assert ports == {"kafka": "29092", "elasticsearch": "9200", "kibana": "5601", "ollama": "11434"}


def test_servers_without_passwords_listen_on_loopback_alone(services: dict[str, Any]) -> None:
    assert {port.split(":")[0] for each in services.values() for port in each["ports"]} == {"127.0.0.1"}


def test_kafka_tells_clients_outside_an_address_that_they_reach(services: dict[str, Any]) -> None:
    told = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert "OUTSIDE://127.0.0.1:29092" in told


def test_kibana_is_of_the_version_of_elasticsearch(services: dict[str, Any]) -> None:
    assert services["kibana"]["image"].split(":")[1] == services["elasticsearch"]["image"].split(":")[1]
