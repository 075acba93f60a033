"""What people decide by word of mouth: a question settled, a signature before staff, a gate waived, a year begun.

Each becomes a revision like any other, with who did it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from engine import mending, merge, models, rolling, slip
from engine.answers import read_answers, strays
from engine.asking import answered, ask_all, close
from engine.errors import Declined, WrongUse
from engine.model import Decision, Form, Issue, Outcome, Query, short_number
from engine.places import Value
from engine.plan import signature_row, typed
from engine.premises import Premises
from engine.proforma import Proforma
from engine.recognise import Recognised, candidates
from engine.settling import settled
from engine.signable import copies_for
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
    query, before = found
    if before:
        raise Declined(slip.settled_before(query, before))
    if query.plan is None:
        _settle_whose(premises, query, take or value or "", by, reread)
        return
    try:
        answer = settled(query, premises.ledger.record(query.plan), take, value, by)
    except ValueError as error:
        raise WrongUse(f"{str(error)[:1].upper()}{str(error)[1:]}.", "Nothing was settled.") from None
    with premises.ledger.writing():
        revision = append_revision(premises, query.plan, "settlement", answer.decisions, by)
        close(premises, query, revision, answer.taken)
        ask_all(premises, revision, None)


def _settle_whose(premises: Premises, query: Query, plan: str, by: str, reread: Form | None) -> None:
    """Merges a form into the plan that a person named, or into a new one."""
    assert query.submission is not None
    if plan != "new" and not premises.ledger.newest(plan):
        raise WrongUse(f"There is no plan “{plan}”.", f"{query.query} takes: {' or '.join(query.choices) or 'a plan'}.")
    named = short_number("P", query.submission) if plan == "new" else plan
    merge_again(premises, query.submission, named, by, reread)
    answered(premises, query, named, by)


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
    if issue and issue.plan and plan not in (issue.plan, premises.ledger.index.joined().get(issue.plan)):
        printed = premises.ledger.record(issue.plan, issue.revision)
        answers, stamp = tuple(mending.of_another_learner(answers, printed, issue.row)), None
    arrived = before.model_copy(update={"by": by})
    merge_in(premises, arrived, Recognised(proforma, plan, stamp, answers), plan, (*reread.remarks, *unasked))


def _proforma_of(premises: Premises, form: Form | None) -> Proforma | None:
    if form is None or len(form.stamps) > 1:
        return None
    if form.stamp:
        known = premises.proformas.get(form.stamp.proforma)
        return known.as_of(form.stamp.version) if known else None
    found = candidates(form, premises.proformas)
    return found[0] if len(found) == 1 else None


def sign(
    premises: Premises, plan: str, role: str, name: str, by: str, paper: tuple[str, str, str] | None = None
) -> None:
    """Records a signature made before a member of staff, under what is out for signature.

    Args:
        paper: of one that was made in ink: the number of the form that was signed, the day written beside the
            signature (ISO), and the SHA-256 of the file that shows it; None = it is made now.

    Raises:
        WrongUse: when nobody is named who signs, or nobody who saw it.
        Declined: when the role does not sign, nothing is out for signature, or the role has signed; of one made in
            ink, when its day is not one between giving out the form and today (domain.md G10).
    """
    if not name.strip() or not by.strip():
        raise WrongUse("A signature has the name of who signs and of the member of staff who saw it.")
    there = standing(premises, plan)
    if role not in there.roles:
        raise Declined(f"The {role} does not sign this plan.", f"It is signed by: {', '.join(there.roles)}.")
    if there.copy is None:
        gone = any(copy.binds for copy in there.copies.values())
        raise Declined(
            "What was out for signature is no longer what the plan says."
            if gone
            else "Nothing of this plan is out for signature.",
            "`counterpart issue` the funding-body version first.",
        )
    if role in there.signed:
        raise Declined(f"The {role} has signed this copy already.")
    out = [c.issue for c in there.copies.values() if c.binds == there.copy.binds]
    fit = copies_for(premises, role, [issue for issue in out if issue.form not in there.spoilt] or out)
    if not fit:
        raise Declined(
            f"No copy that is out has a place for the {role} to sign.", f"`counterpart issue … --for {role}` makes one."
        )
    form, day, method = fit[-1].form, premises.today.isoformat(), f"made before {by}"
    if paper:
        form, day, shows = paper
        method = f"in ink; {by} has seen it; file {shows[:16]}"
        _must_be_out(form, day, fit, premises.today)
    row = signature_row(form, role)
    made: Mapping[str, Value] = {"name": name, "date": day, "method": method, "bound": True}
    decisions = tuple(
        Decision(place=f"{row}.{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)
        for part, value in made.items()
    )
    typed(merge.apply(there.record, decisions))
    with premises.ledger.writing():
        append_revision(premises, plan, "signature", decisions, by)


def _must_be_out(form: str, day: str, fit: Sequence[Issue], today: dt.date) -> None:
    """Declines a signature in ink on a form that is not out, or of a day on which it was not (domain.md G10).

    Args:
        fit: the copies on which that role may sign.
    """
    printed = next((issue.printed for issue in fit if issue.form == form), None)
    if printed is None:
        known = ", ".join(issue.form for issue in fit)
        raise Declined(f"{form} is no form that is out for that signature.", f"It is one of: {known}.")
    if not printed.isoformat() <= day <= today.isoformat():
        raise Declined(
            f"{form} was given out on {printed:%d/%m/%Y}, and a signature on it is of a day from then to today.",
            "Look at the day that is written beside the signature.",
        )


def model(premises: Premises, plan: str, name: str, known: Mapping[str, models.Model], by: str) -> None:
    """Puts a model target into a plan, to be made the learner's own.

    Raises:
        WrongUse: when there is no such model.
    """
    if name not in known:
        raise WrongUse(f"There is no model target “{name}”.", f"There are: {', '.join(known) or 'none'}.")
    record = premises.ledger.record(plan)
    decisions = models.taken(record, name, known[name])
    typed(merge.apply(record, decisions))
    with premises.ledger.writing():
        append_revision(premises, plan, "model", decisions, by)


def roll_over(premises: Premises, plan: str, by: str) -> None:
    """Carries a plan over into its next year.

    Raises:
        Declined: when it has no target to carry over or to leave behind.
    """
    decisions = rolling.decisions(premises.ledger.record(plan))
    if not decisions:
        raise Declined(f"Nothing in {plan} rolls over: it has no targets.")
    with premises.ledger.writing():
        append_revision(premises, plan, "roll-over", decisions, by)


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
