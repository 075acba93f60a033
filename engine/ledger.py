"""The ledger: what was kept, in the order it was kept, so that nothing kept can change unseen.

Append-only tables (submission, revision, query, settlement, issue, edition) whose rows are canonical JSON, and one
journal over them all: each entry holds the digest of a row and is chained to the entry before (law 10). Digests are
taken over salted commitments of the values in a row, so that a value and its salt can be destroyed one day and the
chain still verifies. What `engine.index` and `engine.derived` keep in the same file is no record and can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from engine import chain, merge
from engine.commitments import row_digest, salted, unsalted
from engine.derived import Derived
from engine.errors import WorkspaceTrouble
from engine.index import Index
from engine.merge import apply
from engine.model import (
    Edition,
    Issue,
    Kept,
    Query,
    Revision,
    Seal,
    Settlement,
    Step,
    Submission,
    canonical,
    digest,
    taken_back,
)  # fmt: skip
from engine.places import Record, Value
from engine.tables import (
    DECIDED,
    HASH,
    HEAD,
    NEWEST,
    OPEN,
    OPEN_OF_PLAN,
    RETURNS,
    SAID,
    SAID_ONCE,
    TABLES,
    by_key,
    decision_of,
    edition,
    insert_row,
    issue,
    journal,
    metadata,
    query,
    revision,
    revision_of,
    seal,
    settlement,
    step_of,
    submission,
)  # fmt: skip

REMEMBERED = 8
"""How many plans' records are remembered, so that one that is merged into again and again is not made anew."""

FULL_EVERY = 20
"""How many revisions lie between two that hold a full copy of the plan."""

_SHOWN: Mapping[str, Mapping[str, str]] = {
    "submission": {"submission": "sha256"},
    "query": {"query": "query"},
    "settlement": {"query": "query"},
}
"""What has to be written out after a row was appended, besides the documents of its plan, by the column of its key."""

Noun = TypeVar("Noun", bound=Kept)
Of = TypeVar("Of")


class Looked(Mapping[str, Of]):
    """Something of every plan, looked up only when it is asked for: there may be very many plans."""

    def __init__(self, one: Callable[[str], Of | None], names: Callable[[], Collection[str]]) -> None:
        self._one, self._names = one, names

    def __getitem__(self, plan: str) -> Of:
        found = self._one(plan)
        if found is None:
            raise KeyError(plan)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


# ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────


class Ledger:
    """One SQLite file. Looking needs nothing; writing happens inside `with ledger.writing():`, all or nothing."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._records: dict[tuple[str, int], Mapping[str, Value]] = {}
        self._depth = 0
        # Autocommit: each look sees what is kept now, and `writing` opens and ends its transaction itself.
        self._engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.pool.StaticPool, isolation_level="AUTOCOMMIT")
        sa.event.listen(self._engine, "connect", _prepare)
        sa.event.listen(self._engine, "handle_error", self._trouble)
        try:
            self._connection = self._engine.connect()
            metadata.create_all(self._connection)
            self.derived = Derived(self._connection)
            self.index = Index(self._connection, self.derived)
            if not self.index.is_made():
                self.rebuild()
        except sa.exc.DatabaseError as error:
            raise WorkspaceTrouble(
                f"The ledger {file} cannot be opened: {error.orig}.", "Close other programs, or restore a backup."
            ) from error

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """What is appended inside is kept as a whole when it ends well, and not at all when it does not.

        One inside another is kept with the outer one, so that many small acts cost one commit.

        Raises:
            WorkspaceTrouble: when the disk is full, or another program holds the ledger.
        """
        inner = self._depth
        self._connection.exec_driver_sql(f"SAVEPOINT inner_{inner}" if inner else "BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
            self._connection.exec_driver_sql(f"RELEASE inner_{inner}" if inner else "COMMIT")
        except BaseException:
            # On some errors (a full disk, a bad read) SQLite has undone everything itself by now.
            with suppress(WorkspaceTrouble):
                self._connection.exec_driver_sql(f"ROLLBACK TO inner_{inner}" if inner else "ROLLBACK")
            self._records.clear()
            raise
        finally:
            self._depth = inner

    def _trouble(self, context: sa.engine.ExceptionContext) -> None:
        """What the database cannot do now, as a sentence: the disk is full, another program holds the ledger."""
        if isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
            raise WorkspaceTrouble(
                f"The ledger {self.file} cannot be used now: {context.original_exception}.", "It will be tried again."
            ) from context.original_exception

    def _append(self, table: sa.Table, noun: Kept, keys: Mapping[str, Any], **more: Any) -> str:
        body = canonical(salted({**noun.model_dump(mode="json", exclude_defaults=True), **more}))
        found = row_digest(body)
        hash_column = {"hash": found} if "hash" in table.c else {}
        self._connection.execute(insert_row(table), {"body": body, **keys, **hash_column})
        name = "/".join(str(keys[c.name]) for c in table.primary_key)
        entry = self._journal(table.name, name, found)
        if keys.get("plan"):
            self.derived.mark("plan", keys["plan"], entry)
        for kind, column in _SHOWN.get(table.name, {}).items():
            self.derived.mark(kind, keys[column], entry)
        return found

    def _journal(self, kind: str, key: str, found: str) -> int:
        chained = digest(canonical([self.head(), kind, key, found]))
        entry = {"kind": kind, "key": key, "digest": found, "hash": chained}
        return int(self._connection.execute(insert_row(journal), entry).lastrowid)

    def entries(self) -> int:
        """How many entries the journal has; each append adds one."""
        return int(self._connection.scalar(sa.select(sa.func.max(journal.c.seq))) or 0)

    def kept(self, kind: str) -> int:
        """How many rows of one of the `TABLES` were ever appended."""
        return int(self._connection.scalar(sa.select(sa.func.max(sa.text("rowid"))).select_from(TABLES[kind])) or 0)

    def head(self) -> str:
        """The journal's newest hash; "" while it is empty."""
        return str(self._connection.scalar(HEAD) or "")

    def heads(self) -> frozenset[str]:
        """Every hash that the journal has ever stood at, the empty one included."""
        return frozenset({"", *self._connection.scalars(sa.select(journal.c.hash))})

    def _rows(self, select: sa.Select[Any], noun: type[Noun], **given: str) -> list[Noun]:
        rows = self._connection.execute(select, given)
        return [noun.model_validate(unsalted(json.loads(row.body))) for row in rows]

    def _one(self, select: sa.Select[Any], noun: type[Noun], **given: str) -> Noun | None:
        return next(iter(self._rows(select, noun, **given)), None)

    # Submissions

    def keep_submission(self, noun: Submission) -> None:
        """Records what became of a file."""
        self._append(submission, noun, {"sha256": noun.sha256, "plan": noun.plan, "form": noun.form})

    def submission(self, sha256: str) -> Submission | None:
        """The submission of that hash, if it was ever taken."""
        return self._one(by_key(submission), Submission, sha256=sha256)

    def submissions(self) -> list[Submission]:
        """Every submission."""
        return self._rows(submission.select(), Submission)

    def files_of(self, plan: str | None) -> list[str]:
        """The hashes of the submissions that went to a plan, or to none."""
        where = submission.c.plan == plan if plan else submission.c.plan.is_(None)
        return list(self._connection.scalars(sa.select(submission.c.sha256).where(where)))

    def came_with(self, sha256: str) -> list[Submission]:
        """The files that came attached to a message, in order."""
        inside = submission.c.body.contains(f'"within":"{sha256}"')
        return self._rows(submission.select().where(inside).order_by(sa.text("rowid")), Submission)

    def newest_original(self) -> str:
        """The hash of the file that was taken in last, if the archive must hold it; else ""."""
        last = self._one(submission.select().order_by(sa.text("rowid DESC")).limit(1), Submission)
        return last.sha256 if last and not last.set_aside else ""

    def said_before(self, plan: str, form: str | None, says: str, newest: bool, but: Collection[str] = ()) -> bool:
        """Whether a submission of one form that went into a plan said just that: copies of a blank, returns of a print.

        Args:
            says: the digest of what it says.
            newest: whether the newest of them alone counts.
            but: the hashes of those that do not count.
        """
        given = {"plan": plan, "form": form, "but": list(but), "says": says}
        return bool(self._connection.scalar(SAID if newest else SAID_ONCE, given) == says)

    # Revisions

    def append(self, noun: Revision) -> Revision:
        """Appends a revision; the given parent is replaced by the hash of the plan's newest one."""
        before = self.hash(noun.plan, noun.number - 1) if noun.number > 1 else ""
        kept = noun.model_copy(update={"parent": before})
        more = {}
        if noun.number % FULL_EVERY == 0:
            more["record"] = apply(self.record(noun.plan), noun.decisions)
        past = self.past(noun.plan)
        self._append(revision, kept, {"plan": noun.plan, "number": noun.number, "form": noun.form}, **more)
        self.index.follow(kept, past)
        return kept

    def known(self) -> Mapping[str, Record]:
        """The identity places of every plan, each looked up when it is asked for."""
        return Looked(lambda plan: self.index.identities([plan]).get(plan), self.plans)

    def newest_of_each(self) -> Mapping[str, int]:
        """The newest revision number of every plan, each looked up when it is asked for."""
        return Looked(lambda plan: self.newest(plan) or None, self.plans)

    def plans(self) -> dict[str, int]:
        """Every plan with its newest revision number, in the order of their first revisions."""
        select = sa.select(revision.c.plan, sa.func.max(revision.c.number)).group_by(revision.c.plan)
        rows = self._connection.execute(select.order_by(sa.text("min(rowid)")))
        return {row[0]: row[1] for row in rows}

    def newest(self, plan: str) -> int:
        """The plan's newest revision number; 0 when there is no such plan."""
        return int(self._connection.scalar(NEWEST, {"plan": plan}) or 0)

    def hash(self, plan: str, number: int) -> str:
        """The hash of a revision."""
        return str(self._connection.scalar(HASH, {"plan": plan, "number": number}) or "")

    def revisions(self, plan: str) -> list[Revision]:
        """A plan's revisions, the first first."""
        select = DECIDED.where(revision.c.plan == plan).order_by(revision.c.number)
        return [revision_of(row.body) for row in self._connection.execute(select)]

    def steps(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        """Every plan's revisions in brief, plan by plan, in one look through the table."""
        select = sa.select(revision.c.plan, sa.func.json_remove(revision.c.body, "$.record"))
        rows = self._connection.execute(select.order_by(revision.c.plan, revision.c.number))
        for plan, found in groupby(rows, key=lambda row: str(row[0])):
            yield plan, tuple(step_of(json.loads(row[1])) for row in found)

    def returns(self, form: str) -> list[Revision]:
        """The revisions that one form's returns made, in order."""
        return [revision_of(row.body) for row in self._connection.execute(RETURNS, {"form": form})]

    def past(self, plan: str) -> merge.Past:
        """What the plan's history means for the next form."""
        known = self.index.past(plan)
        return merge.past(self.revisions(plan)) if known is None else known

    def taken_back(self, plan: str) -> Mapping[int, int]:
        """The plan's revisions that were taken back as entered in error, each with the one that did it."""
        undoing = self.past(plan).undoing
        if not undoing:
            return {}
        where = (revision.c.plan == plan) & revision.c.number.in_(sorted(undoing))
        select = DECIDED.where(where).order_by(revision.c.number)
        return taken_back([revision_of(row.body) for row in self._connection.execute(select)])

    def record(self, plan: str, number: int | None = None) -> dict[str, Value]:
        """The plan's record at a revision; the newest when none is named."""
        upto = self.newest(plan) if number is None else number
        start, found = self._known_record(plan, upto)
        if start < upto:
            where = (revision.c.plan == plan) & (revision.c.number > start) & (revision.c.number <= upto)
            for row in self._connection.execute(DECIDED.where(where).order_by(revision.c.number)):
                found = apply(found, (decision_of(d) for d in unsalted(json.loads(row.body)).get("decisions", ())))
            self._records[plan, upto] = found
            for oldest in list(self._records)[:-REMEMBERED]:
                del self._records[oldest]
        return dict(found)

    def _known_record(self, plan: str, upto: int) -> tuple[int, Mapping[str, Value]]:
        """The newest record at or before a revision that need not be made of decisions: remembered, or a full copy."""
        full = upto - upto % FULL_EVERY
        # A step from one remembered costs less than a full copy, even if that lies nearer.
        known = max((n for p, n in self._records if p == plan and full - FULL_EVERY // 2 <= n <= upto), default=0)
        if known:
            return known, self._records[plan, known]
        copy = sa.select(revision.c.body).where((revision.c.plan == plan) & (revision.c.number == full))
        body = self._connection.scalar(copy)
        if body is None:
            return 0, {}
        kept = json.loads(body)["record"]
        self._records[plan, full] = {path: said["value"] for path, said in kept.items() if "value" in said}
        return full, self._records[plan, full]

    def rebuild(self) -> None:
        """Makes everything again that is derived from the record, and marks that all of it is to be looked at."""
        with self.writing():
            self.derived.clear()
            self.index.make((plan, self.record(plan)) for plan in self.plans())
            self.derived.mark_everything()

    # Queries

    def raise_query(self, noun: Query) -> None:
        """Records an open question."""
        self._append(query, noun, {"query": noun.query, "plan": noun.plan})

    def settle(self, noun: Settlement) -> None:
        """Records how a question was settled."""
        self._append(settlement, noun, {"query": noun.query})

    def query(self, number: str) -> tuple[Query, Settlement | None] | None:
        """A question with its settlement, if it has one."""
        found = self._one(by_key(query), Query, query=number)
        return (found, self._one(by_key(settlement), Settlement, query=number)) if found else None

    def queries(self, plan: str) -> list[tuple[Query, Settlement | None]]:
        """Every question ever raised about a plan, each with its settlement."""
        select = sa.select(query.c.body, settlement.c.body.label("settled"))
        joined = select.select_from(query.outerjoin(settlement, settlement.c.query == query.c.query))
        return [
            (
                Query.model_validate(unsalted(json.loads(row.body))),
                Settlement.model_validate(unsalted(json.loads(row.settled))) if row.settled else None,
            )
            for row in self._connection.execute(joined.where(query.c.plan == plan).order_by(query.c.query))
        ]

    def open_queries(self, plan: str | None = None, most: int | None = None) -> list[Query]:
        """The open questions, of one plan or of all, but not more than a number, the oldest first."""
        return self._open(OPEN, most) if plan is None else self._open(OPEN_OF_PLAN, most, plan=plan)

    def unplaced_queries(self, most: int | None = None) -> list[Query]:
        """The open questions that are about no plan, but not more than a number, the oldest first."""
        return self._open(OPEN.where(query.c.plan.is_(None)), most)

    def _open(self, select: sa.Select[Any], most: int | None, **given: str) -> list[Query]:
        found = self._rows(select if most is None else select.limit(most), Query, **given)
        return sorted(found, key=lambda q: (q.raised, q.place))

    # Issues and editions

    def give_out(self, noun: Issue) -> None:
        """Records a form that is sent out, with its number."""
        self._append(issue, noun, {"form": noun.form, "plan": noun.plan, "proforma": noun.proforma})

    def issue(self, form: str) -> Issue | None:
        """What a form number stands for."""
        return self._one(by_key(issue), Issue, form=form)

    def issues(self, plan: str | None, proforma: str | None = None) -> list[Issue]:
        """The forms sent out for a plan, or blank ones, in the order they were; those of one proforma, or all."""
        select = issue.select().where(issue.c.plan == plan if plan else issue.c.plan.is_(None))
        if proforma:
            select = select.where(issue.c.proforma == proforma)
        return self._rows(select.order_by(sa.text("rowid")), Issue)

    def out_for_signature(self) -> list[Issue]:
        """The forms that were given out for signature, of every plan, in the order they were."""
        to_sign = issue.c.body.contains('"to_sign":true', autoescape=True)
        return self._rows(issue.select().where(to_sign).order_by(sa.text("rowid")), Issue)

    def make_edition(self, noun: Edition) -> None:
        """Records a funding-body version."""
        self._append(edition, noun, {"plan": noun.plan, "number": noun.number})

    def editions(self, plan: str | None = None) -> list[Edition]:
        """The funding-body versions of one plan or of all, a plan's first one first."""
        select = edition.select().order_by(edition.c.plan, edition.c.number)
        return self._rows(select if plan is None else select.where(edition.c.plan == plan), Edition)

    def keep_seal(self, noun: Seal) -> None:
        """Records the sealed file of a funding-body version."""
        self._append(seal, noun, {"plan": noun.plan, "number": noun.number})

    def seals(self, plan: str | None = None) -> list[Seal]:
        """The sealed files, of one plan or of all."""
        select = seal.select()
        return self._rows(select if plan is None else select.where(seal.c.plan == plan), Seal)

    # Verifying

    def problems(self) -> Iterator[chain.Problem]:
        """What does not hold together, as (what, where, why); nothing when history is whole (law 10)."""
        return chain.problems(self._connection)

    def index_problems(self) -> Iterator[chain.Problem]:
        """Where what is derived does not say what the record says; `rebuild` makes it again."""
        return self.index.problems(((plan, self.record(plan)) for plan in self.plans()), self.revisions)


def _prepare(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")
