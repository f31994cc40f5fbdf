"""What the errors of the client mean: whether waiting helps, and what to say on one line."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from elasticsearch import ApiError

    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection

AGAIN = frozenset({408, 429, 502, 503, 504})
"""Statuses after which the same request may succeed."""

SAID = 240
"""How many characters of what a server says are told."""


def is_away(error: BaseException) -> bool:
    """Whether the same request may succeed later without anybody changing a setting: no connection, overload, or a
    proxy that answers for a server that is away."""
    from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, SerializationError

    if isinstance(error, ApiError):
        return error.meta.status in AGAIN or _is_of_another(error)
    if isinstance(error, ConnectionError | ConnectionTimeout | TimeoutError):
        return not mistrusts(error)
    return isinstance(error, SerializationError)


def _is_of_another(error: ApiError) -> bool:
    """Whether something before the server answers in its place, such as a proxy."""
    return "x-elastic-product" not in error.meta.headers and error.meta.status not in (401, 403)


def mistrusts(error: BaseException) -> bool:
    """Whether a certificate is refused."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in causes(error))


def explained(error: BaseException, connection: ElasticsearchConnection, name: str) -> PluginError:
    """What an error says, on one line with its remedy.

    Args:
        name: the section of config.toml that has the connection.
    """
    from elasticsearch import ApiError, SerializationError, UnsupportedProductError

    where, section = f"{name}: {connection.address}", f"[plugins.{name}]"
    if isinstance(error, UnsupportedProductError | SerializationError):
        return PluginError(_another(where, section))
    if isinstance(error, ApiError):
        return PluginError(_refused(error, connection, where, section))
    return PluginError(_unreached(error, connection, where, section))


def _refused(error: ApiError, connection: ElasticsearchConnection, where: str, section: str) -> str:
    status, told = error.meta.status, said(error)
    if is_wrong_major(error):
        if connection.server_major == 9:
            return f"{where}: the server is of another major version than 9; set server_major = 8 in {section}"
        return f"{where}: the server is neither of version 8 nor 9; sllm needs one of them, named in {section}"
    if status == 401:
        given = "api_key" if connection.api_key.get_secret_value() else "user and password"
        what = (
            f"is refused; correct {given}"
            if connection.authenticates
            else "is demanded; set api_key, or user and password,"
        )
        return f"{where}: the credential {what} in {section}"
    if status == 403:
        return f"{where}: not allowed: {told}; give the key or user in {section} that right"
    if _is_of_another(error) and status not in AGAIN:
        return _another(where, section)
    return f"{where}: status {status}: {told}"


def _another(where: str, section: str) -> str:
    return f"{where}: what answers there is not Elasticsearch; correct host and port, or url, in {section}"


def _unreached(error: BaseException, connection: ElasticsearchConnection, where: str, section: str) -> str:
    found = list(causes(error))
    words = " ".join(map(str, found))
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in found):
        return f"{where}: {_mistrust(words)} in {section}"
    if "WRONG_VERSION_NUMBER" in words or "record layer failure" in words.lower():
        return f"{where}: the server does not speak TLS; write http:// for https:// in {section} url"
    if any(isinstance(each, ssl.SSLError) for each in found):
        return f"{where}: no TLS connection: {_short(words)}; compare https:// and http:// in {section} url"
    if any(isinstance(each, socket.gaierror) for each in found):
        return f"{where}: no such host; correct {_setting(connection)} in {section}"
    if any(isinstance(each, ConnectionRefusedError) for each in found):
        return f"{where}: nothing listens there; start Elasticsearch, or correct {_setting(connection)} in {section}"
    hung_up = "disconnected" in words.lower() or any(isinstance(each, ConnectionResetError) for each in found)
    if hung_up and connection.address.startswith("http:"):
        remedy = 'set url = "https://..." and fingerprint or ca_file'
        return f"{where}: the server hung up; if it speaks TLS, {remedy} in {section}"
    if any(isinstance(each, TimeoutError) for each in found) or "timed out" in words.lower():
        remedy = f"see whether a firewall stands between, and correct {_setting(connection)} in {section}"
        return f"{where}: no answer in time; {remedy}"
    return f"{where}: no connection: {_short(words)}; correct {_setting(connection)} in {section}"


def _mistrust(words: str) -> str:
    if "fingerprint mismatch" in words:
        return f"the certificate is another one: {_short(words)}; if that one is right, set fingerprint to it"
    if "Hostname mismatch" in words or "IP address mismatch" in words:
        return "the certificate is for another name; write the name that stands in it"
    if "expired" in words:
        return "the certificate has expired; renew it on the server, or trust it by its fingerprint"
    return "the certificate is signed by an unknown authority; set ca_file or fingerprint"


def _setting(connection: ElasticsearchConnection) -> str:
    return "url" if connection.url else "host and port"


def is_wrong_major(error: BaseException) -> bool:
    """Whether the server refuses the version of the API."""
    return "media_type_header_exception" in str(getattr(error, "body", ""))


def said(error: ApiError) -> str:
    """What the server says about an error, on one line."""
    body = error.body
    found = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(found, dict):
        causes = found.get("root_cause") or [found]
        found = causes[0].get("reason") or found.get("reason") or found.get("type") or found
    return _short(str(found))


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that is behind it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [cause for cause in getattr(each, "errors", ()) if isinstance(cause, BaseException)]
        waiting += [*inner, each.__cause__, each.__context__, getattr(each, "os_error", None)]


def _short(text: str) -> str:
    return " ".join(text.split())[:SAID]
