"""Which Elasticsearch, as whom, and with what trust: settings that source and sink share, and the client of them."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from sllm_core.plugin import PluginConfig
from sllm_core.settings import Duration, EnvironmentName, PathInConfig

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

TALKATIVE = ("elastic_transport.transport", "elastic_transport.node", "elastic_transport.node_pool")
"""Loggers of the client that tell of every request and every retry; what matters of it sllm says itself."""

STATUSES = (429, 502, 503, 504)
"""Answers after which the client asks again by itself."""


def _address(text: str) -> str:
    """The address of a node, with its port.

    Raises:
        ValueError: it is not http(s)://host:port.
    """
    example = "write it as https://host:port, such as http://localhost:9200"
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(f"this is no address; {example}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"this is no address; {example}")
    if parts.username or parts.password:
        raise ValueError("leave name and password out of the address; set user and password, or api_key")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port or 9200}{parts.path.rstrip('/')}"


def _fingerprint(text: str) -> str:
    """The digits of a SHA-256 fingerprint, in lower case and without colons.

    Raises:
        ValueError: it is none.
    """
    digits = text.strip().replace(":", "").lower()
    if digits and not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("a fingerprint is the SHA-256 of a certificate: 64 hexadecimal digits, colons are allowed")
    return digits


Address = Annotated[str, AfterValidator(_address)]
"""The address of a node: http(s)://host:port."""


class ElasticsearchConnection(PluginConfig):
    """How a section of config.toml says which Elasticsearch it means.

    Either `host` and `port`, or `url`. With `ca_file` or `fingerprint`, `host` is asked over TLS.
    """

    host: Annotated[str, Field(min_length=1), EnvironmentName("ELASTICSEARCH_HOST")] = Field(
        default="localhost", description="the host, or its address as http(s)://host:port"
    )
    port: Annotated[int, Field(ge=1, le=65535), EnvironmentName("ELASTICSEARCH_PORT")] = 9200
    url: Annotated[tuple[Address, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = (
        Field(default=(), description="addresses of nodes of one cluster, in place of host and port")
    )
    api_key: Annotated[SecretStr, EnvironmentName("ELASTICSEARCH_API_KEY")] = Field(
        default=SecretStr(""), description="an API key, encoded as Kibana shows it, or as id:key"
    )
    user: Annotated[str, EnvironmentName("ELASTICSEARCH_USERNAME")] = ""
    password: Annotated[SecretStr, EnvironmentName("ELASTICSEARCH_PASSWORD")] = SecretStr("")
    ca_file: PathInConfig | None = Field(default=None, description="certificates (PEM) of the authority to trust")
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] = Field(
        default="", description="SHA-256 of the server's certificate, or of its authority's, to trust that one alone"
    )
    verify: bool = Field(
        default=True, description="false: trust any certificate, so that anyone may pose as the server"
    )
    server_major: Literal[8, 9] = Field(default=9, description="the major version of the server")
    request_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(minutes=15))] = timedelta(seconds=30)
    retries: int = Field(default=2, ge=0, le=20, description="how often a request is sent again before it has failed")

    @model_validator(mode="after")
    def _consistent(self) -> ElasticsearchConnection:
        if self.api_key.get_secret_value() and self.user:
            raise ValueError("api_key and user are both set; leave one of them out")
        if bool(self.user) != bool(self.password.get_secret_value()):
            raise ValueError("user and password belong together; set both, or neither")
        if self.fingerprint and self.ca_file:
            raise ValueError("fingerprint and ca_file are both set; leave one of them out")
        if "://" in self.host:
            _address(self.host)
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of all nodes, as http(s)://host:port."""
        if self.url:
            return self.url
        if "://" in self.host:
            port = "" if urlsplit(self.host).port else f":{self.port}"
            return (_address(self.host.rstrip("/") + port),)
        scheme = "https" if self.ca_file or self.fingerprint else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (f"{scheme}://{host}:{self.port}",)

    @property
    def authenticates(self) -> bool:
        """Whether a key, or a user, is set."""
        return bool(self.api_key.get_secret_value() or self.user)

    @property
    def address(self) -> str:
        """What is shown of it: no passwords."""
        return ", ".join(self.addresses)

    def client(self) -> AsyncElasticsearch:
        """A client of its own, which the caller closes. Nothing is sent before it is asked something.

        Raises:
            PluginError: `ca_file` cannot be read.
        """
        from elasticsearch import AsyncElasticsearch, OrjsonSerializer

        from sllm_plugins.elasticsearch.node import node_class

        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.ERROR)
        return AsyncElasticsearch(
            list(self.addresses),
            node_class=node_class(self.server_major, self.fingerprint),
            serializers={OrjsonSerializer.mimetype: OrjsonSerializer()},
            request_timeout=self.request_timeout.total_seconds(),
            max_retries=self.retries,
            retry_on_status=STATUSES,
            retry_backoff_base=0.2,
            retry_backoff_cap=5.0,
            http_compress=not all(map(_is_local, self.addresses)),
            **self._credentials(),
            **self._trust(),
        )

    def _credentials(self) -> dict[str, Any]:
        key = self.api_key.get_secret_value().strip()
        if key:
            identity, colon, secret = key.partition(":")
            return {"api_key": (identity, secret) if colon else key}
        return {"basic_auth": (self.user, self.password.get_secret_value())} if self.user else {}

    def _trust(self) -> dict[str, Any]:
        if not any(each.startswith("https:") for each in self.addresses):
            return {}
        from sllm_plugins.elasticsearch.trust import check_authority

        trusted = self.verify and not self.fingerprint
        if self.ca_file and trusted:
            check_authority(self.ca_file)
            return {"ca_certs": str(self.ca_file), "verify_certs": True, "ssl_show_warn": False}
        return {"verify_certs": trusted, "ssl_show_warn": False}


def _is_local(address: str) -> bool:
    """Whether compression would only cost time."""
    return urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")
