"""A page for each member of staff with what waits for them, every morning; and once a week what is stuck, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine import delivery, outbox
from engine.files import safe_name
from engine.model import canonical
from engine.notify import EYES, NOBODY, SHOWN, asked_of, of_the_office, readable
from engine.premises import Premises, labels
from engine.road import targets_due
from engine.sheet import display_name
from engine.standing import Standing

if TYPE_CHECKING:
    from engine.writing import notices

FOLDER = "staff/to do"


def tutor_of(there: Standing) -> str:
    """On whose page a plan stands in any case; "" once it has ended."""
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

    learner, tutor = display_name(there.record) or there.plan, tutor_of(there)
    ours = (Path(o.path) for o in premises.ledger.derived.outputs(there.plan) if o.path.startswith("staff/"))
    folder = next((path.parent.as_posix() for path in ours), "")
    link = f"../{quote(folder.removeprefix('staff/'))}/" if folder else ""
    words = labels(premises.proformas)
    for due in there.due:
        if due.near(premises.today):
            day, late = f"{due.day:%d/%m/%Y}", due.overdue(premises.today)
            who = str(there.record.get(_WHO.get(due.clock, "")) or tutor)
            since = due.day.isoformat() if late else ""
            yield due.day.isoformat(), Todo(learner, due.what, day, late, link, who, since)
    for line in targets_due(there.record, premises.today, frozenset(EYES)):
        yield "9998", Todo(learner, line, link=link, who=tutor)
    for query in there.queries:
        who, asks = asked_of(premises, query, there.record, tutor)
        line = f"{query.query}: {readable(query, words).question}{f' (ask {asks})' if asks else ''}"
        yield "9999", Todo(learner, line, link=link, who=who, since=query.raised.date().isoformat())
    if there.state in ("issued", "part-signed") and there.copy:
        missing = ", ".join(role for role in there.roles if role not in there.signed)
        line = f"The funding-body version is out for signature; it waits for: {missing or 'nobody'}."
        yield "9999", Todo(learner, line, link=link, who=tutor, since=there.copy.issue.printed.isoformat())
    if unsealed(premises, there):
        line = "The signed funding-body version waits for its seal."
        yield "9999", Todo(learner, line, link=link, who=tutor, since=premises.today.isoformat())


_WHO = {"support": "staff.support_worker"}
"""By clock, the place that names whom it waits for; the tutor, where there is none."""


def _of_the_office(premises: Premises) -> tuple[str, list[list[Any]]]:
    """The administrator whom questions about no plan wait for, and those questions."""
    from engine.writing.notices import Todo

    who = of_the_office(premises)
    found = premises.ledger.unplaced_queries(SHOWN)
    return who, [
        ["9999", asdict(Todo("the office", f"{q.query}: {q.question}", who=who, since=q.raised.date().isoformat(),
                             link="../../questions/"))] for q in found
    ]  # fmt: skip


def write(premises: Premises) -> None:
    """Keeps the pages of those whose plans have moved, of everybody on a new day, and takes away those nobody needs.

    And once a week the page of what is stuck.
    """
    ledger, today = premises.ledger, premises.today.isoformat()
    who, office = _of_the_office(premises)
    with ledger.writing():
        if ledger.derived.said("to do of") != today:
            for name in ledger.derived.people():
                ledger.derived.mark("tutor", name, 0)
            ledger.derived.say("to do of", today)
        if ledger.derived.said("office asked") != (says := canonical([who, office])):
            for name in {who, ledger.derived.said("office")} - {""}:
                ledger.derived.mark("tutor", name, ledger.entries())
            ledger.derived.say("office asked", says)
            ledger.derived.say("office", who)
    for name in ledger.derived.pending("tutor"):
        with ledger.writing():
            _write(premises, name, office if name == who else [])
            ledger.derived.unmark("tutor", name, ledger.entries())
    _stuck(premises, office)


def _write(premises: Premises, name: str, more: list[list[Any]]) -> None:
    from engine.writing import notices

    path = f"{FOLDER}/{safe_name(name)}.html"
    lines = premises.ledger.derived.lines_of(name)
    kept = [*(pair for line in lines for pair in line["things"] if pair[1]["who"] == name), *more]
    if not kept and not lines:
        ours = premises.ledger.derived.output(path)
        if ours and outbox.remove(premises.outbox, ours):
            premises.ledger.derived.forget(path)
        return
    found = [(key, notices.Todo(**thing)) for key, thing in kept]
    waiting = [thing for _, thing in sorted(found, key=lambda t: (t[0], t[1].learner, t[1].what))]
    page = notices.todo(name, waiting, premises.settings.provider.name, f"{premises.today:%d/%m/%Y}")
    delivery.put(premises, path, page.encode())


STUCK = "quality/What is stuck.html"
LONG = dt.timedelta(days=7)
"""How long something may wait before those who lead are told."""

MOST = 500
"""How many lines their page has."""


def _stuck(premises: Premises, office: list[list[Any]]) -> None:
    """Keeps the weekly page of what is stuck: written in the first run of each week."""
    from engine.writing import notices

    derived, today = premises.ledger.derived, premises.today
    week = "{}-{}".format(*today.isocalendar()[:2])
    if derived.said("stuck of") == week and delivery.stands(premises, STUCK):
        return
    pairs = [*(pair for line in derived.lines() for pair in line["things"]), *office]
    late = [notices.Todo(**thing) for _, thing in pairs if thing["since"]]
    late = [thing for thing in late if today - dt.date.fromisoformat(thing.since) >= LONG]
    late.sort(key=lambda thing: (thing.since, thing.who, thing.learner, thing.what))
    page = notices.stuck(late[:MOST], premises.settings.provider.name, today)
    delivery.put(premises, STUCK, page.encode())
    with premises.ledger.writing():
        derived.say("stuck of", week)
