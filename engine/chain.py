"""Whether the ledger's rows hold together: each as it was kept, in its journal, after the one before (law 10)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from engine.commitments import committed
from engine.model import canonical, digest
from engine.tables import TABLES, journal, revision

Problem = tuple[str, str, str]
"""Something that does not hold together: what, where, why."""


_KEYS = frozenset({"plan", "number", "sha256", "query", "form", "proforma"})


def problems(connection: sa.Connection) -> Iterator[Problem]:
    """What does not hold together, as (what, where, why); nothing when history is whole (law 10)."""
    journalled: dict[tuple[str, str], str] = {}
    before, expected = "", 1
    for row in connection.execute(journal.select().order_by(journal.c.seq)):
        if row.seq != expected:
            yield "journal", f"entry {expected}", "an entry is missing"
        if row.hash != digest(canonical([before, row.kind, row.key, row.digest])):
            yield "journal", f"entry {row.seq}", "it does not follow from the entry before"
        before, expected = row.hash, row.seq + 1
        journalled[row.kind, row.key] = row.digest
    for table in TABLES.values():
        yield from _table_problems(connection, table, journalled)
    for kind, key in journalled:
        yield kind, key, "it is in the journal, but not in its table"


def _table_problems(
    connection: sa.Connection, table: sa.Table, journalled: dict[tuple[str, str], str]
) -> Iterator[tuple[str, str, str]]:
    parents: dict[str, str] = {}
    for row in connection.execute(table.select().order_by(*table.primary_key)):
        key = "/".join(str(getattr(row, c.name)) for c in table.primary_key)
        kept = journalled.pop((table.name, key), None)
        try:
            body = json.loads(row.body)
            found = digest(canonical(committed(body)))
        except (ValueError, TypeError, KeyError):
            yield table.name, key, "its text was damaged"
            continue
        if kept is None:
            yield table.name, key, "it is in its table, but not in the journal"
        elif kept != found or getattr(row, "hash", found) != found:
            yield table.name, key, "it was changed after it was kept"
        if any(str(body.get(name)) != str(value) for name, value in row._mapping.items() if name in _KEYS):
            yield table.name, key, "its columns do not say what its text says"
        if table is revision:
            if body.get("parent", "") != parents.get(row.plan, ""):
                yield table.name, key, "it does not follow from the revision before"
            parents[row.plan] = row.hash
