"""Certificates for tests, made by the program openssl: an authority, and a server of this machine that it knows."""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form; `chain` has the server's certificate and then that of its authority."""

    authority: Path
    chain: Path
    key: Path

    @property
    def served(self) -> tuple[str, str]:
        """What a server is given."""
        return str(self.chain), str(self.key)

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of the server's certificate, and of the authority's."""
        texts = self.chain.read_text().split("-----END CERTIFICATE-----")[:2]
        ders = [ssl.PEM_cert_to_DER_cert(f"{text.strip()}\n-----END CERTIFICATE-----\n") for text in texts]
        first, second = (hashlib.sha256(each).hexdigest() for each in ders)
        return first, second


def has_openssl() -> bool:
    return shutil.which("openssl") is not None


def make_certificates(folder: Path, names: str = NAMES) -> Certificates:
    """A new authority and a certificate for these names."""
    authority, authority_key, key = folder / "ca.pem", folder / "ca.key", folder / "server.key"
    request, signed, extensions = folder / "server.csr", folder / "server.pem", folder / "names"
    extensions.write_text(names)
    new = ["-newkey", "rsa:2048", "-nodes"]
    may_sign = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]  # without, Python 3.13 does not trust it
    made = ["-keyout", authority_key, "-out", authority, "-days", "2", "-subj", "/CN=test-ca"]
    _openssl("req", "-x509", *new, *made, *may_sign)
    _openssl("req", *new, "-keyout", key, "-out", request, "-subj", "/CN=test-server")
    signing = ["-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-extfile", extensions]
    _openssl("x509", "-req", "-in", request, *signing, "-out", signed, "-days", "2")
    chain = folder / "chain.pem"
    chain.write_text(signed.read_text() + authority.read_text())
    return Certificates(authority, chain, key)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=120)
