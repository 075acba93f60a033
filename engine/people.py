"""What people decide by word of mouth: a question settled, a signature made before staff, a gate waived.

Each becomes a revision like any other, with who did it.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine import mending, merge
from engine.errors import Declined, WrongUse
from engine.model import (
    Decision,
    Form,
    Outcome,
    Query,
    Settlement,
    short_number,
)
from engine.places import Place, Value
from engine.plan import place_of, typed
from engine.premises import Premises
from engine.proforma import Proforma
from engine.recognise import Recognised, candidates, read_answers, strays
from engine.settings import now
from engine.standing import standing
from engine.workflow import append_revision, merge_in


def settle(premises: Premises, number: str, take: str | None, value: str | None, by: str, reread: Form | None) -> None:
    """Answers a query: a revision like any other, or a form that now finds its plan.

    Args:
        take: one of the query's choices.
        value: the answer in words, where a third value holds.
        reread: what the query's file says, when the query was whose form it is.

    Raises:
        WrongUse: when there is no such query, or the answer is none it can take.
        Declined: when it was settled before.
    """
    found = premises.ledger.query(number)
    if found is None:
        raise WrongUse(f"There is no question {number}.", "`counterpart queries` lists them.")
    query, settled = found
    if settled:
        raise Declined(f"{number} was settled on {settled.settled:%d/%m/%Y}: {settled.taken}.")
    if query.plan is None:
        _settle_whose(premises, query, take or value or "", by, reread)
    elif query.kind == "remark":
        _note(premises, query, query.plan, take, value, by)
    elif query.kind == "twin row":
        _settle_twins(premises, query, query.plan, take, by)
    elif query.kind == "closed":
        _settle_closed(premises, query, query.plan, take or value or "", by)
    else:
        _settle_place(premises, query, query.plan, take, value, by)


def _note(premises: Premises, query: Query, plan: str, take: str | None, value: str | None, by: str) -> None:
    """Records that somebody has seen to what stood beside the answers of a form."""
    if take not in (None, *query.choices):
        raise WrongUse(f"{query.query} cannot take “{take}”.", "It takes: noted, or a value that says what was done.")
    done = value or "noted"
    decision = Decision(place="", outcome=Outcome.AGREED, rule="settled", theirs=query.theirs, reason=done)
    with premises.ledger.writing():
        revision = append_revision(premises, plan, "settlement", (decision,), by)
        premises.ledger.settle(
            Settlement(query=query.query, revision=revision.number, taken=done, by=by, settled=revision.recorded)
        )


def _settle_twins(premises: Premises, query: Query, plan: str, take: str | None, by: str) -> None:
    """One row or two: where they are one, the row that was written in as new goes, and the older one stays."""
    if take not in query.choices:
        raise WrongUse(f"{query.query} asks whether two rows are one.", f"It takes: {' or '.join(query.choices)}.")
    record, row = premises.ledger.record(plan), query.place.rpartition(".")[0]
    reason = f"settled by {by or 'somebody'}"
    gone = [path for path in record if path.startswith(f"{row}.")] if take == "one" else []
    decisions = tuple(
        Decision(place=path, outcome=Outcome.CLEARED, rule="settled", ours=record[path], reason=reason) for path in gone
    ) or (Decision(place=query.place, outcome=Outcome.AGREED, rule="settled", theirs=query.theirs, reason=reason),)
    with premises.ledger.writing():
        revision = append_revision(premises, plan, "settlement", decisions, by)
        premises.ledger.settle(
            Settlement(query=query.query, revision=revision.number, taken=take or "", by=by, settled=revision.recorded)
        )


def _settle_place(premises: Premises, query: Query, plan: str, take: str | None, value: str | None, by: str) -> None:
    place = place_of(query.place)
    assert place is not None
    ours = premises.ledger.record(plan).get(query.place)
    if take is not None and take not in query.choices:
        raise WrongUse(f"{query.query} cannot take “{take}”.", f"It takes: {' or '.join(query.choices)}, or a value.")
    try:
        chosen = {"form": query.theirs, "plan": ours}[take] if take else place.parse(value)
    except ValueError as error:
        raise WrongUse(f"{str(error)[:1].upper()}{str(error)[1:]}.", "Nothing was settled.") from None
    outcome = Outcome.AGREED if chosen == ours else Outcome.CLEARED if chosen is None else Outcome.ACCEPTED
    decision = Decision(
        place=query.place, outcome=outcome, rule="settled", base=query.base, theirs=chosen, ours=ours,
        becomes=merge.added(ours, chosen) if _adds(query, place) and take and chosen and ours else None,
        reason=f"settled by {by or 'somebody'}",
    )  # fmt: skip
    typed(merge.apply(premises.ledger.record(plan), [decision]))
    with premises.ledger.writing():
        revision = append_revision(premises, plan, "settlement", (decision,), by)
        taken = take or place.show(chosen)
        premises.ledger.settle(
            Settlement(query=query.query, revision=revision.number, taken=taken, by=by, settled=revision.recorded)
        )


def _adds(query: Query, place: Place) -> bool:
    """Whether a form's words are added to what was written; not where the question is whether to go back."""
    return place.about.append and query.kind != "undone"


def _settle_closed(premises: Premises, query: Query, plan: str, taken: str, by: str) -> None:
    """Opens a closed plan again, or leaves it closed."""
    if taken not in query.choices:
        raise WrongUse(f"{query.query} cannot take “{taken}”.", f"It takes: {' or '.join(query.choices)}.")
    with premises.ledger.writing():
        number, settled = None, now()
        if taken == "re-open":
            opened = mending.reopen(premises.ledger.record(plan))
            revision = append_revision(premises, plan, "re-open", opened, by)
            number, settled = revision.number, revision.recorded
        premises.ledger.settle(Settlement(query=query.query, revision=number, taken=taken, by=by, settled=settled))


def _settle_whose(premises: Premises, query: Query, plan: str, by: str, reread: Form | None) -> None:
    """Merges a form into the plan that a person named, or into a new one."""
    assert query.submission is not None
    if plan != "new" and not premises.ledger.newest(plan):
        raise WrongUse(f"There is no plan “{plan}”.", f"{query.query} takes: {' or '.join(query.choices) or 'a plan'}.")
    named = short_number("P", query.submission) if plan == "new" else plan
    merge_again(premises, query.submission, named, by, reread)
    with premises.ledger.writing():
        premises.ledger.settle(Settlement(query=query.query, taken=named, by=by, settled=now()))


def merge_again(premises: Premises, sha256: str, plan: str, by: str, reread: Form | None) -> None:
    """Merges a form that came before into the plan that a person says it belongs to.

    One that was printed for another learner says only what was written on it, as a blank would.

    Args:
        reread: what the archived file says.

    Raises:
        Declined: when the file does not say which form it is.
    """
    proforma = _proforma_of(premises, reread)
    before = premises.ledger.submission(sha256)
    if reread is None or proforma is None or before is None:
        raise Declined("What the file says cannot be told from the file alone.", "Drop in a form with a form number.")
    stamp = reread.stamps[0] if reread.stamps else None
    issue = premises.ledger.issue(stamp.form) if stamp else None
    own_row = issue.row if issue else "new"
    answers, unasked = read_answers(reread, proforma, own_row), strays(reread, proforma, own_row)
    if issue and issue.plan and plan not in (issue.plan, premises.ledger.joined().get(issue.plan)):
        printed = premises.ledger.record(issue.plan, issue.revision)
        answers, stamp = tuple(mending.of_another_learner(answers, printed, issue.row)), None
    arrived = before.model_copy(update={"by": by})
    merge_in(premises, arrived, Recognised(proforma, plan, stamp, answers), plan, (*reread.remarks, *unasked))


def _proforma_of(premises: Premises, form: Form | None) -> Proforma | None:
    if form is None or len(form.stamps) > 1:
        return None
    if form.stamp:
        return premises.proformas.get(form.stamp.proforma)
    found = candidates(form, premises.proformas)
    return found[0] if len(found) == 1 else None


def sign(premises: Premises, plan: str, role: str, name: str, by: str) -> None:
    """Records a signature made before a member of staff, under what is out for signature.

    Raises:
        Declined: when nothing is out for signature, the role does not sign, or has signed.
    """
    there = standing(premises, plan)
    if there.copy is None:
        gone = any(copy.binds for copy in there.copies.values())
        raise Declined(
            "What was out for signature is no longer what the plan says."
            if gone
            else "Nothing of this plan is out for signature.",
            "`counterpart issue` the funding-body version first.",
        )
    if role not in there.roles:
        raise Declined(f"The {role} does not sign this plan.", f"It is signed by: {', '.join(there.roles)}.")
    if role in there.signed:
        raise Declined(f"The {role} has signed this copy already.")
    fresh = [c for form, c in there.copies.items() if c.binds == there.copy.binds and form not in there.spoilt]
    row = f"signatures[{(fresh[-1:] or [there.copy])[0].issue.form} {role}]"
    made: Mapping[str, Value] = {
        "name": name, "date": premises.today.isoformat(), "method": f"made before {by}", "bound": True,
    }  # fmt: skip
    decisions = tuple(
        Decision(place=f"{row}.{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)
        for part, value in made.items()
    )
    typed(merge.apply(there.record, decisions))
    with premises.ledger.writing():
        append_revision(premises, plan, "signature", decisions, by)


def waive(premises: Premises, plan: str, gate: str, reason: str, by: str, role: str = "provider") -> None:
    """Waives a gate that may be waived, by name and with a reason; both stand on the version that is signed.

    Args:
        role: in which role the person waives it.

    Raises:
        WrongUse: when there is no such gate, or no name or reason is given.
        Declined: when it may not be waived, or not by this role, or nothing is there to waive.
    """
    gates = standing(premises, plan).gates
    found = next((g for g in gates if g.gate == gate), None)
    if found is None:
        raise WrongUse(f"There is no gate “{gate}”.", f"Gates are {', '.join(g.gate for g in gates)}.")
    if not reason.strip() or not by.strip():
        raise WrongUse("A gate is waived by name and with a reason.")
    if not found.waivable:
        raise Declined(f"The gate {gate} may not be waived: {found.why or 'it has to be passed'}.")
    if role not in found.waivers:
        raise Declined(f"The {role} may not waive {gate}.", f"It may be waived by: {', '.join(found.waivers)}.")
    if found.passed:
        raise Declined(f"{gate} is passed already{': ' + found.note if found.note else ''}.")
    said = {"reason": reason, "by": by, "role": role, "date": premises.today.isoformat()}
    decisions = tuple(
        Decision(place=f"waivers[{gate}].{part}", outcome=Outcome.ACCEPTED, rule="waiver", theirs=value)
        for part, value in said.items()
    )
    with premises.ledger.writing():
        append_revision(premises, plan, "waiver", decisions, by)
