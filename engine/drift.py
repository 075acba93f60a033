"""Is what was signed still what is so? The change matrix of domain.md C3, place by place. Pure, over values.

What a change does follows from the class of its place, as the plan declares it, and from the rows of the matrix in the
rules of the learner's year: why, who signs again, by when, and under which clause.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from engine.away import after_break, day_of, ended, open_break
from engine.model import Revision
from engine.places import Change, Record, Value
from engine.plan import change_of, keys_of, place_of, split
from engine.rules import Rules, Stale

MATERIAL = frozenset({Change.FUNDING, Change.LOCKED})
"""The change classes whose places the funding body relies on."""

ORDER = ("learner", "employer", "provider", "support", "parent", "partner")
"""The order in which those who sign are named."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that no longer says what was signed, and what follows.

    Attributes:
        effect: what it does to the signed version: a word of `Change`; funding-material and locked make it stale.
        because: the clause of a sentence that says what this is, or why it does not matter.
        rule: the rule as it is cited to people; "" where none is needed.
        who: roles that have to sign again.
        deadline: the last day for that; None = no day is set.
    """

    place: str
    was: Value
    now: Value
    effect: Change
    because: str
    rule: str = ""
    who: tuple[str, ...] = ()
    deadline: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """The working document against the signed version.

    Attributes:
        reasons: the differences that make the signed version stale.
        noted: those that the next issue lists, without a signature.
        working: those that do not touch the signed version.
    """

    reasons: tuple[Difference, ...] = ()
    noted: tuple[Difference, ...] = ()
    working: tuple[Difference, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the signed version is no longer what is so."""
        return bool(self.reasons)

    @property
    def must_sign(self) -> tuple[str, ...]:
        """Roles that have to sign again; none when it is not stale."""
        who = {role for reason in self.reasons for role in reason.who}
        return tuple(sorted(who, key=lambda role: (ORDER.index(role) if role in ORDER else len(ORDER), role)))

    @property
    def deadline(self) -> dt.date | None:
        """The first of the days by which it has to be signed again."""
        return min((reason.deadline for reason in self.reasons if reason.deadline), default=None)

    @property
    def note_on(self) -> tuple[str, ...]:
        """The places that the next issue lists."""
        return tuple(difference.place for difference in self.noted)

    @property
    def working_only(self) -> tuple[str, ...]:
        """The places that do not touch the signed version."""
        return tuple(difference.place for difference in self.working)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the matrix has to know beside the two records.

    Attributes:
        today: the day it is asked.
        changed: the day each place last changed; a place that is not in it changed today.
        review: the day by which the next review is due; None = none is.
        first: the day since which each place has not said what was signed; a place that is not in it changed once.
    """

    today: dt.date
    changed: Mapping[str, dt.date] = field(default_factory=dict)
    review: dt.date | None = None
    first: Mapping[str, dt.date] = field(default_factory=dict)

    def day(self, path: str) -> dt.date:
        """The day a place changed."""
        return self.changed.get(path, self.today)

    @property
    def told(self) -> dt.date | None:
        """The day on which the status was last told, which may be a break's; None = not known."""
        return self.changed.get("programme.status")

    def since(self, path: str) -> dt.date:
        """The day since which a place has not said what was signed: another change of it puts nothing off."""
        return self.first.get(path, self.day(path))


def moment(
    revisions: Iterable[Revision], today: dt.date, review: dt.date | None, signed: Record | None = None, at: int = 0
) -> Moment:
    """The days on which the places of a plan changed, from its history.

    Args:
        signed: what was signed, and `at` the number of its revision; None = nothing was.
    """
    changed: dict[str, dt.date] = {}
    first: dict[str, dt.date] = {}
    for revision in revisions:
        for decision in (d for d in revision.decisions if d.applies):
            changed[decision.place] = revision.effective
            if signed is None or revision.number <= at:
                continue
            if decision.after == signed.get(decision.place):
                first.pop(decision.place, None)
            else:
                first.setdefault(decision.place, revision.effective)
    return Moment(today, changed, review, first)


def drift(signed: Record, now: Record, rules: Rules, when: Moment) -> Drift:
    """What has changed since a version was signed, and what follows."""
    paths = sorted(path for path in {*signed, *now} if signed.get(path) != now.get(path) and place_of(path))
    before, after = {split_row(path) for path in signed}, {split_row(path) for path in now}
    found = [_difference(path, _row_change(path, before, after), signed, now, rules, when) for path in paths]
    return Drift(
        tuple(d for d in found if d.effect in MATERIAL),
        tuple(d for d in found if d.effect in (Change.NOTE_ON, Change.IDENTITY)),
        tuple(d for d in found if d.effect is Change.WORKING),
    )


def split_row(path: str) -> str:
    """The row that a place stands in, `training[R1]`; the place itself where it stands in none."""
    row = split(path)
    return f"{row[0]}[{row[1]}]" if row else path


def _row_change(path: str, before: Set[str], after: Set[str]) -> str:
    """Whether a place's whole row, or one that stands in none, was `added` or `removed`; else it was `changed`."""
    row = split_row(path)
    if row in before and row in after:
        return "changed"
    return "added" if row in after else "removed"


def _difference(path: str, what: str, signed: Record, now: Record, rules: Rules, when: Moment) -> Difference:
    was, is_now = signed.get(path), now.get(path)
    declared = change_of(path, signed, now)
    inside = rules.inside_qualifying(now, when.day(path))
    row = rules.row_for(path, what, now, declared in MATERIAL, inside, months(was) == months(is_now), was)
    effect = Change(row.effect) if row.effect else declared
    if effect not in MATERIAL:
        return Difference(path, was, is_now, effect, row.because or WHY_NOT[effect])
    who = row.who or rules.who_signs(now, when.today).who
    return Difference(
        path, was, is_now, effect, row.because, rules.cite(row.rule), who, _deadline(row, path, now, when)
    )


WHY_NOT: Mapping[Change, str] = {
    Change.WORKING: "part of the working document alone",
    Change.NOTE_ON: "listed at the next issue, without a signature",
    Change.IDENTITY: "corrected at the next issue, without a signature",
}
"""Why a change of each class makes nobody sign again."""


def _deadline(row: Stale, path: str, now: Record, when: Moment) -> dt.date | None:
    """The last day for signing again: the review after the change (B1: “no later than next progress review”).

    After a break it is the return from that break, as far as its day is known; and so it is where the review would fall
    into a break, in which clocks stand still. No day lies before the change: what was told of a return afterwards waits
    for the review, and what changed while a review was overdue for the day on which that is held.
    """
    if not row.by:
        return None
    since = when.since(path)
    if row.by == "return":
        back = _return(path, now)
        if back is None or back >= since:
            return back
    held = (day_of(now, f"reviews[{key}].held") for key in keys_of(now, "reviews"))
    review = min((day for day in held if day and day > since), default=None)
    if review is None and when.review:
        review = after_break(now, when.review, when.told)
    return review if review and review >= since else None


def _return(path: str, now: Record) -> dt.date | None:
    """The day of the return from the break that a place tells of; None where no day is known, or none will come."""
    row = split(path)
    if row is None and ended(now):
        return None
    key = row[1] if row else open_break(now)
    return day_of(now, f"breaks[{key}].returned") or day_of(now, f"breaks[{key}].expected_return")


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DATES = re.compile(r"\b\d{1,2}[/.](\d{1,2})[/.]\d{2,4}\b|\b\d{4}-(\d{2})-\d{2}\b")


def months(said: Value) -> frozenset[int]:
    """The months that words about a time name: by name, or in dates written day/month/year or as ISO."""
    text = str(said or "").casefold()
    words = re.findall(r"[a-z]+", text)
    named = {n for n, month in enumerate(_MONTHS, 1) for word in words if word in (month, month[:3], month[:4])}
    return frozenset(named | {int(a or b) for a, b in _DATES.findall(text)})
