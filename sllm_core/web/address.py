"""Where the service listens, and whether others than this machine can reach it there."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from sllm_core.plugin import PluginError

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""What this machine calls itself in the header `Host`."""


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_reach(host: str, keys: int) -> None:
    """See that strangers need a key.

    Raises:
        PluginError: others can reach the address, and there is no key.
    """
    if not keys and not is_loopback(host):
        raise PluginError(
            f"[service] host: {host} can be reached by others and there is no API key; "
            "make one with `sllm key create NAME --scope analyze`, or listen on 127.0.0.1"
        )


def bind(host: str, port: int) -> socket.socket:
    """A socket at the address, which does not listen yet.

    Raises:
        PluginError: the address is in use, or none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PluginError(f"[service] host: {host} is no address of this machine: {error.strerror or error}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        remedy = "choose another with --port or [service] port"
        raise PluginError(f"{host} port {port} cannot be used: {error.strerror or error}; {remedy}") from error
    return bound


def url(bound: socket.socket) -> str:
    """The address of a bound socket for people and browsers."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
