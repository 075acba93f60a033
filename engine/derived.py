"""What the ledger's file remembers beside the record, all of which can be made again from the record.

`pending`: what is recorded and has not been written out yet. It is marked in the same transaction as the record, and
unmarked when the documents stand, so that after any crash it says what is left to do. `overview`: each plan's line in
the register, and the day on which the clocks will next have something new to say of it. `output`: what we last wrote
where in the outbox. `stood`: how each file of ours there looked when it was written, so that changed ones are found
without reading them all. `attempt`: how often taking a file in has failed. `mark`: what each learner may be known
by. `note`: a few single facts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from engine.model import Output
from engine.tables import insert_or_replace

metadata = sa.MetaData()

pending = sa.Table(
    "pending",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("entry", sa.Integer, nullable=False),
)
overview = sa.Table(
    "overview",
    metadata,
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("plan", sa.Text, nullable=False, unique=True),
    sa.Column("wake", sa.Text, index=True),
    sa.Column("due", sa.Text, index=True),
    sa.Column("body", sa.Text, nullable=False),
)
concerned = sa.Table(
    "concerned",
    metadata,
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True, index=True),
)
output = sa.Table(
    "output",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, index=True),
    sa.Column("form", sa.Text),
)
stood = sa.Table(
    "stood",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
)
attempt = sa.Table(
    "attempt", metadata, sa.Column("sha256", sa.Text, primary_key=True), sa.Column("tries", sa.Integer, nullable=False)
)
mark = sa.Table(
    "mark",
    metadata,
    sa.Column("mark", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True, index=True),
)
note = sa.Table(
    "note", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("said", sa.Text, nullable=False)
)


class Derived:
    """The tables above, on the ledger's own connection; writing happens inside the ledger's `writing()`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        metadata.create_all(connection)

    def _put(self, table: sa.Table, **row: Any) -> None:
        """Inserts a row, or replaces what the one of the same key says."""
        self._connection.execute(insert_or_replace(table), row)

    # Pending

    def mark(self, kind: str, key: str, entry: int) -> None:
        """Marks that something was recorded, by the journal entry of that number, that has to be written out."""
        self._put(pending, kind=kind, key=key, entry=entry)

    def unmark(self, kind: str, key: str, entry: int) -> None:
        """Notes that everything recorded up to a journal entry has been written out."""
        same = (pending.c.kind == kind) & (pending.c.key == key) & (pending.c.entry <= entry)
        self._connection.execute(pending.delete().where(same))

    def pending(self, kind: str) -> list[str]:
        """What has to be written out, in the order it was recorded."""
        select = sa.select(pending.c.key).where(pending.c.kind == kind).order_by(pending.c.entry, pending.c.key)
        return list(self._connection.scalars(select))

    def mark_everything(self) -> None:
        """Marks every plan, submission and question: all that follows from the record is looked at again."""
        for select in (
            "SELECT 'plan', plan, min(rowid) FROM revision GROUP BY plan",
            "SELECT 'submission', sha256, rowid FROM submission",
            "SELECT 'query', query, rowid FROM query",
        ):
            self._connection.exec_driver_sql(f"INSERT OR IGNORE INTO pending (kind, key, entry) {select}")

    # Who is who

    def find_by(self, plan: str, marks: Iterable[str]) -> None:
        """Keeps what a plan is to be found by."""
        self._connection.execute(mark.delete().where(mark.c.plan == plan))
        for text in sorted(marks):
            self._connection.execute(mark.insert().values(mark=text, plan=plan))

    def found_by(self, marks: Iterable[str]) -> list[str]:
        """The plans that any of these marks belongs to."""
        return list(self._connection.scalars(sa.select(mark.c.plan).where(mark.c.mark.in_(list(marks))).distinct()))

    # The overview

    def show(
        self, plan: str, wake: dt.date, due: dt.date | None, people: Iterable[str], line: Mapping[str, Any]
    ) -> None:
        """Keeps a plan's line in the register.

        Args:
            wake: the day on which its documents are to be looked at again although nothing was recorded.
            due: the soonest day on which something is due for it.
            people: on whose pages of things to do it stands.
        """
        body = json.dumps(line, ensure_ascii=False)
        row = {"wake": wake.isoformat(), "due": due and due.isoformat(), "body": body}
        known = insert(overview).values(plan=plan, **row)
        self._connection.execute(known.on_conflict_do_update(index_elements=["plan"], set_=row))

        self._connection.execute(concerned.delete().where(concerned.c.plan == plan))
        for name in sorted(set(people)):
            self._connection.execute(concerned.insert().values(plan=plan, name=name))

    def wake(self, today: dt.date) -> None:
        """Marks the plans of which the clocks have something new to say."""
        sleepers = sa.select(sa.literal("plan"), overview.c.plan, sa.literal(0)).where(
            overview.c.wake <= today.isoformat()
        )
        self._connection.execute(
            insert(pending).from_select(["kind", "key", "entry"], sleepers).on_conflict_do_nothing()
        )

    def stale(self, today: dt.date) -> list[str]:
        """The plans whose line may no longer say what is so."""
        slept = sa.select(overview.c.plan).where(overview.c.wake <= today.isoformat())
        return list(dict.fromkeys([*self.pending("plan"), *self._connection.scalars(slept)]))

    def lines(self, length: int | None = None, page: int = 0) -> list[dict[str, Any]]:
        """One page of the register's lines, in the order of the plans; all of them when a page has no length."""
        select = overview.select().order_by(overview.c.place)
        if length is not None:
            select = select.where(overview.c.place > page * length, overview.c.place <= (page + 1) * length)
        return self._lines(select)

    def soonest(self, length: int) -> list[dict[str, Any]]:
        """The register's lines of the plans for which something is due soonest."""
        return self._lines(overview.select().where(overview.c.due.is_not(None)).order_by(overview.c.due).limit(length))

    def _lines(self, select: sa.Select[Any]) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self._connection.execute(select)]

    def people_of(self, plan: str) -> list[str]:
        """On whose pages of things to do a plan stood when its line was kept."""
        return list(self._connection.scalars(sa.select(concerned.c.name).where(concerned.c.plan == plan)))

    def people(self) -> list[str]:
        """Everybody who has such a page."""
        return list(self._connection.scalars(sa.select(concerned.c.name).distinct()))

    def lines_of(self, name: str) -> list[dict[str, Any]]:
        """The lines of the plans on somebody's page."""
        theirs = sa.select(concerned.c.plan).where(concerned.c.name == name)
        return self._lines(overview.select().where(overview.c.plan.in_(theirs)).order_by(overview.c.place))

    def page_of(self, plan: str, length: int) -> int | None:
        """The page of the register that a plan stands on."""
        place = self._connection.scalar(sa.select(overview.c.place).where(overview.c.plan == plan))
        return None if place is None else (place - 1) // length

    def counts(self, today: dt.date) -> tuple[int, int]:
        """How many plans there are, and for how many of them something is overdue."""
        late = sa.select(sa.func.count()).where(overview.c.due < today.isoformat())
        return self._count(sa.select(sa.func.count()).select_from(overview)), self._count(late)

    def _count(self, select: sa.Select[Any]) -> int:
        return int(self._connection.scalar(select) or 0)

    def clear(self) -> None:
        """Forgets what the record alone can make again: not what is pending, has failed or stands in the outbox."""
        for table in (overview, concerned, stood, mark, note):
            self._connection.execute(table.delete())

    # Files of ours

    def wrote(self, path: str, sha256: str, plan: str | None = None, form: str | None = None) -> None:
        """Remembers what now stands at a path of the outbox."""
        self._put(output, path=path, sha256=sha256, plan=plan, form=form)

    def forget(self, path: str) -> None:
        """Remembers that nothing of ours stands at a path any more."""
        self._connection.execute(output.delete().where(output.c.path == path))
        self.lost(path)

    def output(self, path: str) -> Output | None:
        """What we wrote at a path of the outbox, if anything."""
        row = self._connection.execute(output.select().where(output.c.path == path)).first()
        return Output(row.path, row.sha256, row.plan, row.form) if row else None

    def wrote_before(self, sha256: str) -> bool:
        """Whether just these bytes stand somewhere in the outbox as we wrote them."""
        return self._connection.execute(output.select().where(output.c.sha256 == sha256)).first() is not None

    def outputs(self, plan: str | None = None) -> list[Output]:
        """What we wrote into the outbox, for one plan or in all, by path."""
        select = output.select().order_by(output.c.path)
        found = self._connection.execute(select if plan is None else select.where(output.c.plan == plan))
        return [Output(row.path, row.sha256, row.plan, row.form) for row in found]

    def saw(self, path: str, size: int, changed: int) -> None:
        """Remembers how a file of ours looks, in bytes and nanoseconds, while it holds what was written."""
        self._put(stood, path=path, size=size, changed=changed)

    def look_of(self, path: str) -> tuple[int, int] | None:
        """How a file in the outbox looked when it was last looked at, in bytes and nanoseconds."""
        row = self._connection.execute(stood.select().where(stood.c.path == path)).first()
        return (row.size, row.changed) if row else None

    def lost(self, path: str) -> None:
        """Forgets how a file looked that is no longer ours."""
        self._connection.execute(stood.delete().where(stood.c.path == path))

    def stood(self, after: str, most: int) -> Iterator[tuple[str, tuple[int, int] | None]]:
        """Files of ours by path, from the first after one on, each with its look when it held what was written."""
        select = "SELECT o.path, s.size, s.changed FROM output o LEFT JOIN stood s ON s.path = o.path "
        rows = self._connection.exec_driver_sql(
            f"{select} WHERE o.path > ? ORDER BY o.path LIMIT ?",
            (after, most),
        )
        for path, size, changed in rows.fetchall():
            yield path, None if size is None else (size, changed)

    # What failed, and single facts

    def tried(self, sha256: str) -> int:
        """Counts one more failure to take a file in; tells how many that makes."""
        tries = self._count(sa.select(attempt.c.tries).where(attempt.c.sha256 == sha256)) + 1
        self._put(attempt, sha256=sha256, tries=tries)
        return tries

    def said(self, name: str) -> str:
        """A single fact; "" while nobody has said it."""
        return str(self._connection.scalar(sa.select(note.c.said).where(note.c.name == name)) or "")

    def say(self, name: str, said: str) -> None:
        """Keeps a single fact."""
        self._put(note, name=name, said=said)
