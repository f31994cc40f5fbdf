"""How Kafka is reached: what the sections of its source, sink and commands have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from sllm_core.plugin import PluginConfig
from sllm_core.settings import EnvironmentName, PathInConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 249
"""Characters of a topic's name."""

_TOPIC = re.compile(r"[a-zA-Z0-9._-]+")
_SERVER = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?")

SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]


def validate_topic(name: str) -> str:
    """The name, if Kafka takes it for a topic. With any other, aiokafka waits for ever.

    Raises:
        ValueError: it is empty, too long, `.` or `..`, or has other signs than letters, digits, `.`, `_` and `-`.
    """
    if name in (".", "..") or not _TOPIC.fullmatch(name):
        raise ValueError("a topic's name has only the letters a to z and A to Z, digits, '.', '_' and '-'")
    if len(name) > LONGEST:
        raise ValueError(f"a topic's name has at most {LONGEST} characters")
    return name


def validate_servers(text: str) -> str:
    """The addresses, without blanks around them.

    Raises:
        ValueError: they are not host:port, with commas between.
    """
    servers = [each.strip() for each in text.split(",") if each.strip()]
    if not servers or not all(map(_SERVER.fullmatch, servers)):
        raise ValueError("write it as host:port, or host:port,host:port for several; no http:// before it")
    ports = [match[2] for each in servers if (match := _SERVER.fullmatch(each)) and match[2]]
    if not all(0 < int(port) < 1 << 16 for port in ports):
        raise ValueError("a port is a number from 1 to 65535")
    return ",".join(servers)


def validate_function(text: str) -> str:
    """The way to a function, as `module:function`.

    Raises:
        ValueError: it is written otherwise.
    """
    module, _, function = text.partition(":")
    if text and not (function.isidentifier() and all(each.isidentifier() for each in module.split("."))):
        raise ValueError("write it as module:function, such as acme.kafka:token")
    return text


TopicName = Annotated[str, AfterValidator(validate_topic)]
"""The name of a topic, in a section of config.toml."""


class KafkaConnection(PluginConfig):
    """The keys about the servers and the way to them, in every section that is about Kafka."""

    bootstrap_servers: Annotated[str, AfterValidator(validate_servers), EnvironmentName("KAFKA_BOOTSTRAP_SERVERS")] = (
        Field(default="localhost:29092", description="one or more servers, as host:port,host:port")
    )
    client_id: str = Field(default="sllm", min_length=1, description="how the servers name this client in their logs")
    tls: bool = Field(default=False, description="whether the servers speak TLS")
    ca_file: PathInConfig | None = Field(default=None, description="whom to trust (PEM); whom this machine trusts")
    cert_file: PathInConfig | None = Field(default=None, description="the certificate of this client (PEM)")
    key_file: PathInConfig | None = Field(default=None, description="its key (PEM), unless cert_file has it")
    key_password: SecretStr = Field(default=SecretStr(""), description="what the key is locked with")
    check_hostname: bool = Field(default=True, description="whether a certificate must be that of the host")
    sasl_mechanism: SaslMechanism | None = Field(default=None, description="how this client says who it is")
    username: str = Field(default="", description="for PLAIN and SCRAM")
    password: SecretStr = Field(default=SecretStr(""), description="for PLAIN and SCRAM")
    token: Annotated[str, AfterValidator(validate_function)] = Field(
        default="", description="for OAUTHBEARER: module:function that returns a token, plain or async"
    )

    @model_validator(mode="after")
    def _check_security(self) -> Self:
        if not self.tls and any((self.ca_file, self.cert_file, self.key_file)):
            raise ValueError("ca_file, cert_file and key_file need tls = true")
        if self.key_file and not self.cert_file:
            raise ValueError("key_file needs cert_file")
        if self.sasl_mechanism is None and (self.username or self.password.get_secret_value() or self.token):
            raise ValueError("username, password and token need sasl_mechanism, such as SCRAM-SHA-512")
        if self.sasl_mechanism == "OAUTHBEARER" and not self.token:
            raise ValueError("OAUTHBEARER needs token, as module:function")
        known = self.username and self.password.get_secret_value()
        if self.sasl_mechanism not in (None, "OAUTHBEARER") and not known:
            raise ValueError(f"{self.sasl_mechanism} needs username and password")
        return self

    @property
    def security_protocol(self) -> str:
        """As Kafka's documentation names it: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        transport = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{transport}" if self.sasl_mechanism else transport

    def client_options(self) -> dict[str, Any]:
        """What every client of aiokafka takes: where the servers are, and how this client says who it is.

        Raises:
            PluginError: a file or the function of a token cannot be used.
        """
        from .security import security_options

        return {"bootstrap_servers": self.bootstrap_servers, "client_id": self.client_id, **security_options(self)}


async def existing_topics(connection: KafkaConnection, section: str) -> Mapping[str, int]:
    """How many partitions each topic has, by name, without those that Kafka keeps for itself. Creates none.

    Raises:
        PluginError: the servers cannot be reached.
    """
    from .reaching import administration
    from .topics import topic_partitions

    async with administration(connection, section) as admin:
        return await topic_partitions(admin)
