"""Messages in Korean and English, as plain text or Markdown, from templates."""

from __future__ import annotations

import logging
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sllm_core.summaries.language import number, particle, plural

from .ledger import Message, Old
from .notice import CRITICAL, WARNING, Notice
from .targets import Form, Text, Tone
from .templates import built_in, compiled, mistake, own_templates

if TYPE_CHECKING:
    from jinja2 import Template

TITLE = 120
"""Characters of a title."""

PLACES = 3
"""How many services or shards are named."""

MARKS = MappingProxyType({CRITICAL: "🔴", WARNING: "🟠"})


class Writer:
    """Writes messages in a language (en or ko), times in a zone.

    Args:
        own: a TOML file whose `title` and `body` stand in the place of ours.
        section: whose file that is, for what is said about mistakes in it.

    Raises:
        PluginError: the file cannot be read, or is no such file; the message says where.
    """

    def __init__(self, language: str, zone: tzinfo, own: Path | None = None, section: str = "alerts") -> None:
        self._zone = zone
        self._templates = self._built_in = compiled(tomllib.loads(built_in(language)))
        if own is not None:
            self._templates = {**self._built_in, **own_templates(own, section)}
            self._try(own, section)

    def write(self, message: Message, form: Form, limit: int, brief: bool = False) -> Text:
        """The message in at most `limit` characters, as far as one entry fits; what does not is counted."""
        try:
            return self._fitted(self._templates, message, form, limit, brief)
        except Exception as error:  # a template of the user's may fail over a message that it was not tried with
            if self._templates is self._built_in:
                raise
            reason = f"{type(error).__name__}: {error}"
            logging.getLogger("sllm.alerts").warning("a template failed; ours was used", extra={"reason": reason})
            return self._fitted(self._built_in, message, form, limit, brief)

    def _fitted(self, templates: Mapping[str, Template], message: Message, form: Form, limit: int, brief: bool) -> Text:
        for shorter, is_brief in _sizes(message, brief):
            text = self._text(templates, shorter, form, is_brief)
            if len(text.title) + len(text.body) + 2 <= limit:
                break
        return text

    def _text(self, templates: Mapping[str, Template], message: Message, form: Form, brief: bool) -> Text:
        values = _values(message, brief) | self._words(message, form)
        title = " ".join(templates["title"].render(values).split())
        body = re.sub(r"\n{3,}", "\n\n", templates["body"].render(values)).strip()
        body = re.sub(r"(?<=[^\s])\n(?=[^\n])", "  \n", body) if form == "markdown" else body
        return Text(title if len(title) <= TITLE else f"{title[: TITLE - 1]}…", body or title, _tone(message))

    def _words(self, message: Message, form: Form) -> dict[str, Any]:
        times = _Times(self._zone, datetime.fromtimestamp(message.made, self._zone))
        words = {"number": number, "plural": plural, "particle": particle, "mark": _mark, "where": _where}
        return {"clock": times.clock, "span": times.span, **words, **_marks(form)}

    def _try(self, own: Path, section: str) -> None:
        try:
            for form in ("text", "markdown"):
                self._text(self._templates, sample(), "markdown" if form == "markdown" else "text", False)
        except Exception as error:  # whatever a template can raise
            raise mistake(section, own, f"{type(error).__name__}: {error}") from error


def sample(made: float = 1_767_240_000.0) -> Message:
    """A message with one entry of each kind, to try templates with."""
    notice = Notice(
        kind="alert",
        key="sample",
        severity=CRITICAL,
        since=made,
        id="0123456789abcdef0123456789abcdef",
        name="sample",
        source="sample",
        services=("sample",),
        shards=("sample",),
        first=made - 3600,
        last=made,
        count=42,
        usual=1.0,
        examples=("sample",),
    )
    over = replace(notice, kind="over", over=made)
    return Message(1, made, [notice, over, replace(notice, kind="withdrawn")], {WARNING: 2}, Old(made, 3), ["quiet"])


@dataclass(frozen=True)
class _Times:
    """How times are written in a message of a certain day."""

    zone: tzinfo
    made: datetime

    def clock(self, seconds: float) -> str:
        moment = datetime.fromtimestamp(seconds, self.zone)
        if moment.date() == self.made.date():
            return f"{moment:%H:%M}"
        return f"{moment:%m-%d %H:%M}" if moment.year == self.made.year else f"{moment:%Y-%m-%d %H:%M}"

    def span(self, first: float | None, last: float | None) -> str:
        if first is None or last is None:
            return ""
        begin, end = self.clock(first), self.clock(last)
        zone = f"{datetime.fromtimestamp(last, self.zone):%Z}"
        day = begin[:-5]
        return f"{begin} {zone}" if begin == end else f"{begin}–{end.removeprefix(day) if day else end} {zone}"


def _marks(form: Form) -> dict[str, Any]:
    if form == "markdown":
        return {"strong": lambda text: f"*{text}*", "code": lambda text: f"`{text}`"}
    return {"strong": str, "code": lambda text: f"“{text}”"}


def _values(message: Message, brief: bool) -> dict[str, Any]:
    kinds = {kind: [each for each in message.notices if each.kind == kind] for kind in ("alert", "over", "withdrawn")}
    severities = Counter(each.severity for each in kinds["alert"]) + Counter(message.more)
    return {
        "alerts": kinds["alert"],
        "overs": kinds["over"],
        "corrections": kinds["withdrawn"],
        "critical": severities[CRITICAL],
        "warnings": severities[WARNING],
        "more": Counter(message.more),
        "old": message.old,
        "held": message.held,
        "alone": len(message.notices) == 1 and not message.more,
        "made": message.made,
        "brief": brief,
    }


def _sizes(message: Message, brief: bool) -> Iterator[tuple[Message, bool]]:
    """The message, then with fewer and fewer entries, then with less about them."""
    counts = [count for count in (len(message.notices), 20, 10, 5, 3, 2, 1) if count <= len(message.notices)]
    for is_brief in (False, True)[brief:]:
        for count in counts:
            more = Counter(message.more) + Counter(
                each.severity for each in message.notices[count:] if each.kind == "alert"
            )
            yield replace(message, notices=message.notices[:count], more=dict(more)), is_brief
    if not counts:
        yield message, brief


def _tone(message: Message) -> Tone:
    severities = [each.severity for each in message.notices if each.kind == "alert"]
    if severities:
        return "failure" if max(severities) == CRITICAL else "warning"
    return "success" if message.notices else "info"


def _mark(notice: Notice) -> str:
    return MARKS.get(notice.severity, "")


def _where(notice: Notice, shards: str) -> str:
    """The services and the source; `shards` follows the number of its shards where there are too many to name."""
    several = [*notice.services[:PLACES], *(["…"] if len(notice.services) > PLACES else [])]
    few = ", ".join(notice.shards) if len(notice.shards) <= PLACES else ""
    place = notice.source if not notice.shards else f"{notice.source}: {few or f'{len(notice.shards)}{shards}'}"
    return f"{', '.join(several)} ({place})" if several else place
