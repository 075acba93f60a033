"""The tables of the ledger, and what their rows say.

Seven are the record, and are only ever appended to; the journal has an entry for each of their rows. What the others
hold can be made again.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from engine.commitments import unsalted
from engine.model import Decision, Outcome, Revision, Step
from engine.places import Value

metadata = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, metadata, *columns, sa.Column("body", sa.Text, nullable=False))


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, **options)


submission = _table("submission", _text("sha256", primary_key=True), _text("plan", index=True), _text("form"))
revision = _table(
    "revision",
    _text("plan", primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    _text("hash", nullable=False),
    _text("form", index=True),
)
query = _table("query", _text("query", primary_key=True), _text("plan", index=True))
settlement = _table("settlement", _text("query", primary_key=True))
issue = _table("issue", _text("form", primary_key=True), _text("plan", index=True), _text("proforma"))
edition = _table("edition", _text("plan", primary_key=True), sa.Column("number", sa.Integer, primary_key=True))
seal = _table("seal", _text("plan", primary_key=True), sa.Column("number", sa.Integer, primary_key=True))
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("kind", nullable=False),
    _text("key", nullable=False),
    _text("digest", nullable=False),
    _text("hash", nullable=False),
)
identity = sa.Table("identity", metadata, _text("plan", primary_key=True), _text("body", nullable=False))
past = sa.Table("past", metadata, _text("plan", primary_key=True), _text("body", nullable=False))
gone = sa.Table("gone", metadata, _text("plan", primary_key=True), _text("into"))

TABLES: Mapping[str, sa.Table] = {t.name: t for t in (submission, revision, query, settlement, issue, edition, seal)}
"""The append-only tables by name."""


DECIDED = sa.select(sa.func.json_remove(revision.c.body, "$.record").label("body"))
"""Revisions without the full copies of the plan that some carry."""

# ── What every form asks of them ────────────────────────────────────────────────────────────────────────────────

# These statements are made once: making one takes four times as long as having it answered.


def _given(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return column == sa.bindparam(column.name)


NEWEST = sa.select(sa.func.max(revision.c.number)).where(_given(revision.c.plan))
"""The newest revision's number of the given `plan`."""

HASH = sa.select(revision.c.hash).where(_given(revision.c.plan), _given(revision.c.number))
"""The hash of the revision of the given `plan` and `number`."""

RETURNS = DECIDED.where(_given(revision.c.form)).order_by(sa.text("rowid"))
"""The revisions that the given `form` made, in order."""

HEAD = sa.select(journal.c.hash).order_by(journal.c.seq.desc()).limit(1)
"""The journal's newest hash."""

PAST = sa.select(past.c.body).where(_given(past.c.plan))
"""What the rows of the given `plan` were."""

OPEN = query.select().where(query.c.query.not_in(sa.select(settlement.c.query))).order_by(sa.text("rowid"))
"""The questions that were not settled, the oldest first."""

OPEN_OF_PLAN = OPEN.where(_given(query.c.plan))
"""Those of the given `plan`."""

SAID = (
    sa.select(sa.func.json_extract(submission.c.body, "$.says"))
    .where(
        _given(submission.c.plan),
        submission.c.form.is_not_distinct_from(sa.bindparam("form")),
        submission.c.sha256.not_in(sa.bindparam("but", expanding=True)),
    )
    .order_by(sa.text("rowid DESC"))
    .limit(1)
)
"""What the newest submission of the given `form`, or of a blank one, said of the given `plan`, all `but` some."""

SAID_ONCE = SAID.where(sa.func.json_extract(submission.c.body, "$.says") == sa.bindparam("says"))
"""The same, if one of them said just what is given as `says`."""


@cache
def by_key(table: sa.Table) -> sa.Select[Any]:
    """The row of the given key, whose column has the key's name."""
    return table.select().where(*map(_given, table.primary_key))


@cache
def insert_row(table: sa.Table) -> sa.Executable:
    """Puts a row in."""
    return table.insert()


@cache
def insert_or_replace(table: sa.Table) -> sa.Executable:
    """Puts a row in, or all it says in place of what the one of the same key says."""
    statement = insert(table)
    keys = list(table.primary_key)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def revision_of(body: str) -> Revision:
    """A revision as its row says it."""
    return Revision.model_validate(unsalted(json.loads(body)))


def step_of(kept: dict[str, Any]) -> Step:
    """A revision in brief; what was kept was valid, and a value that was destroyed is simply not there."""
    changed: dict[str, Value] = {}
    settled = []
    for decision in kept.get("decisions", ()):
        if decision["outcome"] in _APPLIED:
            said, place = decision.get("said", {}).get("value", {}), sys.intern(decision["place"])
            after = said.get("becomes", said.get("theirs"))
            if decision["outcome"] == Outcome.CLEARED:
                changed[place] = None
            elif after is not None:
                changed[place] = after
            if decision["rule"] == "settled":
                settled.append(place)
    return Step(
        kept["number"], dt.date.fromisoformat(kept["recorded"][:10]), dt.date.fromisoformat(kept["effective"]),
        kept["cause"], kept.get("submission"), kept.get("proforma"), changed, frozenset(settled),
    )  # fmt: skip


_APPLIED = frozenset({Outcome.ACCEPTED, Outcome.CLEARED})


def decision_of(kept: dict[str, Any]) -> Decision:
    """A decision as far as `apply` looks at it; what was kept was valid."""
    return Decision.model_construct(**kept | {"outcome": Outcome(kept["outcome"])})
