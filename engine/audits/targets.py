"""Targets and goals: missing dates, model targets left alone, measurability, orphans, detail where it is needed."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from engine.audits.cases import Case, Finding, Found, Row, day, said
from engine.gates import CLOSED
from engine.measurable import MARKS, marks
from engine.plan import PLACES, TABLES

_WORDING = frozenset(
    path.rpartition(".")[2] for path, p in PLACES.items() if path.startswith("targets[") and p.format == "prose"
) - {"progress"}  # fmt: skip
"""The columns in which a target is put into words; what has come of it is not among them."""

_LATER = (("targets", "due"), ("actions", "review"))
"""What a plan that is lived with dates beside what the rules ask for."""

_STEP = re.compile(r"[^\n;]*\w[^\n;]*")


def is_open(row: Row) -> bool:
    """Whether a target is one that somebody works towards."""
    return said(row, "text") and row.get("status") not in CLOSED


def steps_of(row: Row) -> int:
    """How many steps a target is broken down into: lines, or parts between semicolons."""
    return len(_STEP.findall(str(row.get("steps") or "")))


def missing_dates(case: Case) -> Found:
    """Audit 2: undated required rows ÷ required rows, by kind of row. Source: domain.md C5-2, R6; the rules' `dated`.

    Rows are those the rules of the year want dated, open targets, and support that has begun. Limits: that a date is
    there says nothing of whether it is a good one.
    """
    asked, undated = 0, []
    ruled = [tuple(place.split("[KEY].")) for place in case.rules.dated]
    for table, column in (*ruled, *_LATER):
        for key, row in case.rows(table):
            if table == "targets" and not is_open(row):
                continue
            asked += 1
            if not row.get(column):
                undated.append((table, key, column))
    if not asked:
        return "it has no milestones, aims, targets or support yet"
    by_kind = Counter(table for table, _, _ in undated)
    if not undated:
        return []
    told = ", ".join(f"{TABLES[t].noun} {k}" for t, k, _ in undated)
    beside = [f"{t}[{k}].{c}" for t, k, _ in undated for c in case.tables[t][k]]
    share = len(undated) / asked
    says = f"{len(undated)} of {asked} rows that need a date have none: {told} ({len(by_kind)} kinds of row)."
    return [case.find("undated", says, (*(f"{t}[{k}].{c}" for t, k, c in undated), *beside), share)]


def template_drift(case: Case) -> Found:
    """Audit 3: share of model targets reworded after the first review; 0 of at least two is a finding.

    Source: domain.md C5-3, A1-20. A model target is one that names its template. Limits: any change of wording counts,
    however small; a target added after the first review is left out, because nobody has had time.
    """
    held = case.held()
    if not held:
        return "no review was held yet"
    first = held[0][0]
    began: dict[str, int] = {}
    reworded: set[str] = set()
    model = {key for key, row in case.rows("targets") if row.get("template")}
    for step in case.steps:
        for key, column in _target_columns(step.changed):
            if column in _WORDING and key in began and step.number > began[key] and step.effective >= first:
                reworded.add(key)
            if step.effective < first:
                began.setdefault(key, step.number)
    model &= began.keys()
    if len(model) < 2:
        return "it has fewer than two model targets from before its first review"
    if model & reworded:
        return []
    says = f"None of its {len(model)} model targets was reworded since the first review on {first:%d/%m/%Y}."
    places = [f"targets[{key}].{column}" for key in sorted(model) for column in ("text", "template")]
    return [case.find("never-altered", says, places, 0.0)]


def _target_columns(changed: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in changed:
        if path.startswith("targets["):
            key, _, column = path[len("targets[") :].partition("].")
            yield key, column


def measurability(case: Case) -> Found:
    """Audit 4: m = mean of {act, amount, date, evidence, owner} of each open target; below `measurable`, or undated.

    Source: domain.md C5-4, A6. Load for every plan: more than `open_targets` open, or more than `same_week` due in one
    week. For a target set by PASTIE: a day of agreement and two steps; by POWER: a starting point, the learner as
    owner, evidence, and how they feel. Limits: it looks at the first words and at which boxes are filled, not at sense.
    """
    targets = [(key, row) for key, row in case.rows("targets") if is_open(row)]
    if not targets:
        return "it has no open targets"
    return [*_unmeasurable(case, targets), *_load(case, targets), *_by_lens(case, targets)]


def _unmeasurable(case: Case, targets: list[tuple[str, Row]]) -> Iterator[Finding]:
    for key, row in targets:
        has = marks(case.record, f"targets[{key}]")
        share = len(has) / len(MARKS)
        if share < case.bounds.measurable or not row.get("due"):
            lacks = ", ".join(why for mark, why in MARKS.items() if mark not in has)
            says = f"Target {key} has {len(has)} of the {len(MARKS)} marks of a measurable one: {lacks}."
            yield case.find("unmeasurable", says, [f"targets[{key}].{c}" for c in row], share)


def _load(case: Case, targets: list[tuple[str, Row]]) -> Iterator[Finding]:
    weeks = Counter(d.isocalendar()[:2] for _, row in targets if (d := day(row.get("due"))))
    fullest = max(weeks.values(), default=0)
    if len(targets) > case.bounds.open_targets or fullest > case.bounds.same_week:
        says = f"{len(targets)} targets are open, and up to {fullest} of them are due in one week."
        yield case.find("overload", says, [f"targets[{key}].due" for key, _ in targets], float(len(targets)))


def _by_lens(case: Case, targets: list[tuple[str, Row]]) -> Iterator[Finding]:
    for key, row in targets:
        lacks = []
        if row.get("lens") == "PASTIE":
            lacks = ["the day it was agreed"] * (not row.get("agreed")) + ["steps in their order"] * (steps_of(row) < 2)
        elif row.get("lens") == "POWER":
            lacks = [
                name
                for name, column in (("a starting point", "starting_point"), ("a sign of success", "evidence"),
                                     ("how the learner feels about it", "feeling"))
                if not row.get(column) and not (column == "evidence" and row.get("measure"))
            ]  # fmt: skip
            lacks += ["the learner as the one who does it"] * (not _learner_owns(case, row))
        if lacks:
            kind = "pastie" if row.get("lens") == "PASTIE" else "power"
            yield case.find(kind, f"Target {key} does not say: {', '.join(lacks)}.", [f"targets[{key}].lens"])


def _learner_owns(case: Case, row: Row) -> bool:
    owner = str(row.get("owner") or "").casefold()
    names = (case.record.get(f"learner.{part}_name") for part in ("given", "family", "preferred"))
    return owner in ("me", "i", "learner", "the learner") or any(n and str(n).casefold() in owner for n in names)


def orphans(case: Case) -> Found:
    """Audit 9: open targets whose goal is no goal of the plan; goals without an open target; aims without activity.

    Source: domain.md C5-9, R10. A target names its goal by the goal's key or its words. Limits: whether a target truly
    serves the goal it names is for people to judge.
    """
    goals = {key: str(row.get("text")) for key, row in case.rows("goals") if said(row, "text")}
    targets = [(key, row) for key, row in case.rows("targets") if is_open(row)]
    aims = [key for key, row in case.rows("aims") if said(row, "title") and not row.get("actual_end")]
    if not (goals or targets or aims):
        return "it has no goals, targets or aims yet"
    served, found = set(), []
    for key, row in targets:
        goal = str(row.get("goal") or "").strip()
        named = {k for k, words in goals.items() if goal and (k == goal.split(":")[0].strip() or goal == words)}
        served |= named
        if not named:
            says = f"Target {key} names {'a goal that the plan does not have' if goal else 'no goal'}."
            found.append(case.find("target-without-goal", says, [f"targets[{key}].text", f"targets[{key}].goal"]))
    for key in sorted(goals.keys() - served):
        found.append(case.find("goal-without-target", f"Goal {key} has no current target.", [f"goals[{key}].text"]))
    if aims and not case.rows("training") and not case.rows("milestones"):
        says = f"{len(aims)} qualifications are planned, and neither training nor milestones."
        found.append(case.find("aim-without-activity", says, [f"aims[{key}].title" for key in aims]))
    return found


def granularity(case: Case) -> Found:
    """Audit 10: steps per target due within `short_weeks` ÷ steps per target due later; below 1 is a finding.

    Source: domain.md C5-10, R7. Limits: a step is a line, or a part between semicolons, however long.
    """
    edge = case.today + dt.timedelta(weeks=case.bounds.short_weeks)
    near: list[tuple[str, int]] = []
    far: list[tuple[str, int]] = []
    for key, row in case.rows("targets"):
        due = day(row.get("due"))
        if due and is_open(row):
            (near if due <= edge else far).append((key, steps_of(row)))
    if not near or not far:
        return "it has not both near and later targets with dates"
    soon, later = (sum(n for _, n in some) / len(some) for some in (near, far))
    if not later or soon >= later:
        return []
    says = f"{soon:.1f} steps for each target of the next {case.bounds.short_weeks} weeks, {later:.1f} for later ones."
    return [case.find("upside-down", says, [f"targets[{key}].steps" for key, _ in (*near, *far)], soon / later)]
