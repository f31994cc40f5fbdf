"""The way to Kafka: what may be configured, and one line about what is wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import kafka_server
from sllm_core.plugin import PluginError
from sllm_plugins.kafka import reaching
from sllm_plugins.kafka.connection import KafkaConnection, existing_topics, validate_servers, validate_topic
from sllm_plugins.kafka.reaching import administration, explain


def reach(**options: object) -> None:
    asyncio.run(_existing(KafkaConnection.model_validate(options)))


async def _existing(connection: KafkaConnection) -> None:
    await existing_topics(connection, "kafka")


@contextmanager
def listening() -> Iterator[str]:
    """A port at which somebody listens who never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("name", ["logs.app", "a", "A_b-c.9", "x" * 249])
def test_names_of_topics(name: str) -> None:
    assert validate_topic(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "bad topic!", "한글", "a/b", "x" * 250, "a\n"])
def test_names_on_which_kafka_would_hang_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a topic's name has"):
        validate_topic(name)


@given(st.lists(st.tuples(st.sampled_from(["a", "b.example", "10.0.0.1", "[::1]"]), st.integers(1, 65535)), min_size=1))
def test_servers_are_hosts_with_ports(servers: list[tuple[str, int]]) -> None:
    text = ",".join(f"{host}:{port}" for host, port in servers)
    assert validate_servers(text.replace(",", " , ")) == text


@pytest.mark.parametrize("text", ["", ",", "http://a:1", "a b:1", "a:0", "a:65536", "a:b", "a:1/x", "user@a:1"])
def test_other_servers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"host:port|from 1 to 65535"):
        validate_servers(text)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"ca_file": "ca.pem"}, "need tls = true"),
        ({"tls": True, "key_file": "key.pem"}, "key_file needs cert_file"),
        ({"username": "kim"}, "need sasl_mechanism"),
        ({"sasl_mechanism": "PLAIN", "username": "kim"}, "PLAIN needs username and password"),
        ({"sasl_mechanism": "OAUTHBEARER"}, "needs token, as module:function"),
        ({"sasl_mechanism": "OAUTHBEARER", "token": "acme"}, "write it as module:function"),
        ({"sasl_mechanism": "GSSAPI"}, "'SCRAM-SHA-512' or 'OAUTHBEARER'"),
    ],
)
def test_security_that_is_half_configured_is_refused(options: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        KafkaConnection.model_validate(options)


def test_a_password_is_not_shown() -> None:
    options = {"sasl_mechanism": "SCRAM-SHA-512", "username": "kim", "password": "s3cret"}
    connection = KafkaConnection.model_validate(options)
    assert "s3cret" not in repr(connection)
    assert connection.client_options() == {
        "bootstrap_servers": "localhost:29092",
        "client_id": "sllm",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "kim",
        "sasl_plain_password": "s3cret",
    }


def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="ascii")
    for name, what in (("ca.pem", "it cannot be used"), ("none.pem", "No such file")):
        with pytest.raises(PluginError, match=f"{name}: {what}.*; name a file of certificates"):
            KafkaConnection(tls=True, ca_file=tmp_path / name).client_options()


def test_nothing_listens() -> None:
    with pytest.raises(PluginError, match=r"127\.0\.0\.1:1: nothing listens there; start Kafka, or correct bootstrap_"):
        reach(bootstrap_servers="127.0.0.1:1")


def test_no_such_host() -> None:
    with pytest.raises(PluginError, match=r"no such host; .* in \[plugins.kafka\] \(or KAFKA_BOOTSTRAP_SERVERS\)"):
        reach(bootstrap_servers="no-such-host.invalid:9092")


def test_somebody_else_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.kafka.reaching.PATIENCE", 0.2)
    with listening() as servers, pytest.raises(PluginError, match=r"no answer as Kafka gives it within 0\.2 s"):
        reach(bootstrap_servers=servers)


def test_a_web_server_is_told_apart() -> None:
    error = asyncio.IncompleteReadError(b"", int.from_bytes(b"HTTP"))
    assert "a web server, not Kafka" in explain(error, KafkaConnection(), "kafka")


def test_one_good_server_is_enough(kafka_servers: str) -> None:
    reach(bootstrap_servers=f"127.0.0.1:1,{kafka_servers}")


def test_tls_where_there_is_none(kafka_servers: str) -> None:
    with pytest.raises(PluginError, match=r"if it does not speak TLS, set tls = false"):
        reach(bootstrap_servers=kafka_servers, tls=True)


def test_a_password_where_none_is_asked_for(kafka_servers: str) -> None:
    options = {"sasl_mechanism": "SCRAM-SHA-512", "username": "kim", "password": "s3cret"}
    with pytest.raises(PluginError, match=r"asks for no password at this port; leave sasl_mechanism out") as raised:
        reach(bootstrap_servers=kafka_servers, **options)
    assert "s3cret" not in str(raised.value)


def test_topics_are_told_with_their_partitions(kafka_servers: str, topic: str) -> None:
    found = asyncio.run(existing_topics(KafkaConnection(bootstrap_servers=kafka_servers), "kafka"))
    assert found[topic] == 4 and "__consumer_offsets" not in found


def test_asking_about_a_topic_creates_none(kafka_servers: str, topic: str) -> None:
    async def ask() -> int:
        async with administration(KafkaConnection(bootstrap_servers=kafka_servers), "kafka") as admin:
            (found,) = await admin.describe_topics([f"{topic}-none"])
            return int(found["error_code"])

    assert asyncio.run(ask()) == 3
    assert f"{topic}-none" not in kafka_server.topic_names(kafka_servers)


class Starting:
    """An administration client whose servers name no broker as often as it is told."""

    def __init__(self, times: int) -> None:
        self.times = times
        self._client = self

    async def bootstrap(self) -> None:
        self.times -= 1
        if self.times:
            raise KafkaConnectionError

    async def _send_request(self, request: object) -> object:
        if self.times:
            raise NodeNotReadyError
        return "the topics"


def test_servers_that_name_no_broker_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "SETTLING", (0.0, 0.0))
    assert asyncio.run(reaching._settled(Starting(2), MetadataRequest([]))) == "the topics"
    with pytest.raises(NodeNotReadyError):
        asyncio.run(reaching._settled(Starting(3), MetadataRequest([])))


@pytest.mark.parametrize("silent", [0, 2, 9])
def test_servers_that_never_name_a_broker_are_told(monkeypatch: pytest.MonkeyPatch, silent: int) -> None:
    monkeypatch.setattr(reaching, "SETTLING", (0.0, 0.0))
    answers = [()] * silent + [((1, "127.0.0.1", 9),)]

    class Connected:
        async def send(self, request: object) -> object:
            return SimpleNamespace(brokers=answers.pop(0))

        def close(self) -> None: ...

    async def connect(*address: object, **options: object) -> Connected:
        return Connected()

    monkeypatch.setattr(reaching, "create_conn", connect)
    found = asyncio.run(reaching._brokers(("127.0.0.1", 9), {}))
    assert found == ((("127.0.0.1", 9),) if silent < 3 else ())
