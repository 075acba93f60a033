"""Which row of the plan each row on a form is: rows are told by their keys, and a row without one is new (M12, M13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.merge.returned import Returned, row_of
from engine.model import Answer, Decision, Outcome, State
from engine.places import Kind, Place, Record, Value
from engine.plan import keys_of, next_key, place_of, split

ALIKE = 0.9
"""The share of their words that two rows have in common from which on somebody is asked whether they are one (M12)."""

WORDS = frozenset({"prose", "text", "name"})
"""The formats of answers that are words, by which rows are compared."""


def placed(returned: Returned, ours: Record) -> tuple[list[Answer], list[Decision]]:
    """The answers at the places they belong to, and a question for each new row that looks like an old one.

    New rows get keys, and signatures the number of their form. A row that the plan cannot have is left out.
    """
    new = _new_rows(returned, ours)
    keys = dict(returned.rows)
    alike: list[Decision] = []
    for row, answers in new.items():
        if row in keys:
            continue
        table = row.partition("[")[0]
        found = _known_already(table, answers, returned, ours)
        if found is None:
            taken = {*returned.past.used.get(table, ()), *keys_of(returned.base, table)}
            taken |= {k for r, k in keys.items() if r.startswith(f"{table}[")}
            found = next_key(ours, table, frozenset(taken))
            alike += _looks_like(table, found, answers, ours)
        keys[row] = found
    return list(_moved(returned, ours, new, keys)), alike


def _moved(
    returned: Returned, ours: Record, new: Mapping[str, Mapping[str, Value]], keys: Mapping[str, str]
) -> Iterator[Answer]:
    known = _known_rows(returned, ours)
    for answer in returned.answers:
        row = split(answer.place)
        if row is None:
            yield answer
        elif row[0] == "signatures":
            yield replace(answer, place=f"signatures[{returned.form} {row[1]}].{row[2]}")
        elif row_of(answer.place) in new:
            yield replace(answer, place=f"{row[0]}[{keys[row_of(answer.place)]}].{row[2]}", box=answer.place)
        elif _is_printed(answer.place, returned, known):
            yield answer


def _known_rows(returned: Returned, ours: Record) -> frozenset[str]:
    """The rows that are there for good; also one that was printed and whose words its sender has since removed."""
    return frozenset(row_of(path) for path in (*returned.printed_record, *returned.base, *ours))


def _is_printed(path: str, returned: Returned, known: frozenset[str]) -> bool:
    """Whether a box stands in a row of the plan's, not in one left empty for a new row."""
    row, place = split(path), place_of(path)
    if place is not None and place.keys:
        return row is not None and row[1] in place.keys
    return row_of(path) in known or (row is not None and row[1] == returned.own_row)


def _new_rows(returned: Returned, ours: Record) -> dict[str, dict[str, Value]]:
    """The rows that were filled in where the form had left room: each with what its columns say."""
    known = _known_rows(returned, ours)
    found: dict[str, dict[str, Value]] = {}
    for answer in returned.answers:
        row, place = split(answer.place), place_of(answer.place)
        if row is None or place is None or place.keys or row[0] == "signatures" or answer.state is State.BLANK:
            continue
        if not _is_printed(answer.place, returned, known):
            columns = found.setdefault(row_of(answer.place), {})
            if answer.value is not None:
                columns[row[2]] = answer.value
    return found


def _known_already(table: str, columns: Mapping[str, Value], returned: Returned, ours: Record) -> str | None:
    """The key of a row that this new one is: the review of the same day (M13), or one that says all the same (M12).

    Somebody else has added it since: a row that stood on the form is not written onto it once more.
    """
    day = columns.get(returned.until) if table == returned.about and returned.until else None
    for key in keys_of(ours, table):
        if day is not None and ours.get(f"{table}[{key}].{returned.until}") == day:
            return key
        on_it = returned.prefilled and any(path.startswith(f"{table}[{key}].") for path in returned.printed_record)
        if columns and not on_it and all(ours.get(f"{table}[{key}].{c}") == v for c, v in columns.items()):
            return key
    return None


def _looks_like(table: str, new: str, columns: Mapping[str, Value], ours: Record) -> Iterator[Decision]:
    """A question where a new row has nearly the words of an old one, and the same dates (M12)."""
    first = next((c for c in columns if _column(table, c).format in WORDS), None)
    if first is None:
        return
    for key in keys_of(ours, table):
        old = {c: ours.get(f"{table}[{key}].{c}") for c in columns}
        if _same_dates(table, columns, old) and _alike(_words(table, columns), _words(table, old)):
            yield Decision(
                place=f"{table}[{new}].{first}", outcome=Outcome.QUERY, rule="M12", theirs=columns[first],
                ours=old[first], box=f"{table}[{key}].{first}", reason=f"it is nearly the same as {key}",
            )  # fmt: skip
            return


def _column(table: str, column: str) -> Place:
    place = place_of(f"{table}[KEY].{column}")
    assert place is not None
    return place


def _same_dates(table: str, new: Mapping[str, Value], old: Mapping[str, Value]) -> bool:
    return all(old[c] == value for c, value in new.items() if _column(table, c).kind is Kind.DATE)


def _words(table: str, columns: Mapping[str, Value]) -> frozenset[str]:
    said = (str(v) for c, v in columns.items() if v is not None and _column(table, c).format in WORDS)
    return frozenset(re.findall(r"\w+", " ".join(said).casefold()))


def _alike(new: frozenset[str], old: frozenset[str]) -> bool:
    return bool(new) and len(new & old) >= ALIKE * len(new | old)
