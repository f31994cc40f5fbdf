"""TLS and SASL with a broker that demands them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from certificates import has_openssl, make_certificates

import kafka_server
from kafka_server import OwnKafka
from own_server import PATIENCE, free_port
from sllm_core.plugin import PluginError
from sllm_plugins.kafka.connection import KafkaConnection, existing_topics

PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},SASL://127.0.0.1:{sasl},TLS://127.0.0.1:{tls}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl},TLS://127.0.0.1:{tls}
controller.quorum.voters=1@127.0.0.1:{controller}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl.plain.sasl.jaas.config={modules}.plain.PlainLoginModule required user_kim="s3cret";
listener.name.sasl.scram-sha-512.sasl.jaas.config={modules}.scram.ScramLoginModule required;
listener.name.sasl.oauthbearer.sasl.jaas.config={modules}.oauthbearer.OAuthBearerLoginModule required \
unsecuredLoginStringClaim_sub="sllm";
ssl.keystore.type=PEM
ssl.keystore.location={keys}
"""
MODULES = "org.apache.kafka.common.security"
SCRAM = "SCRAM-SHA-512=[name=kim,password=s3cret]"


@dataclass(frozen=True)
class Secured:
    """The addresses of a broker: one that asks for a password, and one that speaks TLS with this authority."""

    sasl: str
    tls: str
    authority: Path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A running broker of the module's own."""
    home, java = os.environ.get("SLLM_KAFKA_HOME", ""), kafka_server.java_of()
    if not (home and java and has_openssl()):
        pytest.skip("needs a Kafka to start, and openssl: set SLLM_KAFKA_HOME to a folder with lib/*.jar")
    folder = tmp_path_factory.mktemp("secured")
    server, files = OwnKafka(Path(home), java, folder), make_certificates(folder)
    keys = folder / "keys.pem"
    keys.write_text(files.key.read_text() + files.chain.read_text())
    ports = {"port": server.port, "controller": free_port(), "sasl": free_port(), "tls": free_port()}
    _configure(server, PROPERTIES.format(**ports, modules=MODULES, keys=keys))
    try:
        server.start()
        yield Secured(f"127.0.0.1:{ports['sasl']}", f"127.0.0.1:{ports['tls']}", files.authority)
    finally:
        server.kill()


def _configure(server: OwnKafka, text: str) -> None:
    """The last of several values of a key holds; the user is made with the data."""
    properties = server.folder / "server.properties"
    properties.write_text(properties.read_text() + text)
    java = server.command[:-2]
    arguments = ["format", f"--cluster-id={kafka_server.cluster_id()}", "-c", str(properties), "--add-scram", SCRAM]
    subprocess.run([*java, "kafka.tools.StorageTool", *arguments], check=True, capture_output=True, timeout=PATIENCE)


def token(lifetime: float = 600) -> str:
    """One that nobody has signed, as Kafka takes it where nothing else is configured.

    Kafka rounds the times and refuses what was issued in the future, so that the present may be too late.
    """
    issued = time.time() - 60
    claims = {"sub": "sllm", "iat": issued, "exp": issued + lifetime}
    parts = ({"alg": "none"}, claims)
    return "".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") + "." for each in parts)


async def token_in_a_while() -> str:
    await asyncio.sleep(0)
    return token()


def expired_token() -> str:
    return token(lifetime=1)


def no_token() -> str:
    raise LookupError("the vault is shut")


def reach(**options: object) -> None:
    connection = KafkaConnection.model_validate(options)
    asyncio.run(_existing(connection))


async def _existing(connection: KafkaConnection) -> None:
    await existing_topics(connection, "kafka")


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_password_opens(secured: Secured, mechanism: str) -> None:
    reach(bootstrap_servers=secured.sasl, sasl_mechanism=mechanism, username="kim", password="s3cret")


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_wrong_password_is_told_without_it(secured: Secured, mechanism: str) -> None:
    with pytest.raises(PluginError, match=r"does not let this client in \(.*\); correct username and pas") as raised:
        reach(bootstrap_servers=secured.sasl, sasl_mechanism=mechanism, username="kim", password="gu3ss")
    assert "gu3ss" not in str(raised.value)


def test_a_mechanism_that_the_server_does_not_offer_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match="does not offer SCRAM-SHA-256; correct sasl_mechanism"):
        reach(bootstrap_servers=secured.sasl, sasl_mechanism="SCRAM-SHA-256", username="kim", password="s3cret")


def test_a_missing_password_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match="if it wants a password, set sasl_mechanism"):
        reach(bootstrap_servers=secured.sasl)


@pytest.mark.parametrize("function", ["token", "token_in_a_while"])
def test_a_token_opens(secured: Secured, function: str) -> None:
    reach(bootstrap_servers=secured.sasl, sasl_mechanism="OAUTHBEARER", token=f"{__name__}:{function}")


def test_a_token_that_is_refused_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match=r"it refuses the token .* correct token in \[plugins.kafka\]"):
        reach(bootstrap_servers=secured.sasl, sasl_mechanism="OAUTHBEARER", token=f"{__name__}:expired_token")


def test_a_function_without_a_token_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match=r"no_token: LookupError: the vault is shut"):
        reach(bootstrap_servers=secured.sasl, sasl_mechanism="OAUTHBEARER", token=f"{__name__}:no_token")


def test_a_function_that_is_not_there_is_told() -> None:
    with pytest.raises(PluginError, match="No module named 'acme'; name module:function"):
        reach(sasl_mechanism="OAUTHBEARER", token="acme:token")


def test_tls_with_the_authority(secured: Secured) -> None:
    reach(bootstrap_servers=secured.tls, tls=True, ca_file=secured.authority)


def test_a_certificate_that_is_not_trusted_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match=r"its certificate is not trusted \(.*\); set ca_file"):
        reach(bootstrap_servers=secured.tls, tls=True)


def test_tls_that_is_not_expected_is_told(secured: Secured) -> None:
    with pytest.raises(PluginError, match="if it speaks TLS, set tls = true"):
        reach(bootstrap_servers=secured.tls)
