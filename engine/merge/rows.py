"""Which row of the plan each row on a form is: rows are told by their keys, and a row without one is new (M12, M13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from engine.merge.returned import Returned, row_of
from engine.model import Answer, Decision, Outcome, State
from engine.places import WORDS, Kind, Place, Record, Value
from engine.plan import (
    PLACES,
    TABLES,
    in_order,
    is_key,
    is_signature,
    keys_of,
    next_key,
    place_of,
    signature_row,
    split,
)

ALIKE = 0.9
"""The share of their words that two rows have in common from which on somebody is asked whether they are one (M12)."""


def placed(told: Sequence[Answer], returned: Returned, ours: Record) -> tuple[list[Answer], list[Decision]]:
    """Answers at the places they belong to, and a question for each new row that looks like an old one.

    New rows get keys, and signatures the number of their form. A row that the plan cannot have is left out.

    Args:
        told: those of the form's answers that may say something new.
    """
    records = (returned.printed_record, returned.base, ours)
    rows = {row_of(a.place): a.place for a in told if "[" in a.place and not is_signature(a.place)}
    printed = frozenset(row for row, path in rows.items() if _is_printed(path, returned.own_row, records))
    new = _new_rows(told, printed)
    keys = dict(returned.rows)
    alike: list[Decision] = []
    written: dict[str, Value] = {}  # What the form's own new rows say.
    for row, answers in new.items():
        if row in keys:
            continue
        table = row.partition("[")[0]
        # A plan's history knows every row that it has, or that was ever printed.
        known = returned.past.used.get(table) or keys_of({**records[0], **records[1], **ours}, table)
        found = _known_already(table, known, answers, returned, ours)
        if found is None:
            given = [key for row, key in keys.items() if row.startswith(f"{table}[")]
            # The row that the form is about has its key although no record has it yet.
            kept = keys_of({rows[row]: None for row in printed}, table)
            found = next_key({}, table, frozenset({*known, *given, *kept}))
            alike += _looks_like(table, (*known, *given), found, answers, {**ours, **written})
            written |= {f"{table}[{found}].{column}": value for column, value in answers.items()}
        keys[row] = found
    return list(_moved(told, returned.form, printed, keys)), alike


def is_left_open(path: str) -> bool:
    """Whether a box stands where the form has left room: in a row that is not the plan's yet, or for a signature."""
    return "[new" in path or is_signature(path)


def _moved(told: Iterable[Answer], form: str, printed: frozenset[str], keys: Mapping[str, str]) -> Iterator[Answer]:
    for answer in told:
        name = row_of(answer.place)
        row = None if name in printed else split(answer.place)
        if name in printed or row is None:
            yield answer
        elif is_signature(answer.place):
            yield replace(answer, place=f"{signature_row(form, row[1])}.{row[2]}")
        elif name in keys:
            yield replace(answer, place=f"{row[0]}[{keys[name]}].{row[2]}", box=answer.place)


def _is_printed(path: str, own_row: str, records: Iterable[Record]) -> bool:
    """Whether a place stands in a row that is the plan's for good, not left empty for a new one.

    A row that was printed is, also when its sender has since removed its words.
    """
    row, place = split(path), place_of(path)
    if row is None:
        return False
    if place is not None and place.keys:
        return row[1] in place.keys
    if place is not None and TABLES[row[0]].named:
        return is_key(row[1])
    return row[1] == own_row or any(path in record for record in records for path in _columns(row[0], row[1]))


@lru_cache(maxsize=4096)
def _columns(table: str, key: str) -> tuple[str, ...]:
    """Every place of a row."""
    return tuple(p.replace("[KEY]", f"[{key}]") for p in PLACES if p.startswith(f"{table}[KEY]."))


def _new_rows(told: Iterable[Answer], printed: frozenset[str]) -> dict[str, dict[str, Value]]:
    """The rows that were filled in where the form had left room: each with what its columns say."""
    found: dict[str, dict[str, Value]] = {}
    for answer in told:
        name = row_of(answer.place)
        if name in printed or answer.state is State.BLANK:
            continue
        row, place = split(answer.place), place_of(answer.place)
        if row is None or place is None or place.keys or is_signature(answer.place):
            continue
        columns = found.setdefault(name, {})
        if answer.value is not None:
            columns[row[2]] = answer.value
    return found


def _known_already(
    table: str, rows: Iterable[str], columns: Mapping[str, Value], returned: Returned, ours: Record
) -> str | None:
    """The key of a row that this new one is: of the same day, where that tells rows (M13), or saying the same (M12).

    Somebody else has added it since: a row that stood on the form is not written onto it once more.
    """
    column = returned.until if table == returned.about else TABLES[table].begun
    day = columns.get(column) if column else None
    held = _that_say(table, rows, {column: day}, ours) if day is not None else ()
    printed = returned.printed_record if returned.prefilled else {}
    same = _that_say(table, rows, columns, ours) if columns and not held else ()
    found = held or [key for key in same if not any(p in printed for p in _columns(table, key))]
    return in_order(found)[0] if found else None


def _that_say(table: str, rows: Iterable[str], columns: Mapping[str, Value], ours: Record) -> Sequence[str]:
    """The rows that say all of this."""
    found = list(rows)
    for column, value in columns.items():
        found = [key for key in found if ours.get(f"{table}[{key}].{column}") == value]
    return found


def _looks_like(
    table: str, rows: Iterable[str], new: str, columns: Mapping[str, Value], ours: Record
) -> Iterator[Decision]:
    """A question where a new row has nearly the words of an old one, and no other date (M12)."""
    known_by = TABLES[table].told_by
    wordy = [known_by] if known_by in columns else [c for c in columns if _column(table, c).format in WORDS]
    if not wordy:
        return
    first, said = wordy[0], _said(columns[c] for c in wordy)
    alike = [key for key in rows if are_alike(said, _said([ours.get(f"{table}[{key}].{c}") for c in wordy]))]
    dates = [c for c in columns if _column(table, c).kind is Kind.DATE]
    for key in in_order(alike):
        row = f"{table}[{key}]"
        if all(ours.get(f"{row}.{c}") in (None, columns[c]) for c in dates):
            yield Decision(
                place=f"{table}[{new}].{first}", outcome=Outcome.QUERY, rule="M12", theirs=columns[first],
                ours=ours.get(f"{row}.{first}"), box=f"{row}.{first}", reason=f"it is nearly the same as {key}",
            )  # fmt: skip
            return


def _column(table: str, column: str) -> Place:
    place = place_of(f"{table}[KEY].{column}")
    assert place is not None
    return place


def _said(values: Iterable[Value]) -> str:
    return " ".join([str(value) for value in values if value is not None])


def are_alike(new: Value, old: Value) -> bool:
    """Whether two answers have nearly the same words (M12)."""
    if new is None or old is None:
        return False
    one, other = _words(str(new)), _words(str(old))
    # Sets of very different sizes have too little in common; that is told without looking into them.
    if not one or min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return False
    common = len(one & other)
    return common >= ALIKE * (len(one) + len(other) - common)


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
