"""Takes secrets and personal data out of texts, and says what stood there: `<password:1>`, `<email:2>`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sllm_core.redaction import private_keys
from sllm_core.redaction.allowed import Allowed
from sllm_core.redaction.assignments import assigned_secrets
from sllm_core.redaction.card_numbers import card_numbers
from sllm_core.redaction.client_addresses import client_addresses
from sllm_core.redaction.echoes import echoes
from sllm_core.redaction.email_addresses import email_addresses
from sllm_core.redaction.headers import header_secrets
from sllm_core.redaction.own_rules import OwnRule
from sllm_core.redaction.phone_numbers import phone_numbers
from sllm_core.redaction.phrases import spoken_secrets
from sllm_core.redaction.placeholders import KINDS, OPAQUE, Numbering, Placeholders
from sllm_core.redaction.resident_numbers import resident_numbers
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span, merged
from sllm_core.redaction.sql_values import inserted_secrets
from sllm_core.redaction.token_formats import known_formats
from sllm_core.redaction.urls import url_secrets

if TYPE_CHECKING:
    from sllm_core.settings.sections import RedactionSection

Recogniser = Callable[[Sight], Iterable[Span]]

ROUNDS = 8
"""How often a text is looked at again: a secret may show only when another one beside it is gone."""

CREDENTIALS: tuple[Recogniser, ...] = (
    known_formats,
    url_secrets,
    header_secrets,
    assigned_secrets,
    spoken_secrets,
    inserted_secrets,
)


class Redactor:
    """What is redacted: all kinds but those that are `off`; addresses of machines only if `client_addresses`.

    It holds no state: a text is redacted by itself. A `session` numbers its placeholders across texts.
    """

    def __init__(
        self,
        *,
        enabled: bool = True,
        off: Collection[str] = (),
        client_addresses: bool = False,
        allowed: Allowed | None = None,
        rules: Sequence[OwnRule] = (),
    ) -> None:
        self.enabled = enabled
        self._off = frozenset(off) | (frozenset() if client_addresses else {"address"})
        self._allowed = allowed or Allowed()
        self.placeholders = Placeholders([*KINDS, *(each.name for each in rules)])
        self._recognisers = tuple(self._chosen(rules))

    @classmethod
    def of(cls, section: RedactionSection) -> Redactor:
        """The redactor that [redaction] in config.toml asks for."""
        return cls(
            enabled=section.enabled,
            off=section.off,
            client_addresses=section.client_addresses,
            allowed=Allowed(section.allow, section.allow_patterns),
            rules=[OwnRule(each.name, each.pattern) for each in section.rules],
        )

    def redact(self, text: str) -> str:
        """The text with a placeholder for each secret; the same secret has the same one."""
        return self.session().redact(text)

    def session(self) -> Session:
        """Redacts texts one after the other, with the same placeholder for the same secret in all of them."""
        return Session(self)

    def find(self, text: str, goes_on: bool = False) -> list[tuple[Span, str]]:
        """Where secrets stand in the text, in order and apart, and what they are as a reader sees them.

        `goes_on`: a private key began in the text before and may go on here.
        """
        if not self.enabled or not text:
            return []
        sight = Sight(self.placeholders.veiled(text))
        spans = list(self._spans(sight, goes_on))
        spans = merged([*spans, *echoes(sight.text, spans)]) if spans else []
        return [
            (Span(*sight.written(each.start, each.end), each.kind), sight.text[each.start : each.end]) for each in spans
        ]

    def _spans(self, sight: Sight, goes_on: bool) -> Iterator[Span]:
        if goes_on and "key" not in self._off:
            yield from private_keys.continued(sight.text) or ()
        for recognise in self._recognisers:
            for span in recognise(sight):
                if span.kind not in self._off and not self._is_allowed(sight.text[span.start : span.end]):
                    yield from self._apart(span, sight.text)

    def _is_allowed(self, secret: str) -> bool:
        return bool(self._allowed) and secret in self._allowed

    def _apart(self, span: Span, text: str) -> Iterator[Span]:
        """The span, if it is more than a placeholder, and such that it cuts none."""
        start, end = self.placeholders.whole(span.start, span.end, text)
        if text[start:end].strip(f"<{OPAQUE}>"):
            yield Span(start, end, span.kind)

    def _chosen(self, rules: Sequence[OwnRule]) -> Iterator[Recogniser]:
        yield from (each.found for each in rules)
        if not self._off.issuperset(KINDS[:4]):
            yield lambda sight: private_keys.private_keys(sight.text)
            yield from CREDENTIALS
        personal = (email_addresses, resident_numbers, card_numbers, phone_numbers, client_addresses)
        yield from (
            each
            for kind, each in zip(("email", "resident", "card", "phone", "address"), personal, strict=True)
            if kind not in self._off
        )


class Session:
    """Redacts texts in order; a private key may begin in one of them and go on in the next."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._numbers = Numbering()
        self._goes_on = False

    @property
    def counts(self) -> Counter[str]:
        """How often each kind was replaced so far."""
        return self._numbers.counts

    def redact(self, text: str) -> str:
        """The text with a placeholder for each secret; a text that is redacted already stays as it is."""
        goes_on, self._goes_on = self._goes_on, self._open(text)
        for _ in range(ROUNDS):
            found = self._redactor.find(text, goes_on)
            if not found:
                break
            text = self._replaced(text, found)
        return text

    def _open(self, text: str) -> bool:
        """Whether a private key goes on behind the text."""
        if private_keys.is_open(text):
            return True
        return self._goes_on and private_keys.continued(text) is not None and "PRIVATE KEY" not in text

    def _replaced(self, text: str, found: Iterable[tuple[Span, str]]) -> str:
        self._numbers.keep_off(self._redactor.placeholders.numbers(text))
        parts: list[str] = []
        done = 0
        for span, secret in found:
            parts += (text[done : span.start], self._numbers.placeholder(span.kind, secret))
            done = span.end
        return "".join([*parts, text[done:]])
