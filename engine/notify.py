"""Receipts, refusal notes, question slips and the register: what people read about their files, kept in the outbox."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine import certificates, delivery, outbox
from engine.files import safe_name, write_whole
from engine.model import Decision, Query, Submission, digest
from engine.plan import may_see
from engine.premises import Premises, label_of, labels
from engine.road import road, targets_due
from engine.settings import now
from engine.sheet import display_name
from engine.standing import Standing, standing

if TYPE_CHECKING:
    from engine.writing import notices

REGISTER = "staff/index.html"
TODO = "staff/to do"
EYES = "T"
"""Who reads receipts, question slips and the register: staff who teach. What they may not see is not on them."""

UNSEEN = "(not shown here)"

FRESH = dt.timedelta(minutes=5)
"""How old the register's own time may grow before it is written again although nothing else on it changed."""


def _masked(decision: Decision) -> Decision:
    """The decision as staff may read it."""
    if not decision.place or may_see(decision.place, EYES):
        return decision
    hidden = {n: UNSEEN for n in ("base", "theirs", "ours") if getattr(decision, n) is not None}
    return decision.model_copy(update={**hidden, "reason": ""})


def _readable(query: Query, words: Mapping[str, str]) -> Query:
    """The question as staff may read it."""
    if not query.place or may_see(query.place, EYES):
        return query
    asked = f"{label_of(words, query.place)}: a question that the office can see with `counterpart queries`."
    return query.model_copy(update={"question": asked, "base": None, "theirs": None, "ours": None})


def about(premises: Premises, submission: Submission) -> None:
    """Writes the receipt of a submission, or its refusal note beside the file itself; once."""
    if submission.outcome == "refused":
        _refusal(premises, submission)
    else:
        _receipt(premises, submission)


def _receipt(premises: Premises, submission: Submission) -> None:
    from engine.writing import notices

    stem = safe_name(Path(submission.name).stem)
    path = f"receipts/{submission.received:%Y-%m-%d %H.%M} {stem} {submission.sha256[:6]}.html"
    if delivery.stands(premises, path):
        return
    plan, ledger = submission.plan, premises.ledger
    revision = next((r for r in ledger.revisions(plan) if r.submission == submission.sha256), None) if plan else None
    # What we add to a signature ourselves (how it was made, whether it binds) nobody said on the form.
    said = (d for d in revision.decisions if not (d.rule == "M18" and d.applies)) if revision else ()
    decisions = tuple(_masked(d) for d in said)
    words = labels(premises.proformas)
    known = {d.place: label_of(words, d.place) for d in decisions}
    asked = [q for q in (ledger.queries(plan) if plan else ()) if q[0].submission == submission.sha256]
    queries = [q for q, _ in asked] or [q for q in ledger.open_queries() if q.submission == submission.sha256]
    learner, sentence = "", "Nothing was changed."
    if plan:
        there = standing(premises, plan, revision.number if revision else None)
        learner, sentence = display_name(there.record), there.sentence(words, frozenset(EYES))
    readable = [_readable(q, words) for q in queries]
    page = notices.receipt(submission, learner, decisions, known, readable, sentence)
    delivery.put(premises, path, page.encode(), plan)


def _refusal(premises: Premises, submission: Submission) -> None:
    from engine.writing import notices

    path = f"refused/{refused_name(submission)}"
    there = premises.ledger.output(path)
    if there and there.sha256 != submission.sha256:
        path = f"refused/{Path(path).stem} {submission.sha256[:6]}{Path(path).suffix}"
    note = f"{path} - why not.html"
    if not delivery.stands(premises, note):
        if not submission.set_aside:
            delivery.put(premises, path, premises.archive.get(submission.sha256))
        delivery.put(premises, note, notices.refusal(submission).encode())


def refused_name(submission: Submission) -> str:
    """What a refused file is called beside its note: as it came, as far as every system takes that."""
    return safe_name(Path(submission.name).stem) + Path(submission.name).suffix[:10]


def questions(premises: Premises) -> None:
    """Keeps a slip for every open question, and takes those away that are settled."""
    from engine.writing import notices

    words = labels(premises.proformas)
    open_now = {f"questions/{query.query}.html": query for query in premises.ledger.open_queries()}
    for path, query in open_now.items():
        if delivery.stands(premises, path):
            continue
        came = premises.ledger.submission(query.submission) if query.submission else None
        learner = display_name(premises.ledger.record(query.plan)) if query.plan else ""
        label = label_of(words, query.place) if query.place else ""
        page = notices.question(_readable(query, words), learner, came.name if came else "", label)
        delivery.put(premises, path, page.encode(), query.plan)
    for ours in premises.ledger.outputs():
        gone = ours.path.startswith("questions/") and ours.path not in open_now
        if gone and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.forget(ours.path)


def register(premises: Premises, waiting: Sequence[str]) -> None:
    """Keeps the register, and a page of what is to be done for each member of staff who teaches."""
    there = [standing(premises, plan) for plan in premises.ledger.plans()]
    _register(premises, there, waiting)
    _todo(premises, there)


def _register(premises: Premises, plans: Sequence[Standing], waiting: Sequence[str]) -> None:
    """Keeps `outbox/staff/index.html`: every plan with its state; written only when it would say something new."""
    from engine.writing import notices

    rows = []
    waiting = [*filter(None, (certificates.warning(premises),)), *waiting]
    for there in plans:
        first = there.due[0] if there.due else None
        way = road(there.record, premises.today, frozenset(EYES))
        rows.append(
            notices.RegisterRow(
                plan=there.plan,
                learner=display_name(there.record),
                revision=there.latest.number,
                edition=there.edition.number if there.edition else 0,
                edition_state=there.state,
                unsealed=_unsealed(premises, there),
                next_due=f"{first.what}: {first.day:%d/%m/%Y}" if first else there.ended,
                overdue=bool(first and first.overdue(premises.today)),
                open_queries=len(there.queries),
                links=tuple(_links(premises, there.plan)),
                progress=way.bars if way else (),
                findings=there.findings,
            )
        )
    words = labels(premises.proformas)
    queries = [_readable(q, words) for q in premises.ledger.open_queries()]
    provider = premises.settings.provider.name
    file = premises.outbox / REGISTER
    if file.exists():
        looked = dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC).replace(microsecond=0)
        same = notices.register(rows, provider, looked, waiting, queries).encode() == file.read_bytes()
        if same and now() - looked < FRESH:
            return
    looked = now().replace(microsecond=0)
    page = notices.register(rows, provider, looked, waiting, queries).encode()
    # The register is nobody's work but ours: it is replaced whatever it holds.
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, page)
    os.utime(file, (looked.timestamp(), looked.timestamp()))
    with premises.ledger.writing():
        premises.ledger.wrote(REGISTER, digest(page))


def _unsealed(premises: Premises, there: Standing) -> bool:
    """Whether the version in force still waits for its seal."""
    made = {seal.number for seal in premises.ledger.seals(there.plan)}
    return there.edition is not None and there.edition.number not in made


def _todo(premises: Premises, plans: Sequence[Standing]) -> None:
    """Keeps a page for each tutor that the plans name, and takes those away that nobody needs any more."""
    from engine.writing import notices

    by_tutor: dict[str, list[tuple[str, notices.Todo]]] = {}
    for there in plans:
        if not there.ended:
            tutor = str(there.record.get("staff.tutor") or "the tutor")
            by_tutor.setdefault(tutor, []).extend(_things(premises, there))
    paths = set()
    for tutor, things in by_tutor.items():
        path = f"{TODO}/{safe_name(tutor)}.html"
        paths.add(path)
        sorted_things = [thing for _, thing in sorted(things, key=lambda t: (t[0], t[1].learner, t[1].what))]
        day = f"{premises.today:%d/%m/%Y}"
        page = notices.todo(tutor, sorted_things, premises.settings.provider.name, day)
        delivery.put(premises, path, page.encode())
    for ours in premises.ledger.outputs():
        gone = ours.path.startswith(f"{TODO}/") and ours.path not in paths
        if gone and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.forget(ours.path)


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
        yield "9999", Todo(learner, f"{query.query}: {_readable(query, words).question}", link=link)
    if there.state in ("issued", "part-signed"):
        yield "9999", Todo(learner, "The funding-body version is out for signature.", link=link)
    if _unsealed(premises, there):
        yield "9999", Todo(learner, "The signed funding-body version waits for its seal.", link=link)


def _links(premises: Premises, plan: str) -> list[tuple[str, str]]:
    """The plan's documents in the staff folder, as words and addresses relative to the register."""
    return [
        (Path(ours.path).name, quote(ours.path.removeprefix("staff/")))
        for ours in premises.ledger.outputs(plan)
        if ours.path.startswith("staff/") and (premises.outbox / ours.path).exists()
    ]
