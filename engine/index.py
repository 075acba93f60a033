"""The index: who each plan's learner is, which rows it had and what it was joined to, without reading its history."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import sqlalchemy as sa

from engine import chain, merge
from engine.derived import Derived
from engine.merge import apply
from engine.model import Revision, canonical
from engine.places import Record, Value
from engine.plan import IDENTIFYING
from engine.recognise import marks
from engine.tables import PAST, gone, identity, insert_or_replace, past

MADE_BY = "derived tables, edition"
"""The note that says which edition of the derived tables the file holds; a file without it has them made."""

EDITION = "3"
"""The edition that is made here."""


class Index:
    """Three tables on the ledger's own connection, all made from revisions; written inside its `writing()`."""

    def __init__(self, connection: sa.Connection, derived: Derived) -> None:
        self._connection, self._derived = connection, derived

    def follow(self, appended: Revision, before: merge.Past) -> None:
        """Says what is so now that a revision was appended.

        Args:
            before: what the plan's history meant before it.
        """
        plan, decisions = appended.plan, appended.decisions
        self._put(past, plan=plan, body=_past_body(merge.past([appended], before)))
        if appended.number == 1 or any(d.place in IDENTIFYING for d in decisions):
            self._keep_identity(plan, apply(self.identities([plan]).get(plan, {}), decisions))
        if any(d.place == "closing.into" for d in decisions):
            self._put(gone, plan=plan, into=apply({}, decisions).get("closing.into"))

    def make(self, records: Iterable[tuple[str, Record]]) -> None:
        """Makes everything again, of each plan's record; what its rows were is made when it is next asked for."""
        for table in (identity, past, gone):
            self._connection.execute(table.delete())
        for plan, record in records:
            self._keep_identity(plan, record)
            if record.get("closing.into"):
                self._put(gone, plan=plan, into=record["closing.into"])
        self._derived.say(MADE_BY, EDITION)

    def is_made(self) -> bool:
        """Whether the file holds the tables as they are made here."""
        return self._derived.said(MADE_BY) == EDITION

    def _put(self, table: sa.Table, **row: Value) -> None:
        self._connection.execute(insert_or_replace(table), row)

    def _keep_identity(self, plan: str, who: Record) -> None:
        """Keeps who a plan's learner is, and what to find the plan by."""
        self._put(identity, plan=plan, body=canonical(_identity(who)))
        self._derived.find_by(plan, marks(who))

    def identities(self, plans: Collection[str] | None = None) -> dict[str, dict[str, Value]]:
        """The identity places of plans; of all when none are named."""
        select = identity.select() if plans is None else identity.select().where(identity.c.plan.in_(plans))
        return {row.plan: json.loads(row.body) for row in self._connection.execute(select.order_by(sa.text("rowid")))}

    def like(self, wanted: frozenset[str]) -> Mapping[str, Record]:
        """The identity places of the plans that share one of some marks (`engine.recognise.marks`)."""
        return self.identities(self._derived.found_by(wanted))

    def joined(self) -> dict[str, str]:
        """The plans that were joined to another, each with that one."""
        return {row.plan: row.into for row in self._connection.execute(gone.select().where(gone.c.into.is_not(None)))}

    def past(self, plan: str) -> merge.Past | None:
        """What the plan's history means for the next form; None when it is to be made of its revisions."""
        body = self._connection.scalar(PAST, {"plan": plan})
        if body is None:
            return None
        kept = json.loads(body)
        used = {table: frozenset(keys) for table, keys in kept["used"].items()}
        dated = {place: dt.date.fromisoformat(day) for place, day in kept["dated"].items()}
        return merge.Past(used, dated, frozenset(kept["undoing"]), kept["hands"])

    def problems(
        self, records: Iterable[tuple[str, Record]], revisions: Callable[[str], list[Revision]]
    ) -> Iterator[chain.Problem]:
        """Where it does not say what each plan's record and its revisions say."""
        known, joined = self.identities(), self.joined()
        for plan, record in records:
            if joined.pop(plan, None) != record.get("closing.into"):
                yield _outdated(plan, "it does not say what it was joined to")
            if self.past(plan) not in (None, merge.past(revisions(plan))):
                yield _outdated(plan, "it does not say which rows it had")
            if known.pop(plan, None) != _identity(record):
                yield _outdated(plan, "it does not say who the learner is")
        for plan in {**known, **joined}:
            yield _outdated(plan, "there is no such plan")


def _outdated(plan: str, why: str) -> chain.Problem:
    return "index", plan, f"{why}; `counterpart verify --repair` makes the index again"


def _identity(record: Record) -> dict[str, Value]:
    return {path: value for path, value in record.items() if path in IDENTIFYING}


def _past_body(known: merge.Past) -> str:
    used = {table: sorted(keys) for table, keys in known.used.items()}
    dated = {place: day.isoformat() for place, day in known.dated.items()}
    return canonical({"used": used, "dated": dated, "undoing": sorted(known.undoing), "hands": dict(known.hands)})
