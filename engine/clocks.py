"""What is due for a plan, and when: assessment, signing, reviews, support, the learner's log. Pure; `today` is given.

How often each is due stands in the rules of the learner's year; clocks stand still while the learner is on a break, and
stop when the programme has ended or the plan is closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from engine.away import counted, day_of, ended, on_break, pushed
from engine.gates import need_is_open
from engine.places import Record
from engine.plan import keys_of
from engine.road import SOON
from engine.rules import Every, Rules
from engine.settings import Policy

AHEAD: Mapping[str, dt.timedelta] = {
    "review": dt.timedelta(weeks=3),
    "support": dt.timedelta(weeks=3),
    "log": dt.timedelta(weeks=6),
    "naming": dt.timedelta(weeks=4),
}
"""How long before its day a clock's form is put into the outbox; those of other clocks lie ready from the first."""

OWN = Policy()
"""What holds where a provider has set nothing."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has to happen.

    Attributes:
        clock: `assessment`, `signing`, `review`, `support`, `log` or `naming`; a proforma names the clock that makes
            it due.
        what: in words.
        day: the last day for it.
    """

    clock: str
    what: str
    day: dt.date

    def near(self, today: dt.date) -> bool:
        """Whether its form should be lying ready."""
        return self.clock not in AHEAD or self.day - today <= AHEAD[self.clock]

    def overdue(self, today: dt.date) -> bool:
        """Whether its day has gone by."""
        return self.day < today


def due(
    record: Record,
    rules: Rules,
    joined: dt.date,
    assessed: bool,
    may_sign: bool,
    edition_state: str,
    *,
    today: dt.date,
    policy: Policy = OWN,
    again: dt.date | None = None,
    told: dt.date | None = None,
) -> tuple[Due, ...]:
    """What is due for a plan, the soonest first (domain.md A6, B1).

    Args:
        joined: the day of the plan's first form; clocks run from it while there is no start date.
        assessed: whether initial assessment is complete (gate G1).
        may_sign: whether the gates let a version be issued for signature.
        again: the first day by which a stale version has to be signed again, where the rules set one.
        told: the day on which the status was last told; None = not known.
    """
    if ended(record) or on_break(record, today, told):
        return ()
    start = day_of(record, "programme.start") or joined
    found = []
    if edition_state in ("none", "issued", "part-signed") and may_sign:
        found.append(Due("signing", "Signatures", signing_day(record, rules, joined)))
    if not assessed:
        day = start + dt.timedelta(days=rules.assessed_within_days)
        found.append(Due("assessment", "Initial assessment", pushed(record, start, day)))
    review = next_review(record, rules, policy)
    if review:
        found.append(Due("review", "Progress review", review))
    if edition_state == "stale" and (last := again or review):
        found.append(Due("signing", "Signing again", last))
    found += [*_support(record, rules), *_log(record, rules, start, policy), *_naming(record, rules)]
    return tuple(sorted(found, key=lambda d: d.day))


def next_review(record: Record, rules: Rules, policy: Policy = OWN) -> dt.date | None:
    """The day by which the next review is due; None while there is no start date.

    It is the day that the last review named, or the plan's own interval after it or the start, and in no case later
    than the rules allow.
    """
    held = [(d, key) for key in keys_of(record, "reviews") if (d := day_of(record, f"reviews[{key}].held"))]
    last, key = max(held, default=(None, ""))
    since = last or day_of(record, "programme.start")
    if since is None:
        return None
    latest = _after(rules.review_every(record), since)
    wanted = day_of(record, f"reviews[{key}].next_due") or _own_interval(record, since, policy, last) or latest
    return pushed(record, since, min(wanted, latest))


def _after(every: Every, day: dt.date) -> dt.date:
    """So many days after a day; or the end of the month so many months on: after 1 August, by 30 November."""
    return day + relativedelta(months=every.months, day=31) if every.months else day + dt.timedelta(days=every.days)


def _own_interval(record: Record, since: dt.date, policy: Policy, last: dt.date | None) -> dt.date | None:
    """The day that the plan's own interval asks for; None where it has none that can be counted.

    Each half term has a review by its last day (domain.md C5-5). One that was held while its form lay ready for that
    day is that review; one held longer before is early, and another is due by the day all the same.

    Args:
        last: the day of the last review; None = none was held, and it is counted from the start.
    """
    weeks = review_weeks(record)
    if weeks is not None:
        return since + dt.timedelta(weeks=weeks)
    asked = record.get("programme.review_weeks")
    held_for = since + AHEAD["review"] if last else since
    return min((day for day in policy.half_terms if day > held_for), default=None) if asked else None


def review_weeks(record: Record) -> int | None:
    """How many weeks the plan itself sets between reviews; None where it sets none that can be counted."""
    number = str(record.get("programme.review_weeks") or "").partition(" ")[0]
    return int(number) if number.isdecimal() else None


def signing_day(record: Record, rules: Rules, joined: dt.date) -> dt.date:
    """The last day for signing the first version, counted from the start, or from the plan's first form without one."""
    start = day_of(record, "programme.start") or joined
    return pushed(record, start, start + dt.timedelta(days=rules.signed_within_days))


def _support(record: Record, rules: Rules) -> Iterator[Due]:
    """Support is looked at again on the day named for it, or so long after it started, while its need is open."""
    days = []
    for key in keys_of(record, "actions"):
        if not need_is_open(record, record.get(f"actions[{key}].need")):
            continue
        named, began = day_of(record, f"actions[{key}].review"), day_of(record, f"actions[{key}].start")
        if named or began:
            since = began or named
            assert since is not None
            days.append(pushed(record, since, named or since + relativedelta(months=rules.support_review.months)))
    if days:
        yield Due("support", "Support review", min(days))


def _log(record: Record, rules: Rules, start: dt.date, policy: Policy) -> Iterator[Due]:
    """The learner's log is filed block by block, so that no more than one block can be lost.

    An entry that names no block is of the one that its day lies in; days of a break are in none.
    """
    weeks = dt.timedelta(weeks=rules.log_weeks)
    blocks = []
    for key in keys_of(record, "logs"):
        day, block = day_of(record, f"logs[{key}].date"), record.get(f"logs[{key}].block")
        # The day on which a block is due is its last one.
        in_it = max(0, (counted(record, start, day) - dt.timedelta(days=1)) // weeks) + 1 if day else 0
        blocks.append(in_it if block is None else int(str(block)))
    if blocks or policy.learning_logs:
        block = max(blocks, default=0) + 1
        yield Due("log", f"Learning log, block {block}", pushed(record, start, start + weeks * block))


def _naming(record: Record, rules: Rules) -> Iterator[Due]:
    """What has to be named some months before a day in the plan."""
    for line in rules.named:
        day = day_of(record, line.of)
        if day and line.type in (record.get("programme.type"), "") and not record.get(line.place):
            yield Due("naming", f"{line.what} to be named", day - relativedelta(months=line.months_before))


LONGEST_SLEEP = dt.timedelta(days=7)
"""However little is due for a plan, it is looked at again after so many days: its progress is drawn as of a day."""


def next_change(record: Record, found: Iterable[Due], today: dt.date) -> dt.date:
    """The next day on which a plan may stand otherwise although nobody has said anything new.

    That is when a form comes near, something becomes overdue, a day that the record names has come, or the
    learner's birthday: some may have copies only of those who are not of age.
    """
    days = [day for d in found for day in (d.day - AHEAD.get(d.clock, dt.timedelta()), d.day + dt.timedelta(days=1))]
    for value in record.values():
        with suppress(ValueError, OverflowError):
            day = dt.date.fromisoformat(str(value))
            days += (day - SOON, day, day + dt.timedelta(days=1))
    birth = day_of(record, "learner.date_of_birth")
    if birth:
        days += (birth + relativedelta(years=today.year - birth.year + more) for more in (0, 1))
    return min(day for day in (*days, today + LONGEST_SLEEP) if day > today)
