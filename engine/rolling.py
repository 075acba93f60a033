"""A plan carried over into its next year: what is finished leaves it, what is open goes on and says how often. Pure.

Nothing is lost by it: the revisions before it keep what left (domain.md A1-34).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Decision, Outcome
from engine.places import Record, Value
from engine.plan import TABLES, finished, keys_of, split


def decisions(record: Record) -> tuple[Decision, ...]:
    """What a roll-over does to a plan."""
    return tuple(_decided(record))


def _decided(record: Record) -> Iterator[Decision]:
    for table, rows in TABLES.items():
        if not rows.done:
            continue
        for key in keys_of(record, table):
            if finished(record, table, key):
                yield from _leaves(record, table, key)
            elif rows.carried:
                place = f"{table}[{key}].{rows.carried}"
                count = int(str(record.get(place) or 0)) + 1
                yield _decision(place, record, count)


def _leaves(record: Record, table: str, key: str) -> Iterator[Decision]:
    for path in sorted(record):
        row = split(path)
        if row and row[:2] == (table, key):
            yield _decision(path, record, None)


def _decision(place: str, record: Record, value: Value) -> Decision:
    ours = record.get(place)
    outcome = Outcome.CLEARED if value is None else Outcome.ACCEPTED
    return Decision(place=place, outcome=outcome, rule="roll-over", base=ours, theirs=value, ours=ours)
