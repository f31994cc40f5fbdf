"""`sllm redact`: shows line by line what is taken out before a model or anyone else gets the text."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from io import BufferedReader, RawIOBase
from itertools import count as count_from
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from sllm_core.cli.inputs import STDIN, Inputs, check_paths
from sllm_core.cli.terminal import is_coloured

if TYPE_CHECKING:
    from sllm_core.redaction import Redactor, Session


@dataclass(frozen=True)
class Line:
    """A line without its end, as it was and as it is; `number` is from 1."""

    file: str
    number: int
    before: str
    after: str
    end: str
    replaced: Counter[str]


@dataclass
class View:
    """How lines are shown: as text or JSON, all or only those that changed, also as they were or not."""

    form: str
    changed: bool
    before: bool
    several: bool
    redactor: Redactor
    coloured: bool = field(default_factory=is_coloured)
    terminal: bool = field(default_factory=lambda: sys.stdout.isatty())

    def text_of(self, line: Line) -> str:
        """What is written of the line, with its end."""
        if self.changed and line.before == line.after:
            return ""
        if self.form == "json":
            return self._json(line)
        if not self.changed:
            return self._shown(line.after) + line.end
        place = f"{line.file}:{line.number}" if self.several else f"{line.number}"
        if self.before:
            return f"{place}\n- {self._safe(line.before)}\n+ {self._shown(line.after)}\n"
        return f"{place}: {self._shown(line.after)}\n"

    def _json(self, line: Line) -> str:
        before = {"before": line.before} if self.before else {}
        data = {"file": line.file, "line": line.number, **before, "text": line.after, "replaced": dict(line.replaced)}
        return json.dumps(data, ensure_ascii=False) + "\n"

    def _shown(self, text: str) -> str:
        if not self.coloured:
            return self._safe(text)
        return self.redactor.placeholders.marked(
            self._safe(text), lambda each: click.style(each, fg="yellow", bold=True)
        )

    def _safe(self, text: str) -> str:
        """On a terminal, without what would drive it; its indentation stays."""
        if not self.terminal:
            return text
        from sllm_core.report.plain import plain

        return text[: len(text) - len(text.lstrip(" \t"))] + plain(text, None)


@click.command("redact", short_help="Show what is taken out of log lines before anyone else gets them.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, callback=check_paths)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take [redaction] from this file.  [default: all kinds but addresses of machines]",
)
@click.option("--diff", "changed", is_flag=True, help="Only the lines that change, with their numbers.")
@click.option("--show", is_flag=True, help="These also as they were, with the secrets in them.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(paths: tuple[str, ...], config: Path | None, changed: bool, show: bool, form: str) -> int:
    """Take secrets and personal data out of log lines, as is done before a model gets them.

    PATH is a file (plain, gzip, bzip2 or zstd), a folder, a pattern such as 'logs/*.log', a pipe, or - for standard
    input, which is read if there is none. In the place of a secret stands its kind and a number, which is the same for
    the same secret: <password:1>, <email:2>. A summary is written to standard error.

    \b
    With --format json each line is an object: file, line, text, replaced (how many of which
    kind) and, with --show, before.

    \b
    Exit codes: 0 done; 1 it could not be written; 2 wrong usage or configuration,
    or no such file; 3 done, but a file could not be read to its end.
    """
    from sllm_core.redaction import Redactor
    from sllm_core.settings import load_settings, settings_from

    inputs = Inputs(paths or (STDIN,))
    settings = load_settings(config) if config else settings_from({})
    redactor = Redactor.of(settings.redaction)
    return _redact(inputs, View(form, changed or show, show, inputs.several, redactor))


def _redact(inputs: Inputs, view: View) -> int:
    from sllm_core.plugin import PluginError

    session, count, code = view.redactor.session(), Counter[str](), 0
    for name, opened in _streams(inputs):
        try:
            with opened() as stream:
                for lines in _redacted(name, stream, session):
                    _write(lines, view, count)
        except PluginError as error:
            click.echo(f"sllm: {error}", err=True)
            code = 3
    click.echo(f"sllm: {_summary(count, session.counts)}", err=True)
    return code


def _streams(inputs: Inputs) -> Iterator[tuple[str, Callable[[], AbstractContextManager[BinaryIO]]]]:
    from sllm_core.plugin import PluginError
    from sllm_core.reading.files import open_bytes

    files = inputs.files()
    if STDIN in inputs.paths:
        if sys.stdin is None:
            raise PluginError("standard input is closed; pipe logs into it, or name a file")
        if sys.stdin.isatty():
            click.echo("sllm: reading what is typed here; Ctrl-D at the beginning of a line ends it", err=True)
        yield "stdin", lambda: nullcontext(sys.stdin.buffer)
    for path in files:
        yield str(path), partial(open_bytes, path)


def _redacted(name: str, stream: BinaryIO, session: Session) -> Iterator[list[Line]]:
    from sllm_core.reading.text_lines import text_lines

    buffered = stream if isinstance(stream, BufferedReader) else BufferedReader(cast(RawIOBase, stream), 1 << 20)
    numbers = count_from(1)
    for texts in text_lines(buffered):
        yield [_line(name, next(numbers), each, session) for each in texts]


def _line(name: str, number: int, text: str, session: Session) -> Line:
    before = text.rstrip("\r\n")
    counted = session.counts.copy()
    after = session.redact(before)
    return Line(name, number, before, after, text[len(before) :], session.counts - counted)


def _write(lines: Sequence[Line], view: View, count: Counter[str]) -> None:
    sys.stdout.write("".join(map(view.text_of, lines)))
    sys.stdout.flush()
    count["lines"] += len(lines)
    count["changed"] += sum(each.before != each.after for each in lines)


def _summary(count: Counter[str], kinds: Counter[str]) -> str:
    if not count["changed"]:
        return f"nothing to redact in {count['lines']:,} lines"
    found = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    return f"{count['changed']:,} of {count['lines']:,} lines redacted: {found}"
