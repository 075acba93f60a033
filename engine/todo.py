"""A page for each member of staff who teaches, with what waits for them: kept for those whose plans have moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine import delivery, outbox
from engine.files import safe_name
from engine.notify import EYES, readable
from engine.premises import Premises, labels
from engine.road import targets_due
from engine.sheet import display_name
from engine.standing import Standing

if TYPE_CHECKING:
    from engine.writing import notices

FOLDER = "staff/to do"
NOBODY = "the tutor"
"""Whose page takes what waits for the tutor of a plan that names none."""


def tutor_of(there: Standing) -> str:
    """On whose page a plan stands; "" once it has ended."""
    return "" if there.ended else str(there.record.get("staff.tutor") or NOBODY)


def things(premises: Premises, there: Standing) -> list[list[Any]]:
    """What waits for the tutor of a plan, each with what it is sorted by; of JSON's own kinds."""
    return [] if there.ended else [[key, asdict(thing)] for key, thing in _things(premises, there)]


def unsealed(premises: Premises, there: Standing) -> bool:
    """Whether the version in force still waits for its seal."""
    made = {seal.number for seal in premises.ledger.seals(there.plan)}
    return there.edition is not None and there.edition.number not in made


def _things(premises: Premises, there: Standing) -> Iterator[tuple[str, notices.Todo]]:
    """What waits for the tutor of a plan, each with what it is sorted by: the soonest day first, then what has none."""
    from engine.writing.notices import Todo

    learner = display_name(there.record) or there.plan
    ours = (Path(o.path) for o in premises.ledger.outputs(there.plan) if o.path.startswith("staff/"))
    folder = next((path.parent.as_posix() for path in ours), "")
    link = f"../{quote(folder.removeprefix('staff/'))}/" if folder else ""
    words = labels(premises.proformas)
    for due in there.due:
        if due.near(premises.today):
            day, late = f"{due.day:%d/%m/%Y}", due.overdue(premises.today)
            yield due.day.isoformat(), Todo(learner, due.what, day, late, link)
    for line in targets_due(there.record, premises.today, frozenset(EYES)):
        yield "9998", Todo(learner, line, link=link)
    for query in there.queries:
        yield "9999", Todo(learner, f"{query.query}: {readable(query, words).question}", link=link)
    if there.state in ("issued", "part-signed"):
        yield "9999", Todo(learner, "The funding-body version is out for signature.", link=link)
    if unsealed(premises, there):
        yield "9999", Todo(learner, "The signed funding-body version waits for its seal.", link=link)


def write(premises: Premises) -> None:
    """Keeps the pages of those whose plans have moved, of everybody on a new day, and takes away those nobody needs."""
    ledger, today = premises.ledger, premises.today.isoformat()
    if ledger.derived.said("to do of") != today:
        with ledger.writing():
            for tutor in ledger.derived.tutors():
                ledger.derived.mark("tutor", tutor, 0)
            ledger.derived.say("to do of", today)
    for tutor in ledger.derived.pending("tutor"):
        with ledger.writing():
            _write(premises, tutor)
            ledger.derived.unmark("tutor", tutor, ledger.entries())


def _write(premises: Premises, tutor: str) -> None:
    from engine.writing import notices

    path = f"{FOLDER}/{safe_name(tutor)}.html"
    lines = premises.ledger.derived.lines_of(tutor)
    if not lines:
        ours = premises.ledger.output(path)
        if ours and outbox.remove(premises.outbox, ours):
            premises.ledger.forget(path)
        return
    found = [(key, notices.Todo(**thing)) for line in lines for key, thing in line["things"]]
    waiting = [thing for _, thing in sorted(found, key=lambda t: (t[0], t[1].learner, t[1].what))]
    page = notices.todo(tutor, waiting, premises.settings.provider.name, f"{premises.today:%d/%m/%Y}")
    delivery.put(premises, path, page.encode())
