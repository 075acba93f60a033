"""The register in the outbox: every plan with its state, on one page or on many, and what waits for somebody."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine import certificates, todo
from engine.clocks import next_change
from engine.files import write_whole
from engine.model import canonical, digest
from engine.notify import EYES, open_slips
from engine.premises import Premises
from engine.road import Bar, road
from engine.settings import now
from engine.sheet import display_name
from engine.standing import Standing, standing

if TYPE_CHECKING:
    from engine.writing.notices import RegisterRow

REGISTER = "staff/index.html"
PAGES = "staff/register"

LENGTH = 500
"""How many plans stand on one page; with more, the first page shows those for which something is due soonest."""

FRESH = dt.timedelta(minutes=5)
"""How old the register's own time may grow before it is written again although nothing else on it changed."""


def line_of(premises: Premises, there: Standing) -> dict[str, Any]:
    """What the register, the tutors' pages and `plans` say of a plan: of JSON's own kinds, so that it can be kept."""
    first = there.due[0] if there.due else None
    way = road(there.record, premises.today, frozenset(EYES))
    return {
        "plan": there.plan,
        "learner": display_name(there.record),
        "revision": there.latest.number,
        "edition": there.edition.number if there.edition else 0,
        "edition_state": there.state,
        "unsealed": todo.unsealed(premises, there),
        "next_due": f"{first.what}: {first.day:%d/%m/%Y}" if first else there.ended,
        "due": [[d.what, d.day.isoformat()] for d in there.due],
        "ended": there.ended,
        "open_queries": len(there.queries),
        "links": _links(premises, there.plan, display_name(there.record)),
        "progress": [asdict(bar) for bar in way.bars] if way else [],
        "findings": list(there.findings),
        "things": todo.things(premises, there),
    }


def keep_line(premises: Premises, there: Standing) -> None:
    """Keeps a plan's line, and the day on which to look at the plan again; inside `ledger.writing()`."""
    ledger, line = premises.ledger, line_of(premises, there)
    people = {todo.tutor_of(there), *(thing["who"] for _, thing in line["things"])} - {""}
    for concerned in people | set(ledger.derived.people_of(there.plan)):
        ledger.derived.mark("tutor", concerned, ledger.entries())
    wake = next_change(there.record, there.due, premises.today)
    first = there.due[0].day if there.due else None
    ledger.derived.show(there.plan, wake, first, people, line)


def overview(premises: Premises) -> list[dict[str, Any]]:
    """The lines of all plans; those that something has happened to since they were kept are made now."""
    derived = premises.ledger.derived
    found = {line["plan"]: line for line in derived.lines()}
    for plan in derived.stale(premises.today):
        found[plan] = line_of(premises, standing(premises, plan))
    return list(found.values())


def _links(premises: Premises, plan: str, learner: str) -> list[tuple[str, str]]:
    """The plan's documents in the staff folder, as words and addresses relative to the register."""
    return [
        (_called(Path(ours.path), learner), quote(ours.path.removeprefix("staff/")))
        for ours in premises.ledger.derived.outputs(plan)
        if ours.path.startswith("staff/") and (premises.outbox / ours.path).exists()
    ]


def _called(file: Path, learner: str) -> str:
    """A document's name without its learner's, which stands in the same line, and what it opens in."""
    return f"{file.stem.removesuffix(f' - {learner}')} ({'Word' if file.suffix == '.docx' else 'PDF'})"


def register(premises: Premises, waiting: Sequence[str], changed: Collection[str] = ()) -> None:
    """Keeps the register and the tutors' pages, written only where they would say something new.

    Args:
        waiting: what could not be taken in or written yet, each a file name or a sentence.
        changed: the plans that moved.
    """
    todo.write(premises)
    derived = premises.ledger.derived
    total, overdue = derived.counts(premises.today)
    several = total > LENGTH
    waiting = [*filter(None, (certificates.warning(premises),)), *waiting]
    lines = derived.soonest(LENGTH) if several else derived.lines(LENGTH)
    shown: dict[str, Any] = {"waiting": waiting, "total": total, "overdue": overdue}
    if several:
        _write_pages(premises, total, changed)
        shown["pages"] = [(f"Plans {n * LENGTH + 1} on", f"register/{n + 1}.html") for n in range(-(-total // LENGTH))]
    _write(premises, REGISTER, lines, shown, open_slips(premises), FRESH)


def _write_pages(premises: Premises, total: int, changed: Collection[str]) -> None:
    """Writes those pages that hold a plan that moved, or are not there."""
    derived = premises.ledger.derived
    moved = {derived.page_of(plan, LENGTH) for plan in changed}
    for number in range(-(-total // LENGTH)):
        path = f"{PAGES}/{number + 1}.html"
        if number in moved or not (premises.outbox / path).exists():
            lines = derived.lines(LENGTH, number)
            for line in lines:
                line["links"] = [(words, f"../{address}") for words, address in line["links"]]
            _write(premises, path, lines, {"waiting": [], "total": total}, (), None)


def _write(
    premises: Premises, path: str, lines: Sequence[Mapping[str, Any]], shown: Mapping[str, Any],
    queries: Sequence[Any], fresh: dt.timedelta | None,
) -> None:  # fmt: skip
    """Writes a page of the register, unless it says just that already and is fresh.

    It is nobody's work but ours, and so replaced whatever it holds.
    """
    from engine.writing import notices

    derived, file, looked = premises.ledger.derived, premises.outbox / path, now().replace(microsecond=0)
    provider = premises.settings.provider.name
    says = digest(
        canonical([provider, premises.today.isoformat(), lines, shown, [q.model_dump(mode="json") for q in queries]])
    )
    if file.exists() and derived.said(path) == f"{says} {file.stat().st_mtime_ns}":
        age = looked - dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC)
        if fresh is None or dt.timedelta(0) <= age < fresh:
            return
    page = notices.register(
        [_row(line, premises.today) for line in lines], provider, looked, queries=queries, **shown
    ).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, page)
    os.utime(file, (looked.timestamp(), looked.timestamp()))
    with premises.ledger.writing():
        derived.say(path, f"{says} {file.stat().st_mtime_ns}")
        premises.ledger.derived.wrote(path, digest(page))


def _row(line: Mapping[str, Any], today: dt.date) -> RegisterRow:
    from engine.writing.notices import RegisterRow

    told = {name: value for name, value in line.items() if name not in ("due", "ended", "things")}
    return RegisterRow(
        **told
        | {
            "overdue": any(day < today.isoformat() for _, day in line["due"][:1]),
            "links": tuple((words, address) for words, address in line["links"]),
            "progress": tuple(Bar(**bar) for bar in line["progress"]),
            "findings": tuple(line["findings"]),
        }
    )
