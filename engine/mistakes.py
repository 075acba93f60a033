"""Mistakes by people put right: a revision taken back, a form moved to its learner, two plans joined, a plan closed.

Each is one more revision, with who did it and why; nothing is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine import mending, merge, renewing, undoing
from engine.asking import AGAIN, ask, let_fall
from engine.asking import close as close_query
from engine.errors import Declined, WrongUse
from engine.model import Decision, Form, Query, Revision, taken_back
from engine.people import merge_again
from engine.places import Record
from engine.premises import Premises, label_of, labels
from engine.settings import now

# ── Entered in error ────────────────────────────────────────────────────────────────────────────────────────────


def undo(
    premises: Premises, plan: str, number: int, reason: str, by: str, to: str | None = None, reread: Form | None = None
) -> Revision:
    """Takes a revision back: what it changed goes back, and what has changed again since is asked about.

    Args:
        to: the plan of the learner whose form it was.
        reread: what the revision's file says, when it goes `to` another plan.

    Raises:
        WrongUse: when there is no such revision or plan, or no reason is given.
        Declined: when it was taken back before, or a funding-body version rests on it.
    """
    _must_have_a_reason(reason, "taken back")
    revisions = premises.ledger.revisions(plan)
    wrong = next((r for r in revisions if r.number == number), None)
    if wrong is None:
        raise WrongUse(f"{plan} has no change {number}.", f"Its newest is {len(revisions)}.")
    _may_be_undone(premises, wrong, revisions)
    if to is not None:
        _move(premises, wrong, to, by, reread)
    with premises.ledger.writing():
        revision = _take_back(premises, wrong, reason, by)
        if wrong.joined:
            _take_back(premises, _joining_of(premises, wrong.joined), reason, by)
    return revision


def _may_be_undone(premises: Premises, wrong: Revision, revisions: list[Revision]) -> None:
    plan, number = wrong.plan, wrong.number
    done = taken_back(revisions).get(number)
    if done:
        when = revisions[done - 1].recorded
        raise Declined(
            f"Change {number} of {plan} was taken back already, on {when:%d/%m/%Y} by change {done}.",
            f"To bring it back: `counterpart undo {plan} {done}`.",
        )
    _must_not_be_joined(premises, plan)
    for edition in premises.ledger.editions(plan):
        if any(s.revision == number for s in edition.signatures):
            raise Declined(
                f"Funding-body version {edition.number} rests on a signature that change {number} recorded.",
                "Mend the working document instead, and have a new version signed; it supersedes that one.",
            )


def _must_not_be_joined(premises: Premises, plan: str) -> None:
    into = premises.ledger.index.joined().get(plan)
    if into:
        joining = next(r for r in reversed(premises.ledger.revisions(into)) if r.joined == plan)
        raise Declined(
            f"{plan} was joined to {into}.", f"To part them again: `counterpart undo {into} {joining.number}`."
        )


def _move(premises: Premises, wrong: Revision, to: str, by: str, reread: Form | None) -> None:
    """Merges the form of a revision into the plan of the learner whose it is."""
    if wrong.submission is None:
        raise WrongUse(f"Change {wrong.number} came from no form, so there is nothing to move.", "Leave out --to.")
    if to == wrong.plan or not premises.ledger.newest(to):
        raise WrongUse(f"“{to}” is not another plan.", "`counterpart plans` lists them.")
    _must_not_be_joined(premises, to)
    merge_again(premises, wrong.submission, to, by, reread)


def _take_back(premises: Premises, wrong: Revision, reason: str, by: str) -> Revision:
    """One more revision that takes one back; inside `ledger.writing()`."""
    ledger, plan = premises.ledger, wrong.plan
    record = ledger.record(plan)
    asked = ledger.queries(plan)
    back = undoing.take_back(ledger.revisions(plan), wrong)
    settled = undoing.stood_on(asked, wrong, record)
    decisions = (*back, *settled)
    revision = _append(premises, plan, "undo", decisions, by, reason, {"undoes": wrong.number, "joined": wrong.joined})
    after = merge.apply(record, decisions)
    fell = {
        query.query: "undone" if _is_of(query, wrong) else "the plan says so now"
        for query, _ in asked
        if _is_of(query, wrong) or renewing.said_now(query, after)
    }
    still_asked = {number for query, settlement in asked if settlement is None for number in query.sides}
    gone = _gone(premises, plan)
    anew: list[Query] = []
    for query, settlement in asked:
        if settlement is None:
            _keep_asking(premises, query, fell, revision, record, after)
        elif settlement.revision == wrong.number and not gone & {query.raised_in, query.submission}:
            if renewing.said_now(query, after):
                continue
            if still_asked.issuperset(query.sides or [query.query]):
                continue  # It is asked about already, together with what came later.
            anew.append(renewing.renewed(premises, query, revision, query.place, after))
    _ask(premises, revision, anew)
    return revision


def _gone(premises: Premises, plan: str) -> frozenset[int | str | None]:
    """The numbers of a plan's revisions that are taken back, and the forms that made these and no other."""
    revisions, gone = premises.ledger.revisions(plan), premises.ledger.taken_back(plan)
    forms = {r.submission for r in revisions if r.number in gone} - {
        r.submission for r in revisions if r.number not in gone
    }
    return frozenset({*gone, *forms} - {None})


def _keep_asking(
    premises: Premises, query: Query, fell: Mapping[str, str], revision: Revision, before: Record, after: Record
) -> None:
    """An open question after a revision was taken back: it ends, or is asked of what is left, of the plan as it is."""
    if not fell.keys().isdisjoint(query.sides or (query.query,)):
        let_fall(premises, query, fell, revision)
    elif query.place and before.get(query.place) != after.get(query.place):
        again = renewing.renewed(premises, query, revision, query.place, after)
        close_query(premises, query, revision, f"{AGAIN}{again.query}")
        premises.ledger.raise_query(again)


def _is_of(query: Query, wrong: Revision) -> bool:
    """Whether a revision raised a question, also where it was asked again since: the form that it is about tells."""
    return query.raised_in == wrong.number or (query.submission is not None and query.submission == wrong.submission)


def _joining_of(premises: Premises, joined: str) -> Revision:
    """The revision by which a plan is joined to another, or was parted from it: the newest that is in force."""
    revisions = premises.ledger.revisions(joined)
    gone = taken_back(revisions)

    def first(revision: Revision) -> Revision:
        return first(revisions[revision.undoes - 1]) if revision.undoes else revision

    return next(r for r in reversed(revisions) if r.number not in gone and first(r).cause == "join")


# ── One learner, two plans ──────────────────────────────────────────────────────────────────────────────────────


def join(premises: Premises, first: str, second: str, by: str) -> Revision:
    """Joins the second plan to the first: what it knows of the learner goes there, and it is closed.

    Its signatures, waivers and funding-body versions stay its own history; its open questions are asked anew.

    Raises:
        WrongUse: when both are one plan.
        Declined: when one of them was joined to another before, or one that goes on would end in one that is closed.
    """
    if first == second:
        raise WrongUse(f"{first} and {second} are one plan already.", "Name two.")
    for plan in (first, second):
        _must_not_be_joined(premises, plan)
    ledger = premises.ledger
    record, theirs = ledger.record(first), ledger.record(second)
    if record.get("closing.day") and not theirs.get("closing.day"):
        raise Declined(
            f"{first} is closed and {second} is not, so the learner would be left with no plan that goes on.",
            f"Join them the other way round (`counterpart join {second} {first}`), "
            f"or first open it again: `counterpart reopen {first}`.",
        )
    decisions = mending.join(record, theirs, merge.past(ledger.revisions(first)).used)
    after = merge.apply(record, decisions)
    closing = mending.close(f"joined to {first}", by, premises.today, into=first)
    with ledger.writing():
        revision = _append(premises, first, "join", decisions, by, "", {"joined": second})
        gone = _append(premises, second, "join", closing, by, "", {})
        _ask(premises, revision)
        rows = mending.rows_joined(revision)
        for query in ledger.open_queries(second):
            if mending.stays_behind(query.place):
                close_query(premises, query, gone, f"left behind: the plan was joined to {first}")
                continue
            place, taken = mending.renamed(query.place, rows), f"the plan it was joined to ({first}) says so"
            for again in renewing.apart(premises, query, revision, place, after):
                ask(premises, again, revision)
                taken = f"{AGAIN}{again.query}"
            close_query(premises, query, gone, taken)
    return revision


# ── Finished ────────────────────────────────────────────────────────────────────────────────────────────────────


def close(premises: Premises, plan: str, reason: str, by: str) -> Revision:
    """Closes a plan: nothing of it is due any more; its documents stay.

    Raises:
        WrongUse: when no reason is given.
        Declined: when it is closed already.
    """
    _must_have_a_reason(reason, "closed")
    _must_not_be_joined(premises, plan)
    if premises.ledger.record(plan).get("closing.day"):
        raise Declined(f"{plan} is closed already.", f"To open it again: `counterpart reopen {plan}`.")
    with premises.ledger.writing():
        return _append(premises, plan, "close", mending.close(reason, by, premises.today), by, reason, {})


def reopen(premises: Premises, plan: str, reason: str, by: str) -> Revision:
    """Opens a closed plan again, and settles the question whether to.

    Raises:
        WrongUse: when no reason is given.
        Declined: when it is not closed.
    """
    _must_have_a_reason(reason, "opened again")
    _must_not_be_joined(premises, plan)
    record = premises.ledger.record(plan)
    if not record.get("closing.day"):
        raise Declined(f"{plan} is not closed.")
    with premises.ledger.writing():
        revision = _append(premises, plan, "re-open", mending.reopen(record), by, reason, {})
        for query in premises.ledger.open_queries(plan):
            if query.kind == "closed":
                close_query(premises, query, revision, "re-open")
    return revision


def _must_have_a_reason(reason: str, done: str) -> None:
    """What puts a mistake right says why, as a waiver does."""
    if not reason.strip():
        raise WrongUse(f"Nothing is {done} without a reason.", "Say in a few words why.")


# ── Kept ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _append(
    premises: Premises, plan: str, cause: str, decisions: tuple[Decision, ...], by: str, reason: str,
    more: Mapping[str, int | str | None],
) -> Revision:  # fmt: skip
    """Appends a plan's next revision; inside `ledger.writing()`."""
    ledger = premises.ledger
    return ledger.append(
        Revision(
            plan=plan,
            number=ledger.newest(plan) + 1,
            parent="",
            recorded=now(),
            effective=premises.today,
            cause=cause,
            by=by,
            reason=reason,
            decisions=decisions,
        ).model_copy(update=dict(more))
    )


def _ask(premises: Premises, revision: Revision, more: Iterable[Query] = ()) -> None:
    """Raises the questions of a revision, and those that it brings back."""
    known = labels(premises.proformas)
    words = {d.place: label_of(known, d.place) for d in revision.decisions}
    for query in (*mending.queries(revision.decisions, revision, words), *more):
        ask(premises, query, revision)
