"""Receipts, refusal notes and question slips: what people read about their files, kept in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import delivery, documents, outbox, sharing
from engine.asking import AGAIN
from engine.files import safe_name
from engine.model import Decision, Query, Settlement, Submission
from engine.places import Record
from engine.plan import may_see
from engine.premises import Premises, label_of, labels, waits_for
from engine.sheet import display_name
from engine.slip import in_words
from engine.standing import standing

EYES = "T"
"""Who reads receipts, question slips and the register: staff who teach. What they may not see is not on them."""

UNSEEN = "(not shown here)"


def _masked(decision: Decision) -> Decision:
    """The decision as staff may read it."""
    if not decision.place or may_see(decision.place, EYES):
        return decision
    hidden = {n: UNSEEN for n in ("base", "theirs", "ours", "becomes") if getattr(decision, n) is not None}
    return decision.model_copy(update={**hidden, "reason": ""})


def readable(query: Query, words: Mapping[str, str]) -> Query:
    """The question as staff may read it."""
    if not query.place or may_see(query.place, EYES):
        return query
    asked = f"{label_of(words, query.place)}: a question that the office can see with `counterpart queries`."
    return query.model_copy(update={"question": asked, "base": None, "theirs": None, "ours": None})


_STAFF = ("tutor", "support")
"""The roles of staff who decide questions themselves; any other is asked by the tutor."""

NOBODY = "the tutor"
"""Whom it waits for what the tutor of a plan decides that names none."""

OFFICE = "the office"
"""Whom it waits for what an administrator decides, where the settings name none."""


def asked_of(premises: Premises, query: Query, record: Record, tutor: str) -> tuple[str, str]:
    """The one member of staff whom a question about a plan waits for, and whom they have to ask; "" = nobody."""
    found = dict(waits_for(query, record))
    for role in _STAFF:
        if role in found:
            return found[role] or tutor, ""
    role, name = next(iter(found.items()), ("", ""))
    if role == "provider":
        return tutor, of_the_office(premises)
    return tutor, f"the {role}{f', {name}' if name else ''}" if role else ""


def of_the_office(premises: Premises) -> str:
    """The administrator whom questions about no plan wait for."""
    people = premises.settings.people.items()
    return next((name for name, person in people if premises.settings.may.leave & set(person.roles)), OFFICE)


def _whom(premises: Premises, query: Query) -> str:
    """Whom an open question waits for, in words: one person, and whom that person has to ask."""
    if query.plan is None:
        return of_the_office(premises)
    record = premises.ledger.record(query.plan)
    who, asks = asked_of(premises, query, record, str(record.get("staff.tutor") or NOBODY))
    return f"{who}, who asks {asks}" if asks else who


def about(premises: Premises, submission: Submission) -> None:
    """Writes the receipt of a submission, or its refusal note beside the file itself; once."""
    if submission.outcome == "refused":
        _refusal(premises, submission)
    elif submission.outcome == "kept" or _is_office_form(premises, submission):
        _done(premises, submission)
    else:
        _receipt(premises, submission)


def _receipt(premises: Premises, submission: Submission) -> None:
    from engine.writing import notices

    path = _receipt_path(submission)
    if delivery.stands(premises, path):
        return
    plan, ledger = submission.plan, premises.ledger
    revision = next((r for r in ledger.revisions(plan) if r.submission == submission.sha256), None) if plan else None
    # What we add to a signature ourselves (how it was made, whether it binds) nobody said on the form.
    said = (d for d in revision.decisions if not (d.rule == "M18" and d.applies)) if revision else ()
    decisions = tuple(_masked(d) for d in said)
    words = labels(premises.proformas)
    known = {d.place: label_of(words, d.place) for d in decisions}
    of_plan = ledger.queries(plan) if plan else []
    ended = [(q, s) for q, s in of_plan if s and revision and s.revision == revision.number]
    settled = [_settled(q, s, words) for q, s in ended if not s.taken.startswith(AGAIN)]
    asked = [q for q, _ in of_plan if q.submission == submission.sha256]
    queries = asked or [q for q in ledger.unplaced_queries() if q.submission == submission.sha256]
    learner, sentence = "", "Nothing was changed."
    if plan:
        there = standing(premises, plan, revision.number if revision else None)
        learner, sentence = display_name(there.record), there.sentence(words, frozenset(EYES))
        given = (d.place for d in decisions if d.place and d.applies)
        sentence = " ".join([sentence, *sharing.in_vain(given, there.record, premises.proformas.values())])
    shown = [(readable(q, words), _whom(premises, q)) for q in queries]
    page = notices.receipt(submission, learner, decisions, known, shown, settled, sentence)
    delivery.put(premises, path, page.encode(), plan)


def _settled(query: Query, settlement: Settlement, words: Mapping[str, str]) -> tuple[str, str, str]:
    """A question that was settled, as staff may read it: its number, what it was about, what was chosen."""
    seen = not query.place or may_see(query.place, EYES)
    label = label_of(words, query.place) if query.place else ""
    return query.query, label, in_words(query, settlement.taken) if seen else UNSEEN


def _is_office_form(premises: Premises, submission: Submission) -> bool:
    found = premises.proformas.get(submission.proforma or "")
    return found is not None and bool(found.serves)


def _receipt_path(submission: Submission) -> str:
    stem = safe_name(Path(submission.name).stem)
    return f"receipts/{submission.received:%Y-%m-%d %H.%M} {stem} {submission.sha256[:6]}.html"


def _done(premises: Premises, submission: Submission) -> None:
    """The receipt of what goes into no plan: what was done, or what has to happen first."""
    from engine.writing import notices

    path = _receipt_path(submission)
    if delivery.stands(premises, path):
        return
    asked = [q for q in premises.ledger.unplaced_queries() if q.submission == submission.sha256]
    came_with = [s.name for s in premises.ledger.came_with(submission.sha256)]
    page = notices.done(submission, [(q.query, _whom(premises, q)) for q in asked], came_with)
    delivery.put(premises, path, page.encode())


def _refusal(premises: Premises, submission: Submission) -> None:
    from engine.writing import notices

    path = f"refused/{refused_name(submission)}"
    there = premises.ledger.derived.output(path)
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
        for old in (path, *((_form_path(premises, found[0]), _copy_path(premises, found[0])) if found else ())):
            ours = premises.ledger.derived.output(old)
            if ours and outbox.remove(premises.outbox, ours):
                with premises.ledger.writing():
                    premises.ledger.derived.forget(old)
        return
    if found[0].plan is None:
        _form(premises, found[0])
    if delivery.stands(premises, path):
        return
    query, words = found[0], labels(premises.proformas)
    came = premises.ledger.submission(query.submission) if query.submission else None
    learner = display_name(premises.ledger.record(query.plan)) if query.plan else ""
    label = label_of(words, query.place) if query.place else ""
    form = "" if query.plan else Path(_form_path(premises, query)).name
    whom = _whom(premises, query)
    page = notices.question(readable(query, words), learner, came.name if came else "", label, form, whom)
    delivery.put(premises, path, page.encode(), query.plan)


def _form_path(premises: Premises, query: Query) -> str:
    """Where the form lies that answers a question about no plan; "" where there is none."""
    issue = documents.slip_issue(premises, query) if query.plan is None else None
    if issue is None:
        return ""
    return f"{QUESTIONS}{query.query} {safe_name(premises.proforma_of(issue).title)}.docx"


def _copy_path(premises: Premises, query: Query) -> str:
    """Where a copy of the file lies that a question is about; "" for one that is no mere file."""
    came = premises.ledger.submission(query.submission) if query.kind == "file" and query.submission else None
    return f"{QUESTIONS}{query.query} {refused_name(came)}" if came else ""


def _form(premises: Premises, query: Query) -> None:
    """Keeps the form that answers a question about no plan beside its page, and the file that it is about."""
    issue, path = documents.slip_issue(premises, query), _form_path(premises, query)
    if issue and not delivery.stands(premises, path):
        with premises.ledger.writing():
            if premises.ledger.issue(issue.form) is None:
                premises.ledger.give_out(issue)
            delivery.put(premises, path, documents.render(premises, issue).content, None, issue.form)
    copy = _copy_path(premises, query)
    if copy and query.submission and not delivery.stands(premises, copy):
        delivery.put(premises, copy, premises.archive.get(query.submission))


def open_slips(premises: Premises) -> list[Query]:
    """The open questions as staff may read them, the oldest first, not more than fit on a page."""
    words = labels(premises.proformas)
    return [readable(query, words) for query in premises.ledger.open_queries(most=SHOWN)]
