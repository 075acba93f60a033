"""Receipts, refusal notes and question slips: what people read about their files, kept in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import delivery, outbox
from engine.files import safe_name
from engine.model import Decision, Query, Submission
from engine.plan import may_see
from engine.premises import Premises, label_of, labels
from engine.sheet import display_name
from engine.standing import standing

EYES = "T"
"""Who reads receipts, question slips and the register: staff who teach. What they may not see is not on them."""

UNSEEN = "(not shown here)"


def _masked(decision: Decision) -> Decision:
    """The decision as staff may read it."""
    if not decision.place or may_see(decision.place, EYES):
        return decision
    hidden = {n: UNSEEN for n in ("base", "theirs", "ours") if getattr(decision, n) is not None}
    return decision.model_copy(update={**hidden, "reason": ""})


def readable(query: Query, words: Mapping[str, str]) -> Query:
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
    shown = [readable(q, words) for q in queries]
    page = notices.receipt(submission, learner, decisions, known, shown, sentence)
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
    suffix = Path(submission.name).suffix[1:11]
    return safe_name(Path(submission.name).stem) + (f".{safe_name(suffix)}" if suffix else "")


QUESTIONS = "questions/"
SHOWN = 200
"""How many open questions the register shows."""


def slip(premises: Premises, number: str) -> None:
    """Keeps a slip for a question while it is open, and takes it away when it is settled."""
    from engine.writing import notices

    found = premises.ledger.query(number)
    path = f"{QUESTIONS}{number}.html"
    if found is None or found[1]:
        ours = premises.ledger.output(path)
        if ours and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.forget(path)
        return
    if delivery.stands(premises, path):
        return
    query, words = found[0], labels(premises.proformas)
    came = premises.ledger.submission(query.submission) if query.submission else None
    learner = display_name(premises.ledger.record(query.plan)) if query.plan else ""
    label = label_of(words, query.place) if query.place else ""
    page = notices.question(readable(query, words), learner, came.name if came else "", label)
    delivery.put(premises, path, page.encode(), query.plan)


def open_slips(premises: Premises) -> list[Query]:
    """The open questions as staff may read them, the oldest first, not more than fit on a page."""
    words = labels(premises.proformas)
    return [readable(query, words) for query in premises.ledger.open_queries(most=SHOWN)]
