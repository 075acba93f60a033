"""Lists of learners: what one would change is shown first, and done when an administrator says yes.

A list speaks like a form, against what the lists before it said: what has not changed on it since changes nothing,
whatever forms have said meanwhile, and what both have changed becomes a question.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping

from engine import gathering, workflow
from engine.errors import Declined, Mistake
from engine.files import write_whole
from engine.importing import Listed, Row, headings, is_list, listed
from engine.model import Answer, Form, Query, State, Submission, short_number
from engine.places import Value
from engine.plan import PLACES
from engine.premises import Premises
from engine.proforma import Proforma
from engine.recognise import Recognised
from engine.sheet import display_name

FILE = "columns.toml"
"""Where a workspace remembers which column a heading stands for, beside those that are known."""

SHOWN = 300
"""How many lines of each kind are shown."""


def columns(premises: Premises) -> Proforma | None:
    """The form that names the columns of a list; None where the workspace has none."""
    return next((p for p in premises.proformas.values() if p.serves == "import"), None)


def remembered(premises: Premises) -> Mapping[str, str]:
    """The headings that were mapped here, each with the name of a column.

    Raises:
        Mistake: when the file that holds them cannot be read.
    """
    file = premises.root / FILE
    if not file.exists():
        return {}
    try:
        return {str(heading): str(label) for heading, label in tomllib.loads(file.read_text("utf-8")).items()}
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{file}: {error}.", "Mend that line.") from error


def remember(premises: Premises, heading: str, label: str) -> None:
    """Remembers which column a heading stands for.

    Raises:
        Declined: when there is no such column.
    """
    asked = columns(premises)
    if asked is None or label.casefold() not in {q.label.casefold() for _, q, _ in asked.questions()}:
        raise Declined(f"There is no column “{label}”.", "`counterpart proformas` lists them.")
    known = {**remembered(premises), heading: label}
    lines = (f"{json.dumps(words, ensure_ascii=False)} = {json.dumps(name, ensure_ascii=False)}\n"
             for words, name in sorted(known.items()))  # fmt: skip
    write_whole(premises.root / FILE, "".join(lines).encode())


def understood(premises: Premises, form: Form) -> tuple[Proforma, Listed] | None:
    """The list of learners that a spreadsheet is; None when it is none."""
    asked = columns(premises)
    if asked is None or not form.tabs:
        return None
    mapped = remembered(premises)
    if not is_list(form.tabs, headings(asked, mapped)):
        return None
    return asked, listed(form.tabs, asked, mapped, workflow.known_here(premises), premises.today)


# ── Shown first ─────────────────────────────────────────────────────────────────────────────────────────────────


def take_in(premises: Premises, came: Submission, form: Form) -> Submission | None:
    """Shows what a list would change, and asks whether to; None when the spreadsheet is no list of learners."""
    found = understood(premises, form)
    if found is None:
        return None
    asked, said = found
    lines, new, changed = _preview(premises, asked, said)
    taken = came.model_copy(update={"proforma": asked.proforma, "answers": len(said.rows), "reason": "\n".join(lines)})
    with premises.ledger.writing():
        if new or changed:
            question = f"“{came.name}” is a list of learners. {lines[0]} May it be taken in?"
            query = Query(
                query=short_number("Q", came.sha256), plan=None, place="", kind="import", choices=("yes", "no"),
                question=question, submission=came.sha256, raised=came.received, lines=tuple(lines),
            )  # fmt: skip
            premises.ledger.raise_query(query)
        taken = taken.model_copy(update={"outcome": "query" if new or changed else "same"})
        premises.ledger.keep_submission(taken)
    return taken


def _preview(premises: Premises, asked: Proforma, said: Listed) -> tuple[list[str], int, int]:
    """What a list would change, in lines; how many plans it would make, and how many it would change."""
    words = {place.path: question.label for _, question, place in asked.questions()}
    new = [row for row in said.rows if not row.plan]
    changes = {row.plan: found for row in said.rows if row.plan and (found := _changes(premises, asked, row))}
    same = len(said.rows) - len(new) - len(changes)
    lines = [
        f"{len(said.rows) + _left_out(said)} learners: {len(new)} new, {len(changes)} with changes, {same} as before, "
        f"{_left_out(said)} left out; {len(said.wrong)} cells to put right."
    ]
    lines += _some("Cells to put right", [f"{wrong.cell}: {wrong.why}." for wrong in said.wrong])
    lines += _some("New learners", [f"{_name(row)} ({row.at})" for row in new])
    lines += _some(
        "Changes",
        [f"{display_name(premises.ledger.record(plan)) or plan}, {words[place]}: {_change(place, was, now)}"
         for plan, found in changes.items() for place, (was, now) in found.items()],
    )  # fmt: skip
    lines += _some("Columns that are not read", [f"{cell}: {heading}" for cell, heading in said.strange])
    return lines, len(new), len(changes)


def _left_out(said: Listed) -> int:
    taken = {(row.at.tab, row.at.row) for row in said.rows}
    return len({(w.cell.tab, w.cell.row) for w in said.wrong if (w.cell.tab, w.cell.row) not in taken
                and w.cell.tab in {row.at.tab for row in said.rows}})  # fmt: skip


def _some(heading: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"and {len(lines) - SHOWN:,} more."] if len(lines) > SHOWN else []
    return [f"{heading}:", *lines[:SHOWN], *more]


def _name(row: Row) -> str:
    return f"{row.said.get('learner.given_name')} {row.said.get('learner.family_name')}"


def _changes(premises: Premises, asked: Proforma, row: Row) -> dict[str, tuple[Value, Value]]:
    """What a list says otherwise than the lists before it, with what they said; a plan's first list, than the plan."""
    before = gathering.last_said(premises, asked, row.plan) or premises.ledger.record(row.plan)
    return {p: (before.get(p), value) for p, value in row.said.items() if value is not None and value != before.get(p)}


def _change(place: str, was: Value, now: Value) -> str:
    shown = PLACES[place]
    return f"{shown.show(was)} is now {shown.show(now)}" if was is not None else shown.show(now)


# ── Taken in ────────────────────────────────────────────────────────────────────────────────────────────────────


def take(premises: Premises, came: Submission, form: Form, by: str) -> str:
    """Takes a list in; tells what it made, in a sentence.

    Raises:
        Declined: when it is no list of learners any more.
    """
    found = understood(premises, form)
    if found is None:
        raise Declined(f"“{came.name}” cannot be read as a list of learners.")
    asked, said = found
    ledger = premises.ledger
    new = changed = 0
    for row in said.rows:
        plan = row.plan or short_number("P", came.sha256, row.at)
        before = ledger.newest(plan)
        workflow.merge_in(
            premises, came.model_copy(update={"by": by}), Recognised(asked, plan, None, tuple(_answers(row))), plan
        )
        new += before == 0
        changed += 0 < before < ledger.newest(plan)
    return f"{new} plans were made and {changed} changed; {len(said.wrong)} cells were left out."


def _answers(row: Row) -> Iterator[Answer]:
    for place, value in row.said.items():
        if value is not None:
            where = str(row.cells[place])
            yield Answer(place, State.SAID, value, PLACES[place].show(value), route="list", where=where)
