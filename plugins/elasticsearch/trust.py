"""Trust in one certificate by its fingerprint: the server's own, or that of the authority that signed it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sllm_core.plugin import PluginError

CONNECT = 10.0
"""Seconds that a server has for the handshake in which it shows its certificates."""


def check_authority(path: Path) -> None:
    """That the file holds certificates.

    Raises:
        PluginError
    """
    try:
        ssl.create_default_context().load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        told = (
            error.strerror if error.strerror and not isinstance(error, ssl.SSLError) else "no certificate in PEM form"
        )
        raise PluginError(
            f"ca_file {path}: {told}; name the certificate of the authority, such as http_ca.crt"
        ) from error


async def pinned_context(host: str, port: int, fingerprint: str) -> ssl.SSLContext:
    """A context that trusts the certificate with this fingerprint, which the server must show, and no other.

    The name in the certificate is checked unless it is the pinned one itself. aiohttp compares fingerprints with the
    server's own certificate only, but what Elasticsearch prints at its first start is that of its authority.

    Raises:
        ssl.SSLCertVerificationError: the server shows no such certificate.
        OSError: it cannot be reached.
    """
    async with asyncio.timeout(CONNECT):
        chain = await _shown_chain(host, port)
    prints = [hashlib.sha256(each).hexdigest() for each in chain]
    if fingerprint not in prints:
        raise ssl.SSLCertVerificationError(f"fingerprint mismatch: the server shows {', '.join(prints)}")
    pinned = prints.index(fingerprint)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = pinned > 0
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(chain[pinned]))
    return context


async def _shown_chain(host: str, port: int) -> list[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        return list(_certificates(writer.get_extra_info("ssl_object")))
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


def _certificates(connection: ssl.SSLObject) -> Iterable[bytes]:
    """The certificates in DER form, the server's own first; before Python 3.13 only an inner object tells the rest."""
    inner: Any = connection if hasattr(connection, "get_unverified_chain") else getattr(connection, "_sslobj", None)
    shown = inner.get_unverified_chain() if hasattr(inner, "get_unverified_chain") else None
    own = connection.getpeercert(binary_form=True)
    found = [each if isinstance(each, bytes) else ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in shown or ()]
    return found or ([own] if own else [])
