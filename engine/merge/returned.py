"""A form that came back, with all that is needed to merge it; and what a plan's history has to say to that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.model import Answer, Decision, Revision, State
from engine.places import Record
from engine.plan import is_signature, place_of, split
from engine.rules import Rules


@dataclass(frozen=True, slots=True)
class Past:
    """What a plan's earlier revisions mean for a form that comes now.

    Attributes:
        used: keys that rows have had, by table; none is given twice.
        dated: places whose value came on a form with a date of its own, and that date (domain.md M7).
        undoing: the revisions that take back another.
        hands: places where things are only ever added and one writer's words stand, with the writer and the day.
    """

    used: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dated: Mapping[str, dt.date] = field(default_factory=dict)
    undoing: frozenset[int] = frozenset()
    hands: Mapping[str, str] = field(default_factory=dict)


def past(revisions: Iterable[Revision], before: Past | None = None) -> Past:
    """What a plan's history means for the next form: of all its revisions, or of those that came after `before`."""
    used = {table: set(keys) for table, keys in before.used.items()} if before else {}
    dated = dict(before.dated) if before else {}
    undoing = set(before.undoing) if before else set()
    hands = dict(before.hands) if before else {}
    for revision in revisions:
        if revision.undoes is not None:
            undoing.add(revision.number)
        for decision in revision.decisions:
            row = split(decision.place)
            if row:
                used.setdefault(row[0], set()).add(row[1])
            if decision.applies and revision.dated:
                dated[decision.place] = revision.effective
            elif decision.applies:
                dated.pop(decision.place, None)
            place = place_of(decision.place)
            if decision.applies and place and place.about.append and not is_signature(decision.place):
                alone = revision.cause == "form" and decision.becomes is None and decision.theirs is not None
                hands[decision.place] = signed(revision.by, revision.effective) if alone else ""
    return Past(
        {table: frozenset(keys) for table, keys in used.items()},
        dated,
        frozenset(undoing),
        {place: who for place, who in hands.items() if who},
    )


def signed(who: str, day: dt.date) -> str:
    """A writer's name with the day, as it stands after their words; "" where nobody knows who it was."""
    return f"{who}, {day:%d/%m/%Y}" if who else ""


Unsaid = tuple[State, str]
"""What a box says that says no value, and, where it cannot be read, why."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that came back: what is needed to merge it.

    Attributes:
        answers: what it says, box by box.
        base: the record as the person who filled it saw it, and as their earlier returns of it left the plan.
        said: what they had said on it when it came back before, settled or not; None = nothing but the base.
        unsaid: what they had wanted on it then without a value: a removal, an emptied box, words that are no answer.
        printed_record: the record as printed, alone.
        form: its number.
        printed: the day printed on it, if we printed it for a plan.
        received: the day it came.
        day: the day that it says of itself it speaks of (a review's date); None = it has no date of its own.
        by: letters of `ROLES`: whose hand it was issued for; none = anybody's.
        about: the table of which one row is the form's subject, and `until` the column that dates that row.
        own_row: key of that row, "" if none.
        who: who sent it, as far as known.
        prefilled: whether the form was printed with the plan's answers; on one issued blank, blank is unanswered.
        rows: keys that this form's new rows got when it came back before: `targets[new 1]` to `T4`.
        past: what the plan's history has to say.
        rules: those of the learner's year, with the places that they lock; None = only the plan's own are locked.
        special: words that speak of health, belief and the like, in small letters (domain.md M22).
        to_sign: whether the form was issued for signature, so that signatures on it bind to what it printed.
    """

    answers: tuple[Answer, ...]
    base: Record
    form: str
    printed: dt.date | None
    received: dt.date
    day: dt.date | None = None
    by: frozenset[str] = frozenset()
    about: str = ""
    until: str = ""
    own_row: str = ""
    who: str = ""
    prefilled: bool = True
    rows: Mapping[str, str] = field(default_factory=dict)
    past: Past = field(default_factory=Past)
    rules: Rules | None = None
    special: frozenset[str] = frozenset()
    to_sign: bool = False
    unsaid: Mapping[str, Unsaid] = field(default_factory=dict)
    printed_record: Record = field(default_factory=dict)
    said: Record | None = None

    @property
    def signed_by(self) -> str:
        """Its sender and the day that it speaks of, as they stand after words among others'."""
        return signed(self.who, self.day or self.received)

    @property
    def dates(self) -> str:
        """The place that dates the row which the form is about."""
        return f"{self.about}[{self.own_row}].{self.until}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decisions on a form, and how many of its answers were the same as printed."""

    decisions: tuple[Decision, ...]
    same: int


def row_of(path: str) -> str:
    """The row that a place stands in: `targets[T1]` of `targets[T1].text`; its group, where it is in no table."""
    return path.rpartition(".")[0]
