"""Where a model server is: addresses that mean what they say, and the way there."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+@")
_ENDPOINT = re.compile(r"/(?:api|v1)(?:/.*)?$")


def server_url(text: str) -> str:
    """The address of an Ollama server, without a slash at its end.

    Raises:
        ValueError: it is not http(s)://host:port. The client would read myhost or ftp://myhost:1 as this machine, and
            http://myhost as port 80.
    """
    parts = _split(text)
    if parts.scheme == "http" and parts.port is None:
        raise ValueError(f"write it with its port, such as http://{parts.hostname}:11434")
    if _ENDPOINT.search(parts.path):
        raise ValueError(f"leave the path of the API out: {_ENDPOINT.sub('', text.strip())}")
    return text.strip().rstrip("/")


def base_url(text: str) -> str:
    """The address of an OpenAI-compatible API, which usually ends with /v1, without a slash at its end.

    Raises:
        ValueError: it is no http(s) URL with a host.
    """
    _split(text)
    return text.strip().rstrip("/")


def shown(url: str) -> str:
    """The address as it may be shown: without its password."""
    return _PASSWORD.sub(r"\1:***@", url)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address; none for this machine and what NO_PROXY lists."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_local(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def is_local(host: str) -> bool:
    """Whether a host is this machine by its name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost")


def _split(text: str) -> SplitResult:
    example = "write it as http://host:port, such as http://localhost:11434"
    try:
        parts = urlsplit(text.strip())
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(f"this is no address; {example}") from None
    if not whole or re.search(r"\s", text.strip()):
        raise ValueError(f"this is no address; {example}")
    if parts.query or parts.fragment:
        raise ValueError("an address has no ? and no #; leave them out")
    return parts


ServerUrl = Annotated[str, AfterValidator(server_url)]
"""The address of an Ollama server: http(s)://host:port."""

BaseUrl = Annotated[str, AfterValidator(base_url)]
"""The address of an OpenAI-compatible API: http(s)://host:port/v1."""
