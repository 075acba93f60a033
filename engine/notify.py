"""Receipts, refusal notes, question slips and the register: what people read about their files, kept in the outbox."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from engine import certificates, delivery, outbox
from engine.files import safe_name, write_whole
from engine.model import Decision, Query, Submission, digest
from engine.plan import may_see
from engine.premises import Premises, label_of, labels
from engine.settings import now
from engine.sheet import display_name
from engine.standing import standing

REGISTER = "staff/index.html"
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
    """Keeps `outbox/staff/index.html`: every plan with its state; written only when it would say something new."""
    from engine.writing import notices

    rows = []
    waiting = [*filter(None, (certificates.warning(premises),)), *waiting]
    for plan in premises.ledger.plans():
        there = standing(premises, plan)
        sealed_ones = {seal.number for seal in premises.ledger.seals(plan)}
        first = there.due[0] if there.due else None
        rows.append(
            notices.RegisterRow(
                plan=plan,
                learner=display_name(there.record),
                revision=there.latest.number,
                edition=there.edition.number if there.edition else 0,
                edition_state=there.state,
                unsealed=bool(there.edition and there.edition.number not in sealed_ones),
                next_due=f"{first.what}: {first.day:%d/%m/%Y}" if first else there.ended,
                overdue=bool(first and first.overdue(premises.today)),
                open_queries=len(there.queries),
                links=tuple(_links(premises, plan)),
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


def _links(premises: Premises, plan: str) -> list[tuple[str, str]]:
    """The plan's documents in the staff folder, as words and addresses relative to the register."""
    return [
        (Path(ours.path).name, quote(ours.path.removeprefix("staff/")))
        for ours in premises.ledger.outputs(plan)
        if ours.path.startswith("staff/") and (premises.outbox / ours.path).exists()
    ]
