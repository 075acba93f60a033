"""Which row of the plan each row on a form is: rows are told by their keys, and a row without one is new (M12, M13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

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
    known = frozenset(map(row_of, {*returned.printed_record, *returned.base, *ours}))
    printed = _printed_rows(returned, known)
    new = _new_rows(returned, printed)
    keys = dict(returned.rows)
    alike: list[Decision] = []
    for row, answers in new.items():
        if row in keys:
            continue
        table = row.partition("[")[0]
        rows = keys_of(ours, table)
        found = _known_already(table, rows, answers, returned, ours)
        if found is None:
            opens = f"{table}["
            taken = {r[len(opens) : -1] for r in known if r.startswith(opens)} | returned.past.used.get(table, set())
            found = next_key({}, table, frozenset(taken | {k for r, k in keys.items() if r.startswith(opens)}))
            alike += _looks_like(table, rows, found, answers, ours)
        keys[row] = found
    return list(_moved(returned, printed, new, keys)), alike


def _moved(
    returned: Returned, printed: frozenset[str], new: Mapping[str, Mapping[str, Value]], keys: Mapping[str, str]
) -> Iterator[Answer]:
    for answer in returned.answers:
        name = row_of(answer.place)
        row = None if name in printed else split(answer.place)
        if name in printed or row is None:
            yield answer
        elif row[0] == "signatures":
            yield replace(answer, place=f"signatures[{returned.form} {row[1]}].{row[2]}")
        elif name in new:
            yield replace(answer, place=f"{row[0]}[{keys[name]}].{row[2]}", box=answer.place)


def _printed_rows(returned: Returned, known: frozenset[str]) -> frozenset[str]:
    """The form's rows that are rows of the plan's for good, not left empty for new ones.

    One that was printed is, also when its sender has since removed its words.
    """
    rows = {row_of(answer.place): answer.place for answer in returned.answers if "[" in answer.place}
    return frozenset(
        r for r, path in rows.items() if not r.startswith("signatures[") and _is_printed(path, returned, known)
    )


def _is_printed(path: str, returned: Returned, known: frozenset[str]) -> bool:
    row, place = split(path), place_of(path)
    if place is not None and place.keys:
        return row is not None and row[1] in place.keys
    return row_of(path) in known or (row is not None and row[1] == returned.own_row)


def _new_rows(returned: Returned, printed: frozenset[str]) -> dict[str, dict[str, Value]]:
    """The rows that were filled in where the form had left room: each with what its columns say."""
    found: dict[str, dict[str, Value]] = {}
    for answer in returned.answers:
        name = row_of(answer.place)
        if name in printed or answer.state is State.BLANK:
            continue
        row, place = split(answer.place), place_of(answer.place)
        if row is None or place is None or place.keys or row[0] == "signatures":
            continue
        columns = found.setdefault(name, {})
        if answer.value is not None:
            columns[row[2]] = answer.value
    return found


def _known_already(
    table: str, rows: Iterable[str], columns: Mapping[str, Value], returned: Returned, ours: Record
) -> str | None:
    """The key of a row that this new one is: the review of the same day (M13), or one that says all the same (M12).

    Somebody else has added it since: a row that stood on the form is not written onto it once more.
    """
    day = columns.get(returned.until) if table == returned.about and returned.until else None
    for key in rows:
        if day is not None and ours.get(f"{table}[{key}].{returned.until}") == day:
            return key
        if columns and all(ours.get(f"{table}[{key}].{c}") == v for c, v in columns.items()):
            printed = returned.printed_record if returned.prefilled else ()
            if not any(path.startswith(f"{table}[{key}].") for path in printed):
                return key
    return None


def _looks_like(
    table: str, rows: Iterable[str], new: str, columns: Mapping[str, Value], ours: Record
) -> Iterator[Decision]:
    """A question where a new row has nearly the words of an old one, and the same dates (M12)."""
    wordy = [c for c in columns if _column(table, c).format in WORDS]
    dates = {c: value for c, value in columns.items() if _column(table, c).kind is Kind.DATE}
    said = _words(columns[c] for c in wordy)
    for key in rows if said else ():
        row = f"{table}[{key}]"
        if any(ours.get(f"{row}.{c}") != day for c, day in dates.items()):
            continue
        if _alike(said, _words(ours.get(f"{row}.{c}") for c in wordy)):
            first = wordy[0]
            yield Decision(
                place=f"{table}[{new}].{first}", outcome=Outcome.QUERY, rule="M12", theirs=columns[first],
                ours=ours.get(f"{row}.{first}"), box=f"{row}.{first}", reason=f"it is nearly the same as {key}",
            )  # fmt: skip
            return


def _column(table: str, column: str) -> Place:
    place = place_of(f"{table}[KEY].{column}")
    assert place is not None
    return place


def _words(said: Iterable[Value]) -> frozenset[str]:
    return _words_of(" ".join(str(value) for value in said if value is not None))


@lru_cache(maxsize=4096)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _alike(new: frozenset[str], old: frozenset[str]) -> bool:
    return bool(new) and len(new & old) >= ALIKE * len(new | old)
