"""The way through, in order: a file is archived, read, recognised, merged, signed off, sealed, and documents go out.

It holds the order of the acts and no rule of its own; each act below fits on a screen. Every act may be done again
after a crash and does nothing the second time (law 2).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine import documents, merge, signoff
from engine.documents import Premises
from engine.errors import Declined, WrongUse
from engine.model import (
    Decision,
    Edition,
    Form,
    Issue,
    Outcome,
    Query,
    Refusal,
    Revision,
    Seal,
    Settlement,
    Submission,
    short_number,
)
from engine.places import Record, Value
from engine.plan import place_of, typed
from engine.proforma import Proforma
from engine.recognise import Known, Recognised, Unsure, recognise
from engine.settings import now


def take_in(premises: Premises, content: bytes, name: str, form: Form, by: str = "") -> Submission:
    """One file into the record. The bytes are archived already, or are now; taken twice, it changes nothing.

    Args:
        form: what the reader found in the bytes.
    """
    sha256 = premises.archive.keep(content)
    known = premises.ledger.submission(sha256)
    if known:
        return known
    arrived = Submission(
        sha256=sha256, name=name, media_type=form.media_type, size=len(content), received=now(), outcome="refused",
        by=by or form.author,
    )  # fmt: skip
    found = form.refused or recognise(form, _known(premises))
    if isinstance(found, Refusal):
        return _keep(premises, arrived.model_copy(update={"reason": found.reason, "advice": found.advice}))
    if isinstance(found, Unsure):
        return _ask(premises, arrived, form, found)
    return merge_in(premises, arrived, found, found.plan or short_number("P", sha256))


def _known(premises: Premises) -> Known:
    ledger = premises.ledger
    return Known(premises.proformas, ledger.identities(), ledger.plans(), ledger.issue)


def _keep(premises: Premises, submission: Submission) -> Submission:
    with premises.ledger.writing():
        premises.ledger.keep_submission(submission)
    return submission


def _ask(premises: Premises, arrived: Submission, form: Form, unsure: Unsure) -> Submission:
    """Nothing is merged; a person is asked whose form it is, or which."""
    asked = arrived.model_copy(
        update={
            "outcome": "query",
            "reason": unsure.question,
            "form": form.stamp.form if form.stamp else None,
            "answers": len(form.fields),
        }
    )
    query = Query(
        query=short_number("Q", arrived.sha256),
        plan=None,
        place="",
        kind=unsure.kind,
        question=f"{unsure.question} The file is “{arrived.name}”.",
        choices=unsure.choices,
        submission=arrived.sha256,
        raised=arrived.received,
    )
    with premises.ledger.writing():
        premises.ledger.raise_query(query)
        premises.ledger.keep_submission(asked)
    return asked


def merge_in(premises: Premises, arrived: Submission, found: Recognised, plan: str) -> Submission:
    """A recognised form into a plan: decide, then append one revision with its decisions and queries."""
    ledger = premises.ledger
    issue = ledger.issue(found.stamp.form) if found.stamp else None
    returned = _returned(premises, found, issue, plan, arrived.sha256)
    ours = ledger.record(plan)
    verdict = merge.decide(returned, ours)
    typed(merge.apply(ours, verdict.decisions))
    taken = arrived.model_copy(
        update={
            "outcome": "taken" if verdict.decisions else "same",
            "plan": plan,
            "form": found.stamp.form if found.stamp else None,
            "proforma": found.proforma.proforma,
            "answers": len(found.answers),
            "same": verdict.same,
        }
    )
    with ledger.writing():
        if verdict.decisions:
            revision = _append(premises, plan, "form", verdict.decisions, arrived.by, taken, verdict.same)
            _supersede(premises, revision, issue)
            words = documents.labels(premises.proformas)
            asked = {d.place: documents.label_of(words, d.place) for d in verdict.decisions}
            for query in merge.queries(verdict.decisions, revision, asked):
                ledger.raise_query(query)
        ledger.keep_submission(taken)
    return taken


def _returned(premises: Premises, found: Recognised, issue: Issue | None, plan: str, sha256: str) -> merge.Returned:
    """What is needed to merge a form, gathered: above all its base, the record as its sender saw it (law 3)."""
    ledger = premises.ledger
    used = merge.used_keys(ledger.revisions(plan))
    if issue and issue.plan and issue.revision:
        printed = signoff.content(ledger.record(issue.plan, issue.revision), found.proforma)
        before = ledger.returns(issue.form)
        base = merge.said_by(printed, before)
        rows = merge.rows_of(before)
        return merge.Returned(
            found.answers, base, issue.form, issue.printed, premises.today, issue.row, True, rows, used,
            issue.to_sign, printed,
        )  # fmt: skip
    base = _last_said(premises, found.proforma, plan)
    # A blank is copied freely, so its number does not tell one signer's copy from another's; the file does.
    number = short_number("S", sha256)
    return merge.Returned(found.answers, base, number, None, premises.today, prefilled=False, used=used)


def _last_said(premises: Premises, proforma: Proforma, plan: str) -> Record:
    """The base of a form issued blank: what the same proforma last said of the plan, else nothing."""
    base: Record = {}
    for revision in premises.ledger.revisions(plan):
        if revision.proforma == proforma.proforma and revision.form:
            issue = premises.ledger.issue(revision.form)
            if issue and issue.plan and issue.revision:
                base = signoff.content(premises.ledger.record(issue.plan, issue.revision), proforma)
            base = merge.said_by(base, [revision])
    return base


def _append(
    premises: Premises, plan: str, cause: str, decisions: tuple[Decision, ...], by: str,
    submission: Submission | None = None, same: int = 0,
) -> Revision:  # fmt: skip
    return premises.ledger.append(
        Revision(
            plan=plan,
            number=premises.ledger.newest(plan) + 1,
            parent="",
            recorded=now(),
            effective=premises.today,
            cause=cause,
            by=by,
            submission=submission.sha256 if submission else None,
            form=submission.form if submission else None,
            proforma=submission.proforma if submission else None,
            decisions=decisions,
            same=same,
        )
    )


def _supersede(premises: Premises, revision: Revision, issue: Issue | None) -> None:
    """A sender's correction settles the questions that their own earlier return of the same form had raised."""
    if issue is None or issue.plan is None:
        return
    earlier = {r.number for r in premises.ledger.returns(issue.form)} - {revision.number}
    settled_now = {d.place for d in revision.decisions}
    for query in premises.ledger.open_queries(revision.plan):
        if query.raised_in in earlier and query.place in settled_now:
            premises.ledger.settle(
                Settlement(
                    query=query.query,
                    revision=revision.number,
                    taken="corrected on the same form",
                    by=revision.by,
                    settled=revision.recorded,
                )
            )


# ── Settling, signing, waiving ──────────────────────────────────────────────────────────────────────────────────


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
    else:
        _settle_place(premises, query, query.plan, take, value, by)


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
        reason=f"settled by {by or 'somebody'}",
    )  # fmt: skip
    typed(merge.apply(premises.ledger.record(plan), [decision]))
    with premises.ledger.writing():
        revision = _append(premises, plan, "settlement", (decision,), by)
        taken = take or place.show(chosen)
        premises.ledger.settle(
            Settlement(query=query.query, revision=revision.number, taken=taken, by=by, settled=revision.recorded)
        )


def _settle_whose(premises: Premises, query: Query, plan: str, by: str, reread: Form | None) -> None:
    """Merges a form into the plan that a person named, or into a new one."""
    assert query.submission is not None
    if plan != "new" and not premises.ledger.newest(plan):
        raise WrongUse(f"There is no plan “{plan}”.", f"{query.query} takes: {' or '.join(query.choices) or 'a plan'}.")
    proforma = _proforma_of(premises, reread)
    if reread is None or proforma is None:
        raise Declined("What the file says cannot be told from the file alone.", "Drop in a form with a form number.")
    before = premises.ledger.submission(query.submission)
    assert before is not None
    from engine.recognise import read_answers

    stamp = reread.stamps[0] if reread.stamps else None
    issue = premises.ledger.issue(stamp.form) if stamp else None
    answers = read_answers(reread, proforma, issue.row if issue else "new")
    named = short_number("P", query.submission) if plan == "new" else plan
    arrived = before.model_copy(update={"by": by})
    merge_in(premises, arrived, Recognised(proforma, named, stamp, answers), named)
    with premises.ledger.writing():
        premises.ledger.settle(Settlement(query=query.query, taken=named, by=by, settled=now()))


def _proforma_of(premises: Premises, form: Form | None) -> Proforma | None:
    from engine.recognise import candidates

    if form is None or len(form.stamps) > 1:
        return None
    if form.stamp:
        return premises.proformas.get(form.stamp.proforma)
    found = candidates(form, premises.proformas)
    return found[0] if len(found) == 1 else None


def sign(premises: Premises, plan: str, role: str, name: str, by: str) -> None:
    """Records a signature made before a member of staff, under the copy that is out for signature.

    Raises:
        Declined: when nothing is out for signature, the role does not sign, or has signed.
    """
    copies = [i for i in premises.ledger.issues(plan) if i.to_sign]
    if not copies:
        raise Declined(
            "Nothing of this plan is out for signature.", "`counterpart issue` the funding-body version first."
        )
    copy, record = copies[-1], premises.ledger.record(plan)
    printed = premises.ledger.record(plan, copy.revision)
    there = documents.standing(premises, plan)
    if role not in there.rules.who_signs(record).who:
        raise Declined(
            f"The {role} does not sign this plan.", f"It is signed by: {', '.join(there.rules.who_signs(record).who)}."
        )
    if signoff.content(printed, premises.edition_proforma) != signoff.content(record, premises.edition_proforma):
        raise Declined("The copy that is out for signature is no longer what the plan says.", "Issue it again first.")
    row = f"signatures[{copy.form} {role}]"
    if record.get(f"{row}.bound"):
        raise Declined(f"The {role} has signed this copy already.")
    made: Mapping[str, Value] = {
        "name": name, "date": premises.today.isoformat(), "method": f"made before {by}", "bound": True,
    }  # fmt: skip
    decisions = tuple(
        Decision(place=f"{row}.{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)
        for part, value in made.items()
    )
    typed(merge.apply(record, decisions))
    with premises.ledger.writing():
        _append(premises, plan, "signature", decisions, by)


def waive(premises: Premises, plan: str, gate: str, reason: str, by: str) -> None:
    """Waives a gate that may be waived, with name and reason.

    Raises:
        WrongUse: when there is no such gate.
        Declined: when it may not be waived.
    """
    found = next((g for g in documents.standing(premises, plan).gates if g.gate == gate), None)
    if found is None:
        raise WrongUse(f"There is no gate “{gate}”.", "Gates are G1, G3, G4 and G5.")
    if not found.waivable:
        raise Declined(f"The gate {gate} may not be waived: {found.why or 'it has to be passed'}.")
    said = {"reason": reason, "by": by, "date": premises.today.isoformat()}
    decisions = tuple(
        Decision(place=f"waivers[{gate}].{part}", outcome=Outcome.ACCEPTED, rule="waiver", theirs=value)
        for part, value in said.items()
    )
    with premises.ledger.writing():
        _append(premises, plan, "waiver", decisions, by)


# ── Signing off and sealing ─────────────────────────────────────────────────────────────────────────────────────


def sign_off(premises: Premises, plan: str) -> Edition | None:
    """Makes a funding-body version when everybody who must has signed the same words, and nothing stands against it."""
    ledger = premises.ledger
    copies = [i for i in ledger.issues(plan) if i.to_sign]
    if not copies:
        return None
    proforma = premises.edition_proforma
    printed = {i.form: signoff.content_digest(ledger.record(plan, i.revision), proforma) for i in copies}
    copy = copies[-1]
    wanted = printed[copy.form]
    editions = ledger.editions(plan)
    if any(e.content == wanted for e in editions[-1:]):
        return None
    there = documents.standing(premises, plan)
    made = signoff.signatures(ledger.revisions(plan))
    if editions:
        made = tuple(s for s in made if s.revision > editions[-1].completed)
    signed = signoff.signed_copies(made, printed, wanted)
    roles = there.rules.who_signs(ledger.record(plan, copy.revision)).who
    if signoff.obstacles(signed, roles, there.queries):
        return None
    edition = signoff.make_edition(
        copy, signed, len(editions) + 1, ledger.hash(plan, copy.revision or 0), wanted, there.rules, now()
    )
    with ledger.writing():
        ledger.make_edition(edition)
    return edition


def seal(premises: Premises, edition: Edition) -> bytes:
    """The sealed file of a funding-body version: made once, kept by its hash.

    Raises:
        Declined: when it cannot be sealed now; it will be tried again.
    """
    done = next((s for s in premises.ledger.seals(edition.plan) if s.number == edition.number), None)
    if done:
        return premises.sealed.get(done.sha256)
    from engine.certificates import certificate
    from engine.writing import seal as sealing
    from engine.writing.pdf import write_sealed

    head = premises.ledger.head()
    sheet, attachments = documents.sealed_sheet(premises, edition, head)
    moment = now().replace(microsecond=0)
    reason = f"Funding-body version {edition.number} of {edition.plan}, revision {edition.revision}"
    content = sealing.seal(write_sealed(sheet, attachments), certificate(premises), moment, reason)
    report = sealing.check(content)
    if not report.good:
        raise Declined(f"The seal did not hold: {'; '.join(report.problems)}.", "It will be tried again.")
    kept = Seal(
        plan=edition.plan, number=edition.number, sha256=premises.sealed.keep(content), sealed=moment, head=head
    )
    with premises.ledger.writing():
        premises.ledger.keep_seal(kept)
    return content


def issue(premises: Premises, proforma: Proforma, plan: str | None, medium: documents.Medium) -> tuple[Issue, bytes]:
    """Writes a form on request: numbered, recorded, read back.

    Raises:
        Declined: when a gate is not passed, for a version that is to be signed.
    """
    if plan is None:
        given = documents.blank(premises, proforma, medium)
        return given, documents.render(premises, given).content
    there = documents.standing(premises, plan)
    if proforma.edition and not there.may_sign:
        missing = [f"{gate.gate}: {gate.why}" for gate in there.gates if not gate.passed]
        missing += [f"question {q.query} is open" for q in there.queries]
        raise Declined(f"“{proforma.title}” cannot be issued for signature yet: {'; '.join(missing)}.")
    given = documents.new_issue(premises, proforma, plan, medium, "")
    with premises.ledger.writing():
        premises.ledger.give_out(given)
    return given, documents.render(premises, given).content


def finish(premises: Premises, plan: str) -> int:
    """Everything that follows from a plan's newest revision: sign-off, the seal, and the documents; tells how many."""
    sign_off(premises, plan)
    count = 0
    for edition in premises.ledger.editions(plan):
        count += documents.place_sealed(premises, edition, seal(premises, edition))
    return count + documents.refresh(premises, plan)
