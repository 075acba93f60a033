"""The way through, in order: a file is archived, read, recognised, merged, signed off, sealed, and documents go out.

It holds the order of the acts and no rule of its own; each act below fits on a screen. Every act may be done again
after a crash and does nothing the second time (law 2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from engine import delivery, documents, mending, merge, proofs, signoff, versions
from engine.asking import ask_all, close, settled_by_slip
from engine.errors import CounterpartError, Declined
from engine.gathering import digest_of, gathered, other_than_printed, said_before, untouched, written_over
from engine.model import (
    Decision,
    Edition,
    Form,
    Issue,
    Manner,
    Media,
    Query,
    Refusal,
    Remark,
    Revision,
    Seal,
    Submission,
    digest,
    short_number,
)
from engine.plan import typed
from engine.premises import Premises
from engine.proforma import Proforma
from engine.recognise import Known, Recognised, Unsure, recognise
from engine.settings import now
from engine.standing import Standing, standing


def arrived(content: bytes, name: str, form: Form, by: str = "", letter: Submission | None = None) -> Submission:
    """A file as it came, before anything is known of it.

    Args:
        by: who sent it, as far as the file system tells.
        letter: the message that it came with: whoever sent that sent this.
    """
    came = Submission(
        sha256=digest(content), name=name, media_type=form.media_type, size=len(content), received=now(),
        outcome="refused", by=by or form.author, sender=by,
    )  # fmt: skip
    if letter is None:
        return came
    told = {"by": letter.by, "sender": letter.sender, "sent": letter.sent, "within": letter.sha256}
    return came.model_copy(update=told)


def take_in(
    premises: Premises, content: bytes, name: str, form: Form, by: str = "", letter: Submission | None = None
) -> Submission:
    """One file into the record. The bytes are archived already, or are now; taken twice, it changes nothing.

    Args:
        form: what the reader found in the bytes.
        letter: the message that it came with.
    """
    known = premises.ledger.submission(premises.archive.keep(content))
    if known:
        return known
    came = arrived(content, name, form, by, letter)
    found = form.refused or recognise(form, known_here(premises))
    if isinstance(found, Refusal) and found.evidence and not _calls_itself_a_form(came):
        return keep_as_evidence(premises, came, found)
    if isinstance(found, Refusal):
        return _keep(premises, came.model_copy(update={"reason": found.reason, "advice": found.advice}))
    if isinstance(found, Unsure):
        return _ask_whose(premises, came, form, found)
    plan = found.plan or short_number("P", came.sha256)
    return merge_in(premises, came, found, plan, (*form.remarks, *found.strays))


_FORMS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), frozenset({Media.WORD})),
    ".pdf": frozenset({Media.PDF}),
}
"""By the end of a name that a form has, what such a file is."""


def _calls_itself_a_form(came: Submission) -> bool:
    """Whether a file's name says that it is a form, and its bytes say that it is something else."""
    named = _FORMS.get(Path(came.name).suffix.casefold())
    return named is not None and came.media_type not in named


def keep_as_evidence(premises: Premises, came: Submission, found: Refusal) -> Submission:
    """A file that is no form is kept; somebody is asked whose it is and what it shows."""
    sender = f" It came from {came.by}." if came.by else ""
    query = Query(
        query=short_number("Q", came.sha256), plan=None, place="", kind="file", theirs=found.evidence,
        question=f"Whose is “{came.name}”, and what does it show?{sender}", submission=came.sha256,
        raised=came.received,
    )  # fmt: skip
    with premises.ledger.writing():
        premises.ledger.raise_query(query)
        return _keep(premises, came.model_copy(update={"outcome": "kept", "reason": found.reason}))


def known_here(premises: Premises) -> Known:
    """What the workspace knows, for recognition."""
    ledger = premises.ledger
    who, newest = ledger.known(), ledger.newest_of_each()
    return Known(premises.proformas, who, newest, ledger.issue, ledger.index.joined(), ledger.index.like)


def _keep(premises: Premises, submission: Submission) -> Submission:
    with premises.ledger.writing():
        premises.ledger.keep_submission(submission)
    return submission


def _ask_whose(premises: Premises, arrived: Submission, form: Form, unsure: Unsure) -> Submission:
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


def merge_in(
    premises: Premises, arrived: Submission, found: Recognised, plan: str, remarks: tuple[Remark, ...] = ()
) -> Submission:
    """A recognised form into a plan: decide, then append one revision with its decisions and queries."""
    ledger = premises.ledger
    issue = ledger.issue(found.stamp.form) if found.stamp else None
    ours = ledger.record(plan)
    returned = gathered(premises, found, issue, plan, ours, arrived)
    other = other_than_printed(returned)
    says = digest_of(other, len(returned.answers) - len(other), remarks)
    repeats = said_before(premises, found, returned, plan, says)
    verdict = merge.decide(returned if other else untouched(returned), ours)
    remarks = (*remarks, *written_over(other, returned.printed_record))
    beside = merge.beside(remarks, (q for q, _ in ledger.queries(plan))) if remarks else ()
    settles = found.proforma.settles and not repeats
    answers = tuple(settled_by_slip(premises, found.answers, plan, ours, returned.by, arrived.by)) if settles else ()
    decisions = () if repeats else (*verdict.decisions, *beside, *(d for a in answers for d in a.decisions))
    typed(merge.apply({}, decisions))
    taken = arrived.model_copy(
        update={
            "outcome": "taken" if decisions or answers else "same",
            "plan": plan,
            "form": found.stamp.form if found.stamp else None,
            "proforma": found.proforma.proforma,
            "answers": len(found.answers),
            "same": verdict.same,
            "says": says,
        }
    )
    with ledger.writing():
        if decisions or answers:
            cause = "settlement" if found.proforma.settles else "form"
            revision = append_revision(premises, plan, cause, decisions, arrived.by, taken, verdict.same, returned.day)
            for answer in answers:
                if answer.taken:
                    close(premises, answer.query, revision, answer.taken)
            ask_all(premises, revision, issue)
            closed = None if found.proforma.settles else mending.closed_query(ours, revision)
            if closed and not any(q.kind == closed.kind for q in ledger.open_queries(plan)):
                ledger.raise_query(closed)
        if ledger.submission(taken.sha256) is None:  # One that somebody had to be asked about is kept already.
            ledger.keep_submission(taken)
    return taken


def append_revision(
    premises: Premises, plan: str, cause: str, decisions: tuple[Decision, ...], by: str,
    submission: Submission | None = None, same: int = 0, day: dt.date | None = None,
) -> Revision:  # fmt: skip
    """Appends a plan's next revision, of the day its form speaks of or of today; inside `ledger.writing()`."""
    return premises.ledger.append(
        Revision(
            plan=plan,
            number=premises.ledger.newest(plan) + 1,
            parent="",
            recorded=now(),
            effective=day or premises.today,
            dated=day is not None,
            cause=cause,
            by=by,
            submission=submission.sha256 if submission else None,
            form=submission.form if submission else None,
            proforma=submission.proforma if submission else None,
            decisions=decisions,
            same=same,
        )
    )


# ── Signing off and sealing ─────────────────────────────────────────────────────────────────────────────────────


def sign_off(premises: Premises, plan: str) -> Edition | None:
    """Makes a funding-body version when everybody who must has signed the same words, and nothing stands against it."""
    ledger, there = premises.ledger, standing(premises, plan)
    if there.copy is None or there.obstacles or there.ended:
        return None
    with ledger.writing():
        full = _full_copy(premises, plan, there)
        revision = full.revision or 0
        content = signoff.content_digest(ledger.record(plan, revision), premises.proforma_of(full))
        edition = signoff.make_edition(
            full, there.signed, len(there.versions) + 1, ledger.hash(plan, revision), content, there.rules, now(),
            there.latest.number,
        )  # fmt: skip
        ledger.make_edition(edition)
    return edition


def _full_copy(premises: Premises, plan: str, there: Standing) -> Issue:
    """The last full copy of what is out for signature, given out now if only sheets were; inside `ledger.writing()`."""
    proforma, out = premises.edition_proforma, there.copy
    full = (c.issue for c in reversed([*there.copies.values()]) if out and c.binds == out.binds and not c.amends)
    found = next((issue for issue in full if issue.proforma == proforma.proforma), None)
    if found is None:
        found = documents.new_issue(premises, proforma, plan, "pdf", "")
        premises.ledger.give_out(found)
    return found


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
    from engine.writing.seal_check import check

    head = premises.ledger.head()
    sheet, attachments = versions.sealed_sheet(premises, edition, head)
    moment, authority = now().replace(microsecond=0), premises.settings.sealing.timestamp_url
    reason = f"Funding-body version {edition.number} of {edition.plan}, revision {edition.revision}"
    document = write_sealed(sheet, attachments)
    wrong = proofs.unsaid(sheet, document)
    if wrong:
        raise Declined(f"It does not show what it should ({'; '.join(wrong[:3])}).", "It will be tried again.")
    content = sealing.seal(document, certificate(premises), moment, reason, authority)
    report = check(content)
    if not report.good:
        raise Declined(f"The seal did not hold: {'; '.join(report.problems)}.", "It will be tried again.")
    kept = Seal(
        plan=edition.plan,
        number=edition.number,
        sha256=premises.sealed.keep(content),
        sealed=moment,
        head=head,
        fingerprint=report.fingerprint,
    )
    with premises.ledger.writing():
        premises.ledger.keep_seal(kept)
    return content


def issue(
    premises: Premises,
    proforma: Proforma,
    plan: str | None,
    wanted: documents.Medium | None = None,
    manner: Manner = documents.STANDARD,
) -> tuple[Issue, bytes]:
    """Writes a form on request: numbered, recorded, read back.

    Args:
        wanted: as what; None = as PDF, or as the file that somebody else's form is.

    Raises:
        Declined: when a gate is not passed, for a version that is to be signed.
    """
    medium = documents.medium_of(proforma, wanted)
    if proforma.amends and (plan is None or not (found := standing(premises, plan).found) or not found.stale):
        raise Declined(f"“{proforma.title}” lists what makes a signed version stale, and there is no such thing.")
    if plan is None:
        given = delivery.blank(premises, proforma, medium, manner)
        return given, documents.render(premises, given).content
    there = standing(premises, plan)
    if proforma.signable and not manner.section and not there.may_sign:
        missing = [f"{gate.gate}: {gate.why}" for gate in there.gates if not gate.passed]
        missing += [f"question {q.query} is open" for q in there.queries]
        raise Declined(f"“{proforma.title}” cannot be issued for signature yet: {'; '.join(missing)}.")
    given = documents.new_issue(premises, proforma, plan, medium, "", manner)
    with premises.ledger.writing():
        premises.ledger.give_out(given)
    return given, documents.render(premises, given).content


def what_follows(premises: Premises, plan: str) -> delivery.Wanted:
    """What follows from a plan's newest revision: a version signed off, forms given out; nothing is written yet."""
    with premises.ledger.writing():
        sign_off(premises, plan)
        return delivery.wanted(premises, plan)


def seals(premises: Premises, plan: str) -> tuple[int, tuple[str, ...]]:
    """Seals every funding-body version of a plan and puts copies where its parties look.

    A seal that cannot be made now holds nothing else up; it is tried again every time.

    Returns:
        How many copies were written, and what has to wait, each a sentence.
    """
    count, waiting = 0, []
    for edition in premises.ledger.editions(plan):
        stands = "is signed and waits for its seal"
        try:
            content = seal(premises, edition)
            stands = "is sealed and cannot be put where its parties look"
            count += delivery.place_sealed(premises, edition, content)
        except CounterpartError as error:
            waiting.append(f"Funding-body version {edition.number} of {plan} {stands}: {error}")
    return count, tuple(waiting)
