"""Time: reviews on their days, assessment before signatures, documents that are in use and current."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from engine.audits.cases import Case, Finding, Found, day, said
from engine.audits.targets import is_open
from engine.away import pushed
from engine.clocks import next_review, review_weeks, signing_day
from engine.gates import unassessed
from engine.plan import place_of


def reviews(case: Case) -> Found:
    """Audit 5: max(0, now − due), due from the rules of the year and the plan's own interval (`engine.clocks`).

    Source: domain.md C5-5, A6, B1, R6. Also numbers missing between the first review and the last (M13); targets
    carried forward at least `carried` times; the employer in at most `attended` of at least two reviews, where the
    employer signs the plan. Learners on a break owe no review. Limits: a review that was held and never filed counts as
    not held.
    """
    if not case.day("programme.start") and not case.held():
        return "it has no start date, so no review can be due"
    return [*_overdue(case), *_gaps(case), *_carried(case), *_employer(case)]


def _overdue(case: Case) -> Iterator[Finding]:
    due = next_review(case.record, case.rules, case.policy)
    if due and due < case.today and not case.on_break:
        late, held = (case.today - due).days, case.held()
        last = f"reviews[{held[-1][1]}].held" if held else "programme.start"
        yield case.find("review-overdue", f"A review was due by {due:%d/%m/%Y}, {late} days ago.", [last], float(late))


def _gaps(case: Case) -> Iterator[Finding]:
    numbers = sorted(int(key) for key, row in case.rows("reviews") if key.isdecimal() and said(row, "held"))
    missing = sorted(set(range(1, numbers[-1] + 1)) - set(numbers)) if numbers else []
    if missing:
        told = ", ".join(map(str, missing))
        yield case.find("review-gap", f"Review {numbers[-1]} was held, and there is no review {told}.",
                        [f"reviews[{n}].held" for n in numbers], float(len(missing)))  # fmt: skip


def _carried(case: Case) -> Iterator[Finding]:
    often = {
        key: n
        for key, row in case.rows("targets")
        if is_open(row) and (n := int(str(row.get("carried") or 0))) >= case.bounds.carried
    }
    if often:
        told = ", ".join(f"{key} ({n} times)" for key, n in often.items())
        yield case.find("carried-forward", f"Carried forward: {told}.",
                        [f"targets[{key}].carried" for key in often], float(max(often.values())))  # fmt: skip


def _employer(case: Case) -> Iterator[Finding]:
    held = case.held()
    if len(held) < 2 or "employer" not in case.rules.who_signs(case.record, case.today).who:
        return
    names = [str(v).casefold() for p in ("name", "mentor", "signatory") if (v := case.record.get(f"employer.{p}"))]
    there = [
        bool(row.get("employer_says"))
        or any(name in str(row.get("attended") or "").casefold() for name in ("employer", *names))
        for _, _, row in held
    ]
    share = sum(there) / len(there)
    if share <= case.bounds.attended:
        says = f"The employer took part in {sum(there)} of {len(there)} reviews."
        yield case.find("employer-absent", says, [f"reviews[{key}].attended" for _, key, _ in held], share)


def signed_before_assessed(case: Case) -> Found:
    """Audit 6: the first signature < the last mandatory assessment, or a subject has no result on that day.

    Source: domain.md C5-6, R1; the subjects are the rules' `assessed`. It looks at the first version, as it stood when
    its last signature came. Variants: learning < the first signature (logs, milestones reached, reviews held); the last
    signature > start + the days of the rules. A subject waived with a reason is no fault, nor is a gate G1 waived by
    name. Limits: it believes the dates that people wrote; what they never wrote, it does not see.
    """
    if not case.editions:
        return "no version of it was signed yet"
    edition = case.editions[0]
    dates = {s.role: s.date for s in edition.signatures}
    if not dates:
        return "its version carries no signatures"
    record = case.at(edition.completed)
    first, last = min(dates.values()), max(dates.values())
    signing = [s for s in case.steps if s.number in {signed.revision for signed in edition.signatures}]
    found = []
    late = unassessed(record, case.rules, first)
    if late and not (record.get("waivers[G1].by") and record.get("waivers[G1].reason")):
        says = f"Version 1 was first signed on {first:%d/%m/%Y}; by then there was no result for: {', '.join(late)}."
        places = [f"assessments[{subject}].{part}" for subject in late for part in ("date", "state")]
        found.append(case.find("signed-too-early", says, places, float(len(late)), steps=signing))
    began = _learning(case)
    if began and began[0] < first:
        says = f"Learning is on record from {began[0]:%d/%m/%Y}, before the first signature of {first:%d/%m/%Y}."
        found.append(case.find("taught-too-early", says, [began[1]], float((first - began[0]).days), steps=signing))
    until = signing_day(record, case.rules, case.steps[0].effective)
    if last > until:
        says = f"Version 1 was signed by all on {last:%d/%m/%Y}, after the last day for it, {until:%d/%m/%Y}."
        found.append(case.find("signed-too-late", says, ["programme.start"], float((last - until).days), steps=signing))
    return found


def _learning(case: Case) -> tuple[dt.date, str] | None:
    """The first day on which learning is on record, and the place that says so."""
    wanted = (("logs", "date"), ("milestones", "reached"), ("reviews", "held"))
    days = [(d, f"{t}[{k}].{c}") for t, c in wanted for k, row in case.rows(t) if (d := day(row.get(c)))]
    return min(days, default=None)


def stale(case: Case) -> Found:
    """Audit 11: now − last change a learner can see > `interval` × the review interval; days a version is outdated.

    Source: domain.md C5-11, R21. A signed version that has been outdated for more than `stale_days` is a finding, and
    so is a copy that has waited so long for signatures, with the roles that are missing. Learners on a break are left
    out. Limits: a plan may rightly rest; the report asks, it does not accuse.
    """
    if case.on_break:
        return "its learner is on a break"
    return [*_resting(case), *_outdated(case), *_waiting(case)]


def _resting(case: Case) -> Iterator[Finding]:
    seen = [s for s in case.steps if any((p := place_of(path)) and "L" in p.audience for path in s.changed)]
    start = case.day("programme.start")
    if not seen or not start:
        return
    every, weeks = case.rules.review_every(case.record), review_weeks(case.record)
    interval = every.days or round(30.4 * every.months)
    interval = min(interval, 7 * weeks) if weeks is not None else interval
    last = max(seen[-1].recorded, start)
    rested, allowed = (case.today - last).days, case.bounds.interval * interval
    if case.today > pushed(case.record, last, last + dt.timedelta(days=int(allowed))):
        says = f"The last change was recorded {rested} days ago, on {last:%d/%m/%Y}; reviews come in {interval} days."
        yield case.find("working-stale", says, (), float(rested), steps=[seen[-1]])


def _outdated(case: Case) -> Iterator[Finding]:
    if case.stale:
        since, places = case.stale
        days = (case.today - since).days
        if days > case.bounds.stale_days:
            says = f"Version {case.editions[-1].number} has been outdated since {since:%d/%m/%Y}, for {days} days."
            yield case.find("version-stale", says, places, float(days))


def _waiting(case: Case) -> Iterator[Finding]:
    if case.out and case.out.missing:
        days = (case.today - case.out.since).days
        if days > case.bounds.stale_days:
            missing = ", ".join(case.out.missing)
            says = f"Form {case.out.form} has waited {days} days for the signature of: {missing}."
            yield case.find("unsigned", says, (), float(days))
