"""What is due for a plan, and when: assessment, signing, the next review. Pure; `today` is given."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engine.places import Record
from engine.plan import keys_of
from engine.rules import Rules

REVIEW_AHEAD = dt.timedelta(days=21)
"""How long before a review its form is put into the outbox; other forms lie ready from the first day."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has to happen.

    Attributes:
        clock: `assessment`, `signing` or `review`; a proforma names the clock that makes it due.
        what: in words.
        day: the last day for it.
    """

    clock: str
    what: str
    day: dt.date

    def near(self, today: dt.date) -> bool:
        """Whether its form should be lying ready."""
        return self.clock != "review" or self.day - today <= REVIEW_AHEAD

    def overdue(self, today: dt.date) -> bool:
        """Whether its day has gone by."""
        return self.day < today


def due(
    record: Record, rules: Rules, joined: dt.date, assessed: bool, may_sign: bool, edition_state: str
) -> tuple[Due, ...]:
    """What is due for a plan, the soonest first (domain.md A6, B1).

    Args:
        joined: the day of the plan's first form; clocks run from it while there is no start date.
        assessed: whether initial assessment is complete (gate G1).
        may_sign: whether the gates let a version be issued for signature.
    """
    start = _day(record, "programme.start") or joined
    found: list[Due] = []
    if not assessed:
        found.append(Due("assessment", "Initial assessment", start + dt.timedelta(days=rules.assessed_within_days)))
    if edition_state in ("none", "issued", "part-signed") and may_sign:
        found.append(Due("signing", "Signatures", start + dt.timedelta(days=rules.signed_within_days)))
    review = next_review(record, rules)
    if edition_state == "stale" and review:
        found.append(Due("signing", "Signing again", review))
    if review and edition_state in ("in force", "stale"):
        found.append(Due("review", "Progress review", review))
    return tuple(sorted(found, key=lambda d: d.day))


def next_review(record: Record, rules: Rules) -> dt.date | None:
    """The day by which the next review is due: as the last one said, or the plan's interval after it or the start."""
    weeks = int(str(record.get("programme.review_weeks") or f"{rules.review_weeks} weeks").split()[0])
    held = [(d, key) for key in keys_of(record, "reviews") if (d := _day(record, f"reviews[{key}].held"))]
    if held:
        last, key = max(held)
        return _day(record, f"reviews[{key}].next_due") or last + dt.timedelta(weeks=weeks)
    start = _day(record, "programme.start")
    return start + dt.timedelta(weeks=weeks) if start else None


def _day(record: Record, place: str) -> dt.date | None:
    value = record.get(place)
    return dt.date.fromisoformat(str(value)) if value else None
