"""A form that is given out into its document: what stands on it, written, and read back before it leaves.

What stands on a document is a function of the record as of a revision (law 6), so it can be written again at any time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from engine import adopted, sharing, slip
from engine.answers import read_answers
from engine.errors import Declined
from engine.layout import lay_out, own_row
from engine.model import Decision, Form, Issue, Manner, Outcome, Query, Rendition, short_number, taken_back
from engine.models import moved
from engine.places import OUTSIDERS, Record
from engine.plan import is_signature, may_see, place_of
from engine.premises import Premises, label_of, labels
from engine.proforma import ROLE_LETTER, Proforma
from engine.proofs import typeset
from engine.road import road, targets_due
from engine.sheet import Block, Sheet
from engine.signable import amended, as_given_out, sheet_to_sign
from engine.standing import Standing, standing

Medium = Literal["word", "pdf"]
BLANKS = "blank forms"
STANDARD = Manner()
"""The manner in which forms are given out unless somebody asks for another."""


def new_issue(
    premises: Premises, proforma: Proforma, plan: str | None, medium: Medium, folder: str, manner: Manner = STANDARD,
    earlier: Sequence[Issue] | None = None,
) -> Issue:  # fmt: skip
    """A form's number and what it stands for: not yet recorded: of the plan's newest revision, or blank.

    Args:
        earlier: what was given out for the plan before, if the caller knows.
    """
    ledger = premises.ledger
    to_sign = bool(plan and proforma.signable and not manner.section)
    # What is out for signature stays what it is: a further copy of it prints the same revision, in the same wording.
    out = standing(premises, plan).copy if plan and to_sign else None
    again = out is not None and out.issue.proforma == proforma.proforma
    version = out.issue.version if out and again else proforma.version
    revision = out.revision if out else ledger.newest(plan) if plan else None
    same = [
        i
        for i in (ledger.issues(plan) if earlier is None else earlier)
        if (i.proforma, i.version, i.revision, i.medium, i.folder, i.manner)
        == (proforma.proforma, version, revision, medium, folder, manner)
    ]
    parts: tuple[object, ...] = (proforma.proforma, version, plan, revision, medium, folder, len(same))
    if manner != STANDARD:
        parts = (*parts, manner.variant, manner.role, manner.section)
    if manner.size != STANDARD.size:
        parts = (*parts, manner.size)
    row = own_row(proforma, ledger.record(plan)) if plan else "new" if proforma.about else ""
    return Issue(
        form=short_number("F", *parts),
        proforma=proforma.proforma,
        version=version,
        plan=plan,
        revision=revision,
        medium=medium,
        folder=folder,
        # A blank is the same form whenever it is written, so it bears no day of its own.
        printed=premises.today if plan else BLANK_DAY,
        row=row,
        to_sign=to_sign,
        variant=manner.variant,
        role=manner.role,
        section=manner.section,
        size=manner.size,
    )


BLANK_DAY = dt.date(2026, 1, 1)
"""The day in the properties of a blank form; it is not printed."""


def sheet_of(premises: Premises, issue: Issue) -> Sheet:
    """What stands on a form that was given out; a function of the record alone (law 6)."""
    proforma = premises.proforma_of(issue)
    name = premises.settings.provider.name
    if issue.plan is None or issue.revision is None:
        return lay_out(proforma, {}, issue, name, notices=tuple(_about(premises, issue)))
    there = as_given_out(premises, issue)
    if issue.section:
        return lay_out(proforma, there.record, issue, name, *_alone(proforma, issue))
    if proforma.signable:
        return sheet_to_sign(premises, issue, there)
    if not proforma.mark:
        record = {**there.record, **worked_out(premises, issue)}
        absent = sharing.absent(record, proforma, premises.owned, there.rules, issue.printed) - {issue.role}
        about = tuple(_when(there, proforma, issue))
        return lay_out(proforma, record, issue, name, notices=about, absent=absent)
    eyes = frozenset({ROLE_LETTER[issue.role]}) if issue.role else proforma.eyes
    notices = tuple(_notices(premises, there, issue, eyes))
    way = road(there.record, issue.printed, eyes)
    return lay_out(proforma, there.record, issue, name, proforma.mark, notices, road=way)


def slip_issue(premises: Premises, query: Query) -> Issue | None:
    """The form that answers a question about no plan, numbered once; None where the workspace has no such form."""
    serves = "leave" if query.kind in ("request", "import") else "file"
    proforma = next((p for p in premises.proformas.values() if p.serves == serves), None)
    if proforma is None:
        return None
    return Issue(
        form=short_number("F", proforma.proforma, proforma.version, query.query), proforma=proforma.proforma,
        version=proforma.version, plan=None, revision=None, medium="word", folder=BLANKS,
        printed=query.raised.date(), row=query.query,
    )  # fmt: skip


def _when(there: Standing, proforma: Proforma, issue: Issue) -> Iterator[Block]:
    """By when somebody who has only their own part of a form is asked for it."""
    due = tuple(f"{d.what}: by {d.day:%d/%m/%Y}." for d in there.due if d.clock == proforma.clock)
    if issue.role and proforma.clock and due:
        yield Block("When", lines=due)


def _about(premises: Premises, issue: Issue) -> Iterator[Block]:
    """What an office form is about: the question that it answers, and what is shown with it."""
    found = premises.ledger.query(issue.row) if issue.row else None
    if found:
        yield Block(f"Question {found[0].query}", lines=(found[0].question, *found[0].lines))


def worked_out(premises: Premises, issue: Issue) -> Record:
    """What a form prints beside the record: the lines of an amendment sheet (M17), or a slip's open questions."""
    proforma = premises.proforma_of(issue)
    if issue.plan is None or not (proforma.amends or proforma.settles):
        return {}
    there = as_given_out(premises, issue)
    if proforma.settles:
        return slip_rows(there.queries, issue.role or issue.folder, proforma.eyes)
    return amended(premises, issue, there)


def slip_rows(queries: Iterable[Query], whose: str, eyes: frozenset[str]) -> Record:
    """The lines of a query slip, for the eyes and the decision of one role or of staff.

    Args:
        whose: a role, or a folder of the outbox; "" = handed out, so that anybody of its audience may read it.
        eyes: letters of the slip's audience.
    """
    role = whose if whose in ROLE_LETTER else ""
    readers = eyes if not whose else frozenset(ROLE_LETTER.get(whose, "T"))
    return slip.rows(q for q in queries if slip.for_role(q, role, readers))


def _alone(proforma: Proforma, issue: Issue) -> tuple[str, tuple[Block, ...]]:
    """The mark of a section that is given out alone, and the words that say it is no more than that."""
    mark = f"Part of: {proforma.mark.partition(',')[0]}" if proforma.mark else ""
    line = (
        f"This is the section “{issue.section}” alone, printed on {issue.printed:%d/%m/%Y} from revision "
        f"{issue.revision}. What it says may be outdated by now. It is not for signature."
    )
    shared = proforma.owned and issue.role not in ("", *proforma.audience)
    lines = (f"The learner shares this with the {issue.role}.", line) if shared else (line,)
    return mark, (Block("One section only", lines=lines),)


def _notices(premises: Premises, there: Standing, issue: Issue, eyes: frozenset[str]) -> Iterator[Block]:
    """What the working document says about itself: open questions, the signed version, what is due, what changed.

    Only of places that everybody who holds the document may see (law 8).
    """
    asked = tuple(f"{q.question} ({q.query})" for q in there.queries if slip.may_read(q, eyes))
    if asked:
        yield Block("Questions still open", lines=asked)
    said = [there.sentence(labels(premises.proformas), eyes)]
    if not eyes & OUTSIDERS:  # What is still missing may tell of support that is no business of theirs.
        said += [f"Before it can be signed: {gate.why}." for gate in there.gates if not gate.passed]
        said += [f"{gate.gate}: {gate.note}." for gate in there.gates if gate.note]
    yield Block("The funding-body version", lines=tuple(said))
    if there.ended:
        yield Block("This plan is finished", lines=(f"It was {there.ended}.",))
    came = moved({path: value for path, value in there.record.items() if may_see(path, eyes)})
    if came:
        yield Block("Where targets come from", lines=came)
    theirs = {p.clock for p in premises.proformas.values() if eyes <= p.eyes}
    due = [
        f"{d.what}: by {d.day:%d/%m/%Y}{' (overdue)' if d.overdue(issue.printed) else ''}."
        for d in there.due
        if d.clock in theirs or not eyes & OUTSIDERS
    ]
    due += () if there.ended else targets_due(there.record, issue.printed, eyes)
    if due:
        yield Block("What is due", lines=tuple(due))
    yield from _changes(premises, there, issue, eyes)


def _changes(premises: Premises, there: Standing, issue: Issue, eyes: frozenset[str]) -> Iterator[Block]:
    """What has changed since the document of this kind before this one, the first dozen of it."""
    since = _printed_before(premises, issue)
    revisions, words = premises.ledger.revisions(there.plan)[: there.latest.number], labels(premises.proformas)
    gone = taken_back(revisions)
    changes = [
        f"{label_of(words, d.place)}: {_taken_back(d) if revision.undoes else _change(d)}"
        for revision in revisions[since:]
        if revision.number not in gone
        for d in revision.decisions
        if d.applies and may_see(d.place, eyes) and not is_signature(d.place)
    ]
    if changes:
        first = tuple(changes[:_MOST])
        more = (f"and {len(changes) - _MOST} more.",) if len(changes) > _MOST else ()
        when = f"since revision {since}" if since else "so far"
        yield Block(f"What changed {when}", lines=(*first, *more))


_MOST = 12
"""How many changes a working document tells of."""


def _printed_before(premises: Premises, issue: Issue) -> int:
    """The revision that was on the document of this kind before this one; 0 when it is the first."""
    assert issue.revision is not None
    return max(
        (
            i.revision
            for i in premises.ledger.issues(issue.plan)
            # One that is handed out on request is compared with whatever lay in the outbox before it.
            if i.proforma == issue.proforma
            and i.folder in (issue.folder or i.folder,)
            and i.revision
            and i.revision < issue.revision
        ),
        default=0,
    )


def _taken_back(decision: Decision) -> str:
    """What an entry in error leaves; not what it said, which may have been another learner's."""
    place, now = place_of(decision.place), decision.after
    left = place.show(now) if place and decision.outcome is not Outcome.CLEARED else ""
    return f"an entry made in error was taken back{f'; it says “{_short(left)}” again' if left else ''}"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}…"


def _change(decision: Decision) -> str:
    place, was, now = place_of(decision.place), decision.ours, decision.after
    show = [place.show(v) if place and (v is None or isinstance(v, (str, bool, int))) else str(v) for v in (was, now)]
    more = show[1].removeprefix(show[0]).strip() if decision.becomes is not None else ""
    old, new, more = (_short(text) for text in (*show, more))
    if show[0] and more and show[1].startswith(show[0]):
        return f"to “{old}” was added “{more}”"
    return f"“{old}” is now “{new}”" if old and new else f"“{new}”" if new else f"“{old}” was removed"


def render(premises: Premises, issue: Issue) -> Rendition:
    """The document of a form that was given out, read back and found to say what the record says (law 7).

    Raises:
        Declined: when it does not read back as it was written; nothing leaves then.
    """
    if premises.proforma_of(issue).blank:
        return _in_its_own_layout(premises, issue)
    return typeset(sheet_of(premises, issue), issue.medium)


def medium_of(proforma: Proforma, wanted: Medium | None) -> Medium:
    """As what a form is written: as asked, a form of ours as PDF if nothing is said, somebody else's only as it is.

    Raises:
        Declined: when somebody else's form is wanted as what it is not.
    """
    if proforma.medium and wanted and wanted != proforma.medium:
        kind = "Word file" if proforma.medium == "word" else "PDF"
        raise Declined(f"“{proforma.title}” is a {kind}, and is given out as it is.", "Leave out --as.")
    return proforma.medium or wanted or "pdf"


def _in_its_own_layout(premises: Premises, issue: Issue) -> Rendition:
    """Somebody else's form with the record's answers in its own boxes, read back (law 7)."""
    from engine import theirs
    from engine.reading import read
    from engine.reading.limits import Limits

    proforma = premises.proforma_of(issue)
    record = premises.ledger.record(issue.plan, issue.revision) if issue.plan else {}
    wanted = adopted.entries(proforma, record, issue.row)
    limits = Limits.of(premises.settings.limits)
    filled = theirs.fill(premises.blank_of(proforma), wanted, issue.stamp.line(), limits)
    wrong = (*filled.troubles, *_unlike(proforma, issue, record, read(filled.content, limits)))
    if wrong:
        raise Declined(
            f"“{proforma.title}” was held back: {'; '.join(wrong[:3])}.",
            "Shorten the answer in the plan, or give the box another place in the form's proforma.yaml.",
        )
    return Rendition(filled.content, frozenset())


def _unlike(proforma: Proforma, issue: Issue, record: Record, form: Form) -> Iterator[str]:
    """Where somebody else's form, read back, says something else than the record."""
    if form.refused:
        yield form.refused.reason
        return
    if form.stamps != (issue.stamp,):
        yield "it does not carry its number"
    for answer in read_answers(form, proforma, issue.row, record):
        expected = None if is_signature(answer.place) else record.get(answer.place)
        if answer.place.endswith("].asked") or answer.value == expected:
            continue
        yield f"“{answer.label}” came back as “{answer.words}”"
