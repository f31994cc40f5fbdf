"""Where messages go: addresses in Apprise's notation, made into what can be sent to."""

from __future__ import annotations

import logging
import re
import socket
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, Protocol

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from apprise import NotifyBase
    from pydantic import SecretStr

Form = Literal["text", "markdown"]
"""How a message is written."""

Tone = Literal["failure", "warning", "success", "info"]
"""What a message is about, as Apprise colours it."""

SERVICES = "https://appriseit.com/services/"
MAIL, REACH = "E-Mail", 3.0
WEB, WEB_PORTS = ("JSON", "XML", "Form"), (80, 443)
"""Services of which the port is that of the web where the address names none."""

_HOST = re.compile(r"localhost|[\w-]+(\.[\w-]+)+|[0-9a-f:]*:[0-9a-f:]+", re.IGNORECASE)
_SCHEME = re.compile(r"\s*([a-z][\w+.-]{1,20})://", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A message as a target gets it."""

    title: str
    body: str
    tone: Tone = "info"


class Target(Protocol):
    """What messages can be sent to.

    `number` is its place in the configuration, from 1; `kind` and `host` tell what it is without what is secret;
    `fingerprint` stays the same as long as the address does; `form` is how it wants messages, `limit` how many
    characters it takes.
    """

    number: int
    kind: str
    host: str
    fingerprint: str
    form: Form
    limit: int

    def send(self, text: Text) -> str:
        """Send a message, which may take long; why it could not be, in a few words; "" if it was."""
        ...

    def reach(self) -> str:
        """Why the host cannot be reached, in a few words; "" if it can, or if that is not known without a message."""
        ...


@dataclass
class AppriseTarget:
    """A target that Apprise reaches; `secrets` are the parts of its address that must not be shown."""

    number: int
    kind: str
    host: str
    fingerprint: str
    form: Form
    limit: int
    server: NotifyBase
    secrets: tuple[str, ...]

    def send(self, text: Text) -> str:
        """Send a message, at most once; why it could not be, "" if it was."""
        from apprise import Apprise, NotifyFormat

        reasons = _Reasons()
        self.server.logger = _private(reasons)
        form = NotifyFormat.MARKDOWN if self.form == "markdown" else NotifyFormat.TEXT
        try:
            taken = Apprise([self.server]).notify(text.body, text.title, notify_type=text.tone, body_format=form)
        except Exception as error:  # what a service's code or a library raises, of which the text may hold the address
            return type(error).__name__
        return "" if taken else self._shown(reasons.last or "it was not taken")

    def reach(self) -> str:
        """Connect to the host, where the address names one and no proxy is in between."""
        from urllib.request import getproxies

        host = getattr(self.server, "smtp_host", "") or self.server.host
        port = self.server.port or (WEB_PORTS[bool(self.server.secure)] if self.kind in WEB else 0)
        if not (self.host and port) or (getproxies() and self.kind != MAIL):
            return ""
        try:
            socket.create_connection((host, int(port)), REACH).close()
        except OSError as error:
            return f"cannot be reached: {error.strerror or error}"
        return ""

    def _shown(self, reason: str) -> str:
        for secret in self.secrets:
            reason = reason.replace(secret, "***")
        return " ".join(reason.split())[:200].rstrip(".")


def targets(addresses: Sequence[SecretStr]) -> list[AppriseTarget]:
    """The targets with these addresses.

    Raises:
        PluginError: Apprise cannot use some of the addresses; the message names these by their numbers and schemes.
    """
    texts = [each.get_secret_value().strip() for each in addresses]
    found = [_target(number, text) for number, text in enumerate(texts, 1)]
    wrong = [_wrong(number, texts[number - 1]) for number, target in enumerate(found, 1) if target is None]
    wrong += [f"number {place + 1} is the same as number {texts.index(text) + 1}" for place, text in _doubles(texts)]
    if wrong:
        raise PluginError(f"targets: {'; '.join(wrong)}; {SERVICES} shows how each service is written")
    return [target for target in found if target is not None]


def fingerprint(address: str) -> str:
    """What a target is known by; the address cannot be had from it."""
    return blake2b(address.encode(errors="surrogatepass"), digest_size=16, person=b"alerts").hexdigest()


def _target(number: int, address: str) -> AppriseTarget | None:
    from apprise import Apprise, AppriseAsset, NotifyFormat, OverflowMode

    asset = AppriseAsset(
        app_id="sllm", app_desc="sllm", image_url_mask="", image_url_logo="", http_redirects=False, async_mode=False
    )
    with _silence():
        server = Apprise.instantiate(address, asset=asset)
    if server is None:
        return None
    if "overflow=" not in address:
        server.overflow_mode = OverflowMode.TRUNCATE
    return AppriseTarget(
        number,
        str(server.service_name),
        _host(server),
        fingerprint(address),
        "markdown" if server.notify_format == NotifyFormat.MARKDOWN else "text",
        server.body_maxlen,
        server,
        _secrets(address, _host(server)),
    )


def _doubles(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((place, text) for place, text in enumerate(texts) if text in texts[:place])


def _host(server: NotifyBase) -> str:
    """The host, where the address has one; of other services a key stands in its place."""
    host = str(getattr(server, "host", None) or "")
    if "host" not in server.template_tokens or not _HOST.fullmatch(host):
        return ""
    return f"{host}:{server.port}" if server.port else host


def _secrets(address: str, host: str) -> tuple[str, ...]:
    rest = _SCHEME.sub("", address)
    parts = {each for each in re.split(r"[/:@?&=#,;+\s]", rest) if len(each) > 3 and each not in host}
    return tuple(sorted(parts, key=len, reverse=True))


def _wrong(number: int, address: str) -> str:
    scheme = _SCHEME.match(address)
    if scheme is None:
        return f"number {number} is no address: it has no scheme such as slack:// or mailto://"
    return f"number {number} ({scheme[1].lower()}://…) is none that Apprise can use"


class _Reasons(logging.Handler):
    """Keeps the last thing that a service's code has complained of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()


def _private(handler: logging.Handler) -> logging.Logger:
    """A logger beside those of the process: what services log of their requests has keys in it."""
    logger = logging.Logger("sllm.alerts.target", logging.WARNING)
    logger.addHandler(handler)
    return logger


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps Apprise from logging an address that it cannot use, as far as this thread goes, and from warning of itself.

    It loads all services when the first address is read, some of which import what Python will not have for ever.
    """
    thread = threading.get_ident()

    def elsewhere(_: logging.LogRecord) -> bool:
        return threading.get_ident() != thread

    logger = logging.getLogger("apprise")
    logger.addFilter(elsewhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.removeFilter(elsewhere)
