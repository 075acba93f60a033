"""A form that came back, with all from the record that is needed to merge it: above all what its sender saw on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from engine import documents, merge, signoff, slip
from engine.model import (
    Answer,
    Issue,
    Remark,
    Revision,
    State,
    Submission,
    canonical,
    digest,
    short_number,
)
from engine.places import Record
from engine.plan import computed, may_see
from engine.premises import Premises
from engine.proforma import ROLE_LETTER, Proforma
from engine.recognise import Recognised
from engine.rules import rules_for, special_words
from engine.seen import seen


def other_than_printed(returned: merge.Returned) -> Sequence[Answer]:
    """The boxes of a form that were not left as they were printed."""
    printed, left = returned.printed_record, (State.SAID, State.BLANK)
    return [a for a in returned.answers if a.value != printed.get(a.place) or a.state not in left]


def untouched(returned: merge.Returned) -> merge.Returned:
    """A copy on which every box is as it was printed: what was printed empty on it, nobody has emptied.

    So it asks for nothing to be removed, though another copy of the form came back filled in before.
    """
    return replace(returned, answers=tuple(a for a in returned.answers if a.state is not State.BLANK))


def digest_of(other: Iterable[Answer], left: int, remarks: Iterable[Remark]) -> str:
    """The digest of all that a form says, whatever program saved it.

    Args:
        other: the boxes that were not left as they were printed. `left`: how many were.
    """
    said = sorted((a.place, a.state, str(a.value), a.words) for a in other)
    return digest(canonical([left, said, sorted(remark.text for remark in remarks)]))


def said_before(premises: Premises, found: Recognised, returned: merge.Returned, plan: str, says: str) -> bool:
    """Whether a form said all the same of the plan when it came before; what was taken back as an error does not count.

    The same once more is nothing new. Of a blank, every copy counts: an old one is no change of mind about a later one.
    """
    ledger = premises.ledger
    gone = ledger.taken_back(plan) if returned.past.undoing else {}
    undone = {r.submission for r in ledger.revisions(plan) if r.number in gone and r.submission} if gone else ()
    form = found.stamp.form if found.stamp else None
    return ledger.said_before(plan, form, says, returned.prefilled, undone)


def gathered(
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


def written_over(answers: Iterable[Answer], printed: Record) -> Iterator[Remark]:
    """What somebody wrote where the record alone speaks: it changes nothing, and somebody has to see to it."""
    for answer in answers:
        says = answer.words and answer.value != printed.get(answer.place)
        if says and computed(answer.place) and not slip.answers(answer.place):
            yield Remark("text", answer.words, f"written over “{printed.get(answer.place) or ''}”")


def _own_day(found: Recognised, own_row: str, today: dt.date) -> dt.date | None:
    """The day that a form says of itself: that of the row it is about, where it lies not ahead (domain.md M7)."""
    if not found.proforma.until:
        return None
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
