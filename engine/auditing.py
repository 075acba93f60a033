"""The record gathered for the audits, in one look through it; and what they come to, as the promised JSON."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.audits import Audited, Case, Finding, Out, Result, audit, catalogue
from engine.audits.checklist import Answered
from engine.clocks import next_review
from engine.drift import MATERIAL, Moment, drift
from engine.model import Edition, Issue, Step
from engine.places import Record
from engine.plan import change_of, is_signature, split
from engine.premises import Premises
from engine.rules import Rules, rules_for


def audited(premises: Premises) -> Audited:
    """Every audit over every plan."""
    return audit(cases(premises), premises.settings.audit, premises.today)


def cases(premises: Premises) -> Iterator[Case]:
    """Every plan as audits look at it; one that was joined to another is that other's history."""
    ledger = premises.ledger
    editions: dict[str, list[Edition]] = defaultdict(list)
    for edition in ledger.editions():
        editions[edition.plan].append(edition)
    copies: dict[str, list[Issue]] = defaultdict(list)
    for issue in ledger.out_for_signature():
        copies[str(issue.plan)].append(issue)
    joined = ledger.index.joined()
    for plan, steps in ledger.steps():
        if plan not in joined:
            yield gathered(premises, plan, steps, editions.get(plan, ()), copies.get(plan, ()))


def gathered(
    premises: Premises, plan: str, steps: Sequence[Step], editions: Sequence[Edition], copies: Sequence[Issue]
) -> Case:
    """One plan as audits look at it."""
    settings, today = premises.settings, premises.today
    bare = Case(plan, tuple(steps), rules_for({}, today), today, settings.audit, settings.policy, tuple(editions))
    rules = rules_for(bare.record, today, settings.policy)
    return replace(bare, rules=rules, stale=_stale(premises, bare, rules), out=_out(bare, copies, rules))


def _stale(premises: Premises, case: Case, rules: Rules) -> tuple[dt.date, tuple[str, ...]] | None:
    """Since when, and where, the version in force is no longer what is so; None where it is, or where there is none."""
    if not case.editions:
        return None
    edition, now = case.editions[-1], case.record
    signed = case.at(edition.revision)
    if not _moved(signed, now):
        return None
    days = {path: step.effective for path, step in case.origins.items()}
    review = next_review(now, rules, premises.settings.policy)
    reasons = drift(signed, now, rules, Moment(case.today, days, review)).reasons
    if not reasons:
        return None
    places = tuple(reason.place for reason in reasons)
    gave = (case.origins[place] for place in places if place in case.origins)
    return min((step.recorded for step in gave if step.number > edition.revision), default=case.today), places


def _moved(signed: Record, now: Record) -> bool:
    """Whether anything that the funding body relies on has changed at all."""
    return any(
        signed.get(path) != now.get(path) and change_of(path, signed, now) in MATERIAL for path in {*signed, *now}
    )


def _out(case: Case, copies: Sequence[Issue], rules: Rules) -> Out | None:
    """What lies out for signature: the newest content that was given out since the version in force."""
    since = case.editions[-1].completed if case.editions else 0
    open_now = [copy for copy in copies if (copy.revision or 0) > since]
    if not open_now:
        return None
    last = [copy for copy in open_now if copy.revision == open_now[-1].revision]
    forms = {copy.form for copy in last}
    rows = (split(path) for path in case.record if is_signature(path))
    signed = {role for row in rows if row for form, _, role in [row[1].partition(" ")] if form in forms}
    missing = tuple(
        role for role in rules.who_signs(case.at(last[0].revision or 0), case.today).who if role not in signed
    )
    return Out(min(copy.printed for copy in last), missing, last[-1].form)


# ── As JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(found: Audited) -> dict[str, Any]:
    """What the audits came to, as the promised JSON: for staff, with what is for them alone marked so."""
    return {
        "day": found.today.isoformat(),
        "plans": len(found.placed),
        "audits": [_result(result) for result in found.results],
        "checklist": [_line(answered) for answered in found.lines],
        "coverage": [
            {"stratum": c.stratum, "value": c.value, "plans": c.plans, "wanted": c.wanted, "sampled": c.sampled}
            for c in found.cover
        ],
    }


def _result(result: Result) -> dict[str, Any]:
    described = catalogue()[result.audit]
    return {
        "audit": result.audit,
        "number": described.number,
        "title": described.title,
        "asks": described.asks,
        "computed": result.computed,
        "passed": result.passed,
        "looked": len(result.looked),
        "not_computed": dict(result.left),
        "figures": dict(result.figures),
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    about = finding.about
    return {
        "kind": finding.kind, "plan": finding.plan or None, "says": finding.says, "why": about.why,
        "remedy": about.remedy, "places": list(finding.places), "revisions": list(finding.revisions),
        "submissions": list(finding.submissions), "others": list(finding.others), "measure": finding.measure,
        "staff_only": about.staff_only,
    }  # fmt: skip


def _line(answered: Answered) -> dict[str, Any]:
    line = answered.line
    return {
        "line": line.line, "group": line.group, "text": line.text, "answer": answered.answer or None,
        "evidence": answered.evidence,
    }  # fmt: skip
