"""The way through, in order: a file is archived, read, recognised, merged, signed off, sealed, and documents go out.

It holds the order of the acts and no rule of its own; each act below fits on a screen. Every act may be done again
after a crash and does nothing the second time (law 2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine import delivery, documents, mending, merge, settling, signoff, slip
from engine.errors import CounterpartError, Declined
from engine.model import (
    Answer,
    Decision,
    Edition,
    Form,
    Issue,
    Manner,
    Media,
    Outcome,
    Query,
    Refusal,
    Remark,
    Revision,
    Seal,
    Settlement,
    State,
    Submission,
    canonical,
    digest,
    short_number,
)
from engine.places import Record, Value
from engine.plan import computed, may_see, place_of, typed
from engine.premises import Premises, label_of, labels
from engine.proforma import ROLE_LETTER, Proforma
from engine.recognise import Known, Recognised, Unsure, recognise
from engine.rules import rules_for, special_words
from engine.seen import seen
from engine.settings import now
from engine.settling import Settled
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
    return Known(
        premises.proformas, ledger.known(), ledger.newest_of_each(), ledger.issue, ledger.joined(), ledger.like
    )


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
    returned = _returned(premises, found, issue, plan, ours, arrived)
    other = _other_than_printed(returned)
    says = _digest_of(other, len(returned.answers) - len(other), remarks)
    before = _said_before(premises, found, plan, returned.past)
    repeats = says in (before[-1:] if returned.prefilled else before)
    verdict = merge.decide(returned if other else _untouched(returned), ours)
    remarks = (*remarks, *_written_over(other, returned.printed_record))
    beside = merge.beside(remarks, (q for q, _ in ledger.queries(plan))) if remarks else ()
    settles = found.proforma.settles and not repeats
    answers = tuple(_settling(premises, found, plan, ours, returned.by, arrived.by)) if settles else ()
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
            _ask(premises, revision, issue)
            closed = mending.closed_query(ours, revision)
            if closed and not any(q.kind == closed.kind for q in ledger.open_queries(plan)):
                ledger.raise_query(closed)
        if ledger.submission(taken.sha256) is None:  # One that somebody had to be asked about is kept already.
            ledger.keep_submission(taken)
    return taken


def _other_than_printed(returned: merge.Returned) -> Sequence[Answer]:
    """The boxes of a form that were not left as they were printed."""
    printed, left = returned.printed_record, (State.SAID, State.BLANK)
    return [a for a in returned.answers if a.value != printed.get(a.place) or a.state not in left]


def _untouched(returned: merge.Returned) -> merge.Returned:
    """A copy on which every box is as it was printed: what was printed empty on it, nobody has emptied.

    So it asks for nothing to be removed, though another copy of the form came back filled in before.
    """
    return replace(returned, answers=tuple(a for a in returned.answers if a.state is not State.BLANK))


def _digest_of(other: Iterable[Answer], left: int, remarks: Iterable[Remark]) -> str:
    """The digest of all that a form says, whatever program saved it.

    Args:
        other: the boxes that were not left as they were printed. `left`: how many were.
    """
    said = sorted((a.place, a.state, str(a.value), a.words) for a in other)
    return digest(canonical([left, said, sorted(remark.text for remark in remarks)]))


def _said_before(premises: Premises, found: Recognised, plan: str, past: merge.Past) -> tuple[str, ...]:
    """What a form said of the plan when it came before, each time, but for what was taken back as entered in error.

    The same once more is nothing new. Of a blank, every copy counts: an old one is no change of mind about a later one.
    """
    ledger = premises.ledger
    gone = ledger.taken_back(plan) if past.undoing else {}
    undone = {r.submission for r in ledger.revisions(plan) if r.number in gone} if gone else frozenset()
    copies = ledger.copies(plan, found.stamp.form if found.stamp else None)
    return tuple(copy.says for copy in copies if copy.sha256 not in undone)


def _returned(
    premises: Premises, found: Recognised, issue: Issue | None, plan: str, ours: Record, arrived: Submission
) -> merge.Returned:
    """What is needed to merge a form, gathered: above all its base, the record as its sender saw it (law 3)."""
    ledger, proforma = premises.ledger, found.proforma
    own_row = issue.row if issue else "new" if proforma.about else ""
    returned = merge.Returned(
        answers=found.answers,
        base={},
        # A blank is copied freely, so its number does not tell one signer's copy from another's; the file does.
        form=short_number("S", arrived.sha256),
        who=arrived.by,
        printed=None,
        received=premises.today,
        day=_own_day(found, own_row, premises.today),
        about=proforma.about,
        until=proforma.until,
        prefilled=False,
        past=ledger.past(plan),
        rules=rules_for(ours, premises.today),
        special=special_words(),
    )
    if issue is None or issue.plan is None or issue.revision is None:
        return replace(returned, base=last_said(premises, proforma, plan))
    form = seen(ledger, issue, plan, found.answers, proforma.about)
    hand = ROLE_LETTER.get(issue.role or issue.folder, "")
    printed = signoff.content({**form.record, **documents.worked_out(premises, issue)}, proforma)
    if issue.role:  # On a copy for one role's eyes stands only what they may see.
        printed = {path: value for path, value in printed.items() if may_see(path, hand)}
    # An older issue of the form may have shown what it asks no more.
    more = {a.place for a in form.answers if a.place not in printed} & form.record.keys()
    carried = {**printed, **{place: form.record[place] for place in more}} if more else printed
    return replace(
        returned,
        answers=form.answers,
        base=merge.left_by(carried, form.returns),
        said=merge.said_by(carried, form.returns) if form.returns else None,
        unsaid=merge.unsaid_by(form.returns),
        form=issue.form,
        printed=issue.printed,
        by=frozenset(hand),
        own_row=form.row,
        prefilled=True,
        rows=merge.rows_of(form.returns),
        to_sign=issue.to_sign and issue.plan == plan,
        printed_record=printed,
    )


def _settling(
    premises: Premises, found: Recognised, plan: str, record: Record, hand: frozenset[str], by: str
) -> Iterator[Settled]:
    """What the answers on a query slip settle.

    What somebody decides whose place it is not is a proposal (domain.md M15), and what cannot be taken is asked again.
    """
    for chosen in slip.chosen(found.answers):
        known = premises.ledger.query(chosen.query)
        if known is None or known[0].plan != plan:
            continue
        query, place = known[0], place_of(known[0].place)
        try:
            settled = settling.settled(query, record, chosen.take(query), chosen.value, by)
        except ValueError as error:
            settled = Settled(query, (_asked_again(query, "M21", None, str(error)),), "")
        if known[1] is not None:
            settled = _late(settled, record)
        elif hand and place and not hand & place.by:
            value = settled.decisions[-1].theirs
            settled = Settled(query, (_asked_again(query, "M15", value, "it was decided by somebody else’s hand"),), "")
        yield settled


def _asked_again(query: Query, rule: str, theirs: Value, reason: str) -> Decision:
    return Decision(
        place=query.place, outcome=Outcome.QUERY, rule=rule, base=query.base, theirs=theirs, ours=query.ours,
        reason=reason,
    )  # fmt: skip


def _late(settled: Settled, record: Record) -> Settled:
    """An answer to a question that was settled meanwhile: agreement where the plan says so, else a question anew."""
    decisions = tuple(
        d if d.outcome is Outcome.AGREED or d.after == record.get(d.place)
        else d.model_copy(update={"outcome": Outcome.QUERY, "rule": "M2", "becomes": None, "reason": ""})
        for d in settled.decisions
    )  # fmt: skip
    return Settled(settled.query, decisions, "")


def _written_over(answers: Iterable[Answer], printed: Record) -> Iterator[Remark]:
    """What somebody wrote where the record alone speaks: it changes nothing, and somebody has to see to it."""
    for answer in answers:
        says = answer.words and answer.value != printed.get(answer.place)
        if says and computed(answer.place) and not slip.answers(answer.place):
            yield Remark("text", answer.words, f"written over “{printed.get(answer.place) or ''}”")


def _own_day(found: Recognised, own_row: str, today: dt.date) -> dt.date | None:
    """The day that a form says of itself: that of the row it is about, where it lies not ahead (domain.md M7)."""
    place = f"{found.proforma.about}[{own_row}].{found.proforma.until}"
    said = next((a.value for a in found.answers if a.place == place and a.state is State.SAID), None)
    day = dt.date.fromisoformat(str(said)) if said else None
    return day if day and day <= today else None


def last_said(premises: Premises, proforma: Proforma, plan: str) -> Record:
    """The base of a form issued blank: what the same proforma last said of the plan, else nothing."""
    ledger, gone = premises.ledger, premises.ledger.taken_back(plan)
    known = [r for r in ledger.revisions(plan) if r.proforma == proforma.proforma and r.number not in gone]
    blanks: list[Revision] = []
    for revision in reversed(known):
        issue = ledger.issue(revision.form) if revision.form else None
        if issue and issue.plan and issue.revision:
            printed = signoff.content(seen(ledger, issue, plan, (), proforma.about).record, proforma)
            return merge.said_by(printed, [*(r for r in known if r.form == revision.form), *blanks])
        blanks.insert(0, revision)
    return merge.said_by({}, blanks)


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


def _ask(premises: Premises, revision: Revision, issue: Issue | None) -> None:
    """Raises a form's questions, and ends those that it answers: each place with an answer in doubt has just one."""
    ledger = premises.ledger
    open_now = {q.place: q for q in ledger.open_queries(revision.plan) if q.kind not in merge.APART}
    standing = _still_asked(premises, revision, issue, open_now)
    if not any(d.outcome is Outcome.QUERY for d in revision.decisions):
        return
    words = labels(premises.proformas)
    asked = {d.place: label_of(words, d.place) for d in revision.decisions}
    for query in merge.queries(revision.decisions, revision, asked, standing):
        if query.place in standing and query.kind not in merge.APART:
            close(premises, open_now[query.place], revision, f"asked again in {query.query}")
        ledger.raise_query(query)


def _still_asked(
    premises: Premises, revision: Revision, issue: Issue | None, open_now: Mapping[str, Query]
) -> Mapping[str, Sequence[Query]]:
    """Ends what a form's decisions answer of the open questions; gives what a new question on a place stands for, too.

    A question that stood for several answers is asked anew for those that are left.
    """
    known = premises.ledger.returns(issue.form) if issue and issue.plan and open_now else ()
    earlier = {r.number for r in known if r.plan == revision.plan and r.number < revision.number}
    standing: dict[str, Sequence[Query]] = {}
    for decision in (d for d in revision.decisions if d.place in open_now and d.rule != "M12"):
        query = open_now[decision.place]
        fell = {s.query: merge.fallen(s, decision, earlier) for s in _sides(premises, query)}
        if decision.outcome is Outcome.QUERY:
            standing[decision.place] = [s for s in _sides(premises, query) if not fell[s.query]]
        else:
            let_fall(premises, query, fell, revision)
    return standing


def _sides(premises: Premises, query: Query) -> Sequence[Query]:
    """The questions that were raised for the answers which stand in one."""
    return [found[0] for number in query.sides if (found := premises.ledger.query(number))] or [query]


def ask(premises: Premises, query: Query, revision: Revision) -> Query:
    """Raises a question; what was asked already about its place goes into it, so that each place has just one."""
    ledger = premises.ledger
    before = [q for q in ledger.open_queries(revision.plan) if q.place == query.place and q.kind not in merge.APART]
    if before and query.kind not in merge.APART:
        query = merge.together(query, [side for q in before for side in _sides(premises, q)])
        for other in before:
            close(premises, other, revision, f"asked again in {query.query}")
    ledger.raise_query(query)
    return query


def let_fall(premises: Premises, query: Query, fell: Mapping[str, str], revision: Revision) -> None:
    """Ends a question, or asks it anew for the answers that are left of those it stood for.

    Args:
        fell: why each of its sides is asked about no more, by number; "" or absent where it still is.
    """
    sides = _sides(premises, query)
    left = [side for side in sides if not fell.get(side.query)]
    if not left:
        close(premises, query, revision, fell[sides[-1].query])
    elif len(left) < len(sides):
        _renew(premises, query, left, revision)


def _renew(premises: Premises, query: Query, left: Sequence[Query], revision: Revision) -> None:
    """Asks a question anew for the answers that are left of those it stood for."""
    ledger, latest = premises.ledger, left[-1]
    raised = (r for r in ledger.revisions(revision.plan) if r.number == latest.raised_in and latest.plan == r.plan)
    said = next((d for r in raised for d in r.decisions if d.place == latest.place and d.rule in merge.KINDS), None)
    label = label_of(labels(premises.proformas), latest.place)
    again = merge.asked_again(left, revision, ledger.record(revision.plan).get(latest.place), said, label)
    close(premises, query, revision, f"asked again in {again.query}")
    ledger.raise_query(again)


def close(premises: Premises, query: Query, revision: Revision, taken: str) -> None:
    """Ends a question by what a revision made of it; inside `ledger.writing()`."""
    premises.ledger.settle(
        Settlement(query=query.query, revision=revision.number, taken=taken, by=revision.by, settled=revision.recorded)
    )


# ── Signing off and sealing ─────────────────────────────────────────────────────────────────────────────────────


def sign_off(premises: Premises, plan: str) -> Edition | None:
    """Makes a funding-body version when everybody who must has signed the same words, and nothing stands against it."""
    ledger, there = premises.ledger, standing(premises, plan)
    if there.copy is None:
        return None
    printed = {form: copy.issue.printed for form, copy in there.copies.items()}
    if signoff.obstacles(there.signed, there.roles, there.queries, printed, there.gates):
        return None
    record, number = ledger.record(plan, there.copy.revision), len(there.versions) + 1
    with ledger.writing():
        full = _full_copy(premises, plan, there)
        content = signoff.content_digest(record, premises.proforma_of(full))
        found_hash = ledger.hash(plan, there.copy.revision)
        edition = signoff.make_edition(
            full, there.signed, number, found_hash, content, there.rules, now(), there.latest.number
        )
        ledger.make_edition(edition)
    return edition


def _full_copy(premises: Premises, plan: str, there: Standing) -> Issue:
    """The full copy of what is out for signature, given out now where only sheets were; inside `ledger.writing()`."""
    proforma, out = premises.edition_proforma, there.copy
    full = (c.issue for c in there.copies.values() if out and c.binds == out.binds and not c.amends)
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
    sheet, attachments = documents.sealed_sheet(premises, edition, head)
    moment, authority = now().replace(microsecond=0), premises.settings.sealing.timestamp_url
    reason = f"Funding-body version {edition.number} of {edition.plan}, revision {edition.revision}"
    document = write_sealed(sheet, attachments)
    wrong = documents.unsaid(sheet, document)
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
        try:
            content = seal(premises, edition)
        except CounterpartError as error:
            waiting.append(f"Funding-body version {edition.number} of {plan} is signed and waits for its seal: {error}")
        else:
            count += delivery.place_sealed(premises, edition, content)
    return count, tuple(waiting)
