"""What a returned form's answers do to the plan: three-way, place by place, against what the form had printed on it.

Decide first, apply after. `decide` is pure: it turns answers, the record as printed (base) and the record as it is
now (ours) into decisions; `apply` makes the next record of them. Nothing here ever fails: what cannot be settled is
decided as a query. The rules M1 to M23 are those of domain.md C4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from engine.model import Answer, Decision, Outcome, Query, Remark, Revision, State, short_number
from engine.places import Change, Place, Record, Value
from engine.plan import TABLES, contradictions, keys_of, next_key, place_of, split

KINDS: Mapping[str, str] = {
    "M2": "conflict", "M3": "removal", "M5": "removal", "M9": "step back", "M16": "locked", "M18": "signature",
    "M21": "invalid", "remark": "remark",
}  # fmt: skip
"""What a query is called, by the rule that raised it."""

CHOICES: Mapping[str, tuple[str, ...]] = {"invalid": ("plan",), "signature": ("plan",), "remark": ("noted",)}
"""What may be taken where form or plan cannot both be."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that came back: what is needed to merge it.

    Attributes:
        answers: what it says, box by box.
        base: the record as the person who filled it saw it, and as their earlier returns of it left the plan.
        said: what they had said on it when it came back before, settled or not; None = nothing but the base.
        printed_record: the record as printed, alone.
        form: its number.
        printed: the day printed on it, if we printed it for a plan.
        received: the day it came.
        own_row: key of the row that the form is about, "" if none.
        prefilled: whether the form was printed with the plan's answers; on one issued blank, blank is unanswered.
        rows: keys that this form's new rows got when it came back before: `targets[new 1]` to `T4`.
        used: keys that rows have had, by table; none is given twice.
        to_sign: whether the form was issued for signature, so that signatures on it bind to what it printed.
    """

    answers: tuple[Answer, ...]
    base: Record
    form: str
    printed: dt.date | None
    received: dt.date
    own_row: str = ""
    prefilled: bool = True
    rows: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)
    to_sign: bool = False
    printed_record: Record = field(default_factory=dict)
    said: Record | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decisions on a form, and how many of its answers were the same as printed."""

    decisions: tuple[Decision, ...]
    same: int


def decide(returned: Returned, ours: Record) -> Verdict:
    """Every answer's fate. Pure; never raises."""
    decisions: list[Decision] = []
    same = 0
    for answer in _in_their_rows(returned, ours):
        place = place_of(answer.place)
        if place is None:
            continue
        if answer.state is State.BLANK and not returned.prefilled:
            continue
        said = returned.base if returned.said is None else returned.said
        if answer.state is State.SAID and answer.value == said.get(answer.place):
            same += 1
            continue
        decision = _one(answer, place, returned.base.get(answer.place), ours.get(answer.place))
        if decision is not None:
            decisions.append(decision)
    decisions = _consistent(decisions, ours)
    return Verdict(tuple(_signed(decisions, returned, ours)), same)


def without_repeats(verdict: Verdict, open_now: Iterable[Query]) -> Verdict:
    """The verdict without the questions that are asked already: the same place, the same trouble, the same answer."""
    asked = {(query.place, query.kind, query.theirs) for query in open_now}

    def is_new(decision: Decision) -> bool:
        kind = KINDS.get(decision.rule, "")
        return decision.outcome is not Outcome.QUERY or (decision.place, kind, decision.theirs) not in asked

    return Verdict(tuple(d for d in verdict.decisions if is_new(d)), verdict.same)


def beside(remarks: Iterable[Remark], asked: Iterable[Query]) -> tuple[Decision, ...]:
    """What stands beside the answers, each a question of its own; words that were asked about before are not again."""
    known = {query.theirs for query in asked if query.kind == "remark"}
    found: dict[str, Decision] = {}
    for remark in remarks:
        words = remark.text or f"(a {remark.kind})"
        where = ", ".join(part for part in (remark.kind, remark.where, remark.by and f"by {remark.by}") if part)
        if words not in known:
            found[words] = Decision(place="", outcome=Outcome.QUERY, rule="remark", theirs=words, reason=where)
    return tuple(found.values())


def apply(record: Record, decisions: Iterable[Decision]) -> dict[str, Value]:
    """The record after decisions: accepted values in, cleared ones out, all others as they were."""
    after = dict(record)
    for decision in decisions:
        if decision.outcome is Outcome.ACCEPTED and decision.theirs is not None:
            after[decision.place] = decision.theirs
        elif decision.outcome is Outcome.CLEARED:
            after.pop(decision.place, None)
    return after


def said_by(printed: Record, returns: Iterable[Revision]) -> Record:
    """What a form had said after it came back: what was printed on it, with its sender's answers on top.

    At the same form's next return these are nothing new: it is its sender correcting themselves (DESIGN.md section 7).
    A signature that did not count was not yet made, so it may be completed.
    """
    return _with_answers(printed, (d for r in returns for d in r.decisions if d.rule != "M18" or d.applies))


def left_by(printed: Record, returns: Iterable[Revision]) -> Record:
    """The record as a form's earlier returns left it: what was printed, with the answers that the plan took.

    This is the base of the same form's next return: where the plan says something else, somebody else has changed it.
    """
    return _with_answers(printed, (d for r in returns for d in r.decisions if d.outcome is not Outcome.QUERY))


def _with_answers(record: Record, decisions: Iterable[Decision]) -> Record:
    after = dict(record)
    for decision in decisions:
        if decision.outcome is Outcome.CLEARED:
            after.pop(decision.place, None)
        elif decision.theirs is not None:
            after[decision.place] = decision.theirs
    return after


def rows_of(returns: Iterable[Revision]) -> Mapping[str, str]:
    """The keys that a form's new rows got: `targets[new 1]` to `T4`."""
    rows: dict[str, str] = {}
    for revision in returns:
        for decision in revision.decisions:
            box, place = split(decision.box), split(decision.place)
            if box and place:
                rows[f"{box[0]}[{box[1]}]"] = place[1]
    return rows


def queries(decisions: Iterable[Decision], revision: Revision, labels: Mapping[str, str]) -> Iterator[Query]:
    """The questions that decisions put to people. `labels`: place to the words people know it by."""
    for decision in decisions:
        if decision.outcome is not Outcome.QUERY:
            continue
        kind = KINDS[decision.rule]
        yield Query(
            query=short_number("Q", revision.plan, revision.number, decision.place or decision.theirs),
            plan=revision.plan,
            place=decision.place,
            kind=kind,
            question=_question(decision, labels.get(decision.place) or decision.place),
            choices=CHOICES.get(kind, ("form", "plan")),
            base=decision.base,
            theirs=decision.theirs,
            ours=decision.ours,
            box=decision.box,
            submission=revision.submission,
            raised=revision.recorded,
            raised_in=revision.number,
        )


def _question(decision: Decision, label: str) -> str:
    if decision.rule == "remark":
        return f"Beside the answers stands “{decision.theirs}” ({decision.reason}). Has somebody seen to it?"
    place = place_of(decision.place)
    show = place.show if place else str
    ours = f"the plan says “{show(decision.ours)}”" if decision.ours is not None else "the plan says nothing"
    if decision.rule in ("M3", "M5"):
        return f"{label}: {decision.reason}. The plan still says “{show(decision.ours)}”. Remove this?"
    if decision.rule == "M2":
        form = "wants it removed" if decision.theirs is None else f"says “{show(decision.theirs)}”"
        return f"{label}: the form {form}, {ours} since the form was printed. Which one holds?"
    return f"{label}: {decision.reason}; {ours}. What should the plan say?"


def _in_their_rows(returned: Returned, ours: Record) -> Iterator[Answer]:
    """The answers at the places they belong to: new rows get keys, signatures the number of their form."""
    given: dict[str, str] = dict(returned.rows)
    filled = {_row(a.place) for a in returned.answers if a.state is not State.BLANK}
    # A row that was printed is that row for good, also when its sender has since removed what it held.
    known = {_row(path) for path in (*returned.printed_record, *returned.base, *ours)}
    for answer in returned.answers:
        row = split(answer.place)
        if row is None:
            yield answer
            continue
        table, key, column = row
        if table == "signatures":
            yield replace(answer, place=f"{table}[{returned.form} {key}].{column}")
            continue
        place = place_of(answer.place)
        if place is not None and place.keys and key not in place.keys:
            continue
        printed = _row(answer.place) in known or key == returned.own_row or (place is not None and bool(place.keys))
        if printed:
            yield answer
            continue
        if _row(answer.place) not in filled:
            continue
        if f"{table}[{key}]" not in given:
            taken = {*returned.used.get(table, ()), *keys_of(returned.base, table)}
            taken |= {k for r, k in given.items() if r.startswith(f"{table}[")}
            given[f"{table}[{key}]"] = next_key(ours, table, frozenset(taken))
        yield replace(answer, place=f"{table}[{given[f'{table}[{key}]']}].{column}", box=answer.place)


def _row(path: str) -> str:
    return path.rpartition(".")[0]


def _one(answer: Answer, place: Place, base: Value, ours: Value) -> Decision | None:
    """The fate of one answer; None where it says nothing, or nothing new."""
    decided = partial(_decided, answer, base, ours)
    match answer.state:
        case State.SAID:
            return decided(*_said(answer.value, place, base, ours))
        case State.BLANK if base is None or ours is None:
            return None
        case State.BLANK:
            return decided(Outcome.QUERY, "M3", "its box was printed with an answer and came back empty")
        case State.CLEAR if ours is None:
            return None
        case State.CLEAR if place.change is Change.LOCKED:
            return decided(Outcome.QUERY, "M16", "it is locked, and the form wants it removed")
        case State.CLEAR if base == ours:
            return decided(Outcome.CLEARED, "M4")
        case State.CLEAR:
            return decided(Outcome.QUERY, "M2")
        case State.NOT_APPLICABLE:
            return None if ours is None else decided(Outcome.QUERY, "M5", "the form says that it does not apply")
        case State.UNREADABLE:
            return None if base and answer.words == place.show(base) else decided(Outcome.QUERY, "M21", answer.why)


def _decided(answer: Answer, base: Value, ours: Value, outcome: Outcome, rule: str, reason: str = "") -> Decision:
    return Decision(
        place=answer.place, outcome=outcome, rule=rule, base=base, theirs=answer.value, ours=ours, box=answer.box,
        reason=reason,
    )  # fmt: skip


def _said(theirs: Value, place: Place, base: Value, ours: Value) -> tuple[Outcome, str, str]:
    """The three-way rule itself, for an answer that differs from what was printed."""
    if theirs == ours:
        return Outcome.AGREED, "M2", ""
    if base != ours:
        return Outcome.QUERY, "M2", ""
    if ours is not None and place.change is Change.LOCKED:
        return Outcome.QUERY, "M16", f"it is locked, and the form says “{place.show(theirs)}”"
    if ours is not None and place.about.forward and _step(place, theirs) < _step(place, ours):
        return Outcome.QUERY, "M9", f"the form would take it back to “{place.show(theirs)}”"
    return Outcome.ACCEPTED, "M2", ""


def _step(place: Place, value: Value) -> int:
    return place.choices.index(str(value))


def _consistent(decisions: list[Decision], ours: Record) -> list[Decision]:
    """Decisions whose values cannot stand with the rest of the plan become queries, one at a time until all stand."""
    before = contradictions(ours)
    for _ in range(len(decisions)):
        found = {k: why for k, why in contradictions(apply(ours, decisions)).items() if k not in before}
        blamed = next(
            (i for places in found for p in places for i, d in enumerate(decisions) if d.place == p and d.applies), None
        )
        if blamed is None:
            break
        why = next(why for places, why in found.items() if decisions[blamed].place in places)
        decisions[blamed] = decisions[blamed].model_copy(
            update={"outcome": Outcome.QUERY, "rule": "M21", "reason": why}
        )
    return decisions


def _signed(decisions: list[Decision], returned: Returned, ours: Record) -> Iterator[Decision]:
    """The decisions, with what their signatures are worth (domain.md M18, G10, G12).

    A signature is a name and a date. It is bound to the printed content only if nothing else on the form was changed.
    """
    by_row = {_row(d.place): d for d in decisions if d.place.startswith("signatures[") and d.applies}
    carried = {answer.place for answer in returned.answers}
    changed = returned.to_sign and (
        not carried.issuperset(returned.printed_record)
        or any(_altered(answer, returned.printed_record) for answer in returned.answers)
    )
    after = apply(ours, decisions)
    for decision in decisions:
        trouble = _signature_trouble(decision, returned, after)
        if trouble:
            update = {"outcome": Outcome.QUERY, "rule": "M18", "reason": trouble}
            yield decision.model_copy(update=update)
            by_row.pop(_row(decision.place), None)
        else:
            yield decision
    for row in by_row:
        if after.get(f"{row}.name") and after.get(f"{row}.date") and not ours.get(f"{row}.method"):
            method = "name and date typed on the form" + (", which was changed by hand" if changed else "")
            yield Decision(place=f"{row}.method", outcome=Outcome.ACCEPTED, rule="M18", theirs=method)
            if returned.to_sign and not changed:
                yield Decision(place=f"{row}.bound", outcome=Outcome.ACCEPTED, rule="M18", theirs=True)


def _altered(answer: Answer, printed: Record) -> bool:
    """Whether a box holds something else than was printed in it."""
    place = place_of(answer.place)
    if place is None or answer.place.startswith("signatures["):
        return False
    if answer.state is State.UNREADABLE:
        return answer.words != place.show(printed.get(answer.place))
    return answer.state is State.CLEAR or answer.value != printed.get(answer.place)


def _signature_trouble(decision: Decision, returned: Returned, after: Record) -> str:
    """Why a signature's name or date cannot stand; "" if it can."""
    row = split(decision.place)
    if row is None or row[0] != "signatures" or not decision.applies:
        return ""
    if after.get(f"{_row(decision.place)}.bound"):
        return "the form was signed before, and a signature that counts is not altered"
    if decision.outcome is Outcome.CLEARED:
        return ""
    if row[2] == "name" and not after.get(f"{_row(decision.place)}.date"):
        return f"“{decision.theirs}” stands as a signature without a date, so it does not count yet"
    if row[2] == "date":
        day = dt.date.fromisoformat(str(decision.theirs))
        if not after.get(f"{_row(decision.place)}.name"):
            return "a signature has a date but no name"
        if day > returned.received:
            return f"a signature is dated {day:%d/%m/%Y}, after the form came back on {returned.received:%d/%m/%Y}"
        if returned.printed and day < returned.printed:
            return f"a signature is dated {day:%d/%m/%Y}, before the form was printed on {returned.printed:%d/%m/%Y}"
    return ""


def used_keys(revisions: Iterable[Revision]) -> Mapping[str, frozenset[str]]:
    """The row keys that a plan's history has ever used, by table."""
    used: dict[str, set[str]] = {table: set() for table in TABLES}
    for revision in revisions:
        for decision in revision.decisions:
            row = split(decision.place)
            if row:
                used[row[0]].add(row[1])
    return {table: frozenset(keys) for table, keys in used.items()}
