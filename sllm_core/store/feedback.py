"""What humans said of verdicts, as it is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from sllm_core.findings import Finding
from sllm_core.learning.statement import LABELS, SUMMARY, Feedback
from sllm_core.moments import microseconds, moment
from sllm_core.store import findings
from sllm_core.store.database import Database, signed, unsigned
from sllm_core.store.windows import Resolve

COLUMNS = 'id, at, "by", via, task, finding, pattern, agrees, label, was, note, reaches, text'
PARTS = 100


@dataclass(frozen=True)
class Labelled:
    """A statement that says what a pattern should be called: `part` (0 to 99) by the text that the pattern had when it
    was given, `source` and `level` where it was seen, "" and None where that is not known."""

    feedback: Feedback
    pattern: int
    label: str
    part: int
    source: str
    level: str | None


@dataclass(frozen=True)
class Seen:
    """Where the pattern that a statement reaches was seen: the text that it had, its source and its level."""

    text: str = ""
    source: str = ""
    level: str | None = None


class FeedbackRows:
    """Keeps statements; pattern ids are given as what they are now."""

    def __init__(self, database: Database, resolve: Resolve) -> None:
        self._database, self._resolve = database, resolve

    def give(self, feedback: Feedback, id: str, seen: Seen, finding: Finding | None) -> Feedback:
        """Keep a statement, and with it the finding as it reads by it; a statement that holds already is left as it is.

        Raises:
            StoreError: the database refused; nothing was kept.
        """
        subject = subject_of(feedback)
        with self._database.transaction() as connection:
            before = _holding(connection, subject, feedback.by)
            if before is not None and _same(before, feedback):
                return self._settled([before])[0]
            _replace(connection, subject, feedback)
            _insert(connection, replace(feedback, id=id), subject, seen)
            if finding is not None:
                findings.rewrite(connection, finding, microseconds(feedback.at))
        return replace(feedback, id=id)

    def take_back(self, id: str, now: int) -> None:
        """Let a statement about a pattern hold no more, and what the same person said before it hold again.

        Raises:
            StoreError: the database refused; all is as it was.
        """
        with self._database.transaction() as connection:
            row = connection.execute('SELECT subject, "by", at FROM feedback WHERE id = ?', (id,)).fetchone()
            connection.execute("UPDATE feedback SET replaced = ?, followed = 0 WHERE id = ?", (now, id))
            if row is not None:
                earlier = 'SELECT max(seq) FROM feedback WHERE subject = ? AND "by" = ? AND replaced = ?'
                connection.execute(f"UPDATE feedback SET replaced = NULL WHERE seq = ({earlier})", row)

    def about(self, finding: str) -> list[Feedback]:
        """The statements about a finding that hold, newest first."""
        return self._read("finding = ? AND replaced IS NULL ORDER BY seq DESC", (finding,))

    def page(self, before: int | None, limit: int) -> tuple[list[Feedback], int | None]:
        """Up to `limit` statements, newest first, and where the next page goes on; None at the end."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS}, seq FROM feedback WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                ((1 << 62) if before is None else before, limit + 1),
            ).fetchall()
        found = self._settled([_feedback(row[:-1]) for row in rows[:limit]])
        return found, rows[limit - 1][-1] if len(rows) > limit else None

    def count(self) -> int:
        """How many statements hold."""
        with self._database.reading() as connection:
            (found,) = connection.execute("SELECT count(*) FROM feedback WHERE replaced IS NULL").fetchone()
        return int(found)

    def labelled(self, *, replaced: bool = False) -> list[Labelled]:
        """The statements that hold and say what a pattern should be called, oldest first; with those `replaced` that
        held before."""
        holding = "" if replaced else "replaced IS NULL AND "
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS}, part, source, level FROM feedback WHERE {holding}reaches IS NOT NULL ORDER BY seq"
            ).fetchall()
        said = self._settled([_feedback(row[:-3]) for row in rows])
        return [
            Labelled(each, each.reaches, each.meant, *row[-3:])
            for each, row in zip(said, rows, strict=True)
            if each.reaches is not None and each.meant in LABELS.get(each.task, ())
        ]

    def told(self) -> list[Feedback]:
        """The statements about summaries that hold, oldest first."""
        return self._read("task = ? AND finding IS NOT NULL AND replaced IS NULL ORDER BY seq", (SUMMARY,))

    def on_findings(self, ids: Iterable[str]) -> Mapping[str, Feedback]:
        """Of these findings the last statement that says what the finding itself should be called."""
        found: dict[str, Feedback] = {}
        for id in ids:
            for each in self._read("finding = ? AND pattern IS NULL AND replaced IS NULL ORDER BY seq", (id,)):
                if each.meant is not None:
                    found[id] = each
        return found

    def to_follow(self) -> tuple[int, list[int], list[str]]:
        """Up to which mark statements are not followed by the findings on closed windows yet; the patterns that they
        reach, and the findings that they are about."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT seq, reaches, finding FROM feedback WHERE followed = 0 ORDER BY seq"
            ).fetchall()
        mark = rows[-1][0] if rows else 0
        return mark, [unsigned(row[1]) for row in rows if row[1] is not None], [row[2] for row in rows if row[2]]

    def followed(self, mark: int) -> None:
        """The findings follow all statements up to the mark."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE feedback SET followed = 1 WHERE followed = 0 AND seq <= ?", (mark,))

    def _read(self, condition: str, values: Sequence[object]) -> list[Feedback]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM feedback WHERE {condition}", values).fetchall()
        return self._settled([_feedback(row) for row in rows])

    def _settled(self, found: Sequence[Feedback]) -> list[Feedback]:
        """With the pattern ids that theirs lead to now."""
        ids = sorted({each for one in found for each in (one.pattern, one.reaches) if each is not None})
        now: dict[int | None, int] = dict(zip(ids, self._resolve(np.array(ids, np.uint64)).tolist(), strict=True))
        return [replace(each, pattern=now.get(each.pattern), reaches=now.get(each.reaches)) for each in found]


def subject_of(feedback: Feedback) -> str:
    """What a statement is about, in one word: of several by one person the last holds."""
    about = feedback.finding if feedback.pattern is None else f"{feedback.pattern:016x}"
    return f"{feedback.task} {about}"


def part_of(text: str) -> int:
    """In which of 100 parts the labels on a text belong: by a hash of the text, the same everywhere and for ever."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()) % PARTS


def _same(before: Feedback, now: Feedback) -> bool:
    return _content(before) == _content(now)


def _content(said: Feedback) -> tuple[bool | None, str | None, str, str]:
    return said.right, said.label, said.note, said.text


def _holding(connection: sqlite3.Connection, subject: str, by: str) -> Feedback | None:
    row = connection.execute(
        f'SELECT {COLUMNS} FROM feedback WHERE subject = ? AND "by" = ? AND replaced IS NULL', (subject, by)
    ).fetchone()
    return None if row is None else _feedback(row)


def _replace(connection: sqlite3.Connection, subject: str, feedback: Feedback) -> None:
    connection.execute(
        'UPDATE feedback SET replaced = ? WHERE subject = ? AND "by" = ? AND replaced IS NULL',
        (microseconds(feedback.at), subject, feedback.by),
    )


def _insert(connection: sqlite3.Connection, said: Feedback, subject: str, seen: Seen) -> None:
    row = {
        "id": said.id,
        "at": microseconds(said.at),
        '"by"': said.by,
        "via": said.via,
        "task": said.task,
        "subject": subject,
        "finding": said.finding,
        "pattern": None if said.pattern is None else signed(said.pattern),
        "agrees": said.right,
        "label": said.label,
        "was": said.was,
        "note": said.note,
        "reaches": None if said.reaches is None else signed(said.reaches),
        "text": said.text,
        "part": part_of(seen.text),
        "source": seen.source,
        "level": seen.level,
    }
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO feedback ({', '.join(row)}) VALUES ({places})", tuple(row.values()))


def _feedback(row: Sequence[Any]) -> Feedback:
    id, at, by, via, task, finding, pattern, agrees, label, was, note, reaches, text = row
    return Feedback(
        at=moment(at),
        by=by,
        via=via,
        task=task,
        finding=finding,
        pattern=None if pattern is None else unsigned(pattern),
        right=None if agrees is None else bool(agrees),
        label=label,
        was=was,
        note=note,
        id=id,
        reaches=None if reaches is None else unsigned(reaches),
        text=text,
    )
