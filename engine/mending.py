"""What puts a person's mistake right, place by place: a revision taken back, two plans joined, a plan closed. Pure.

Nothing is rewritten: each is a list of decisions for one more revision, and where the record cannot tell what holds,
a person is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.merge import added, apply
from engine.model import Answer, Decision, Outcome, Query, Revision, State, short_number
from engine.places import Record, Value
from engine.plan import TABLES, computed, contradictions, is_signature, keys_of, next_key, place_of, split

KINDS: Mapping[str, str] = {"undo": "undone", "gave way": "undone", "join": "joined"}
"""What a question is called, by the rule that raised it."""


def decided(place: str, rule: str, applies: bool, base: Value, theirs: Value, ours: Value, box: str = "") -> Decision:
    """A value that is taken, or cleared where it is none; or, where it does not apply, asked about."""
    taken = Outcome.CLEARED if theirs is None else Outcome.ACCEPTED
    return Decision(
        place=place, outcome=taken if applies else Outcome.QUERY, rule=rule, base=base, theirs=theirs, ours=ours,
        box=box,
    )  # fmt: skip


def sound(decisions: list[Decision], now: Record, known_good: Record) -> list[Decision]:
    """The decisions, without those whose values could not stand with the rest of the plan: these become questions."""
    before = {*contradictions(now), *contradictions(known_good)}
    for _ in range(len(decisions)):
        found = {places: why for places, why in contradictions(apply(now, decisions)).items() if places not in before}
        why = {place: sentence for places, sentence in found.items() for place in places}
        if not any(d.applies and d.place in why for d in decisions):
            break
        decisions = [
            d.model_copy(update={"outcome": Outcome.QUERY, "reason": why[d.place]})
            if d.applies and d.place in why
            else d
            for d in decisions
        ]
    return decisions


# ── Two plans joined ────────────────────────────────────────────────────────────────────────────────────────────


def stays_behind(place: str) -> bool:
    """Whether a place is said of the plan and not of its learner: its signatures, its waivers, its closing."""
    return is_signature(place) or place.startswith(("waivers[", "closing."))


def join(first: Record, second: Record, used: Mapping[str, frozenset[str]]) -> tuple[Decision, ...]:
    """What becomes of the second plan's places in the first one; none of its learner's is left out.

    A place that only the second knows is taken; where both say the same, they agree; where they differ, both are kept
    if what is written there stays, else a question asks. Rows get keys of the first plan, and the decision's `box`
    keeps the place they had; a row that is there already, word for word, is not doubled.

    Args:
        used: keys that rows of the first plan have ever had, by table.
    """
    rows = _rows_in(first, second, used)
    moved = {row[1]: key for old, key in rows.items() if (row := split(f"{old}.key")) and TABLES[row[0]].prefix}
    decisions = []
    for path in sorted(second):
        if stays_behind(path):
            continue
        place = renamed(path, rows)
        # A value that is the key of a row (“G1”, the goal that a target serves) goes with that row.
        theirs, ours = moved.get(str(second[path]), second[path]), first.get(place)
        box = path if split(path) else ""
        if theirs == ours:
            decisions.append(
                Decision(place=place, outcome=Outcome.AGREED, rule="join", theirs=theirs, ours=ours, box=box)
            )
        elif ours is not None and _stays_written(place):
            both = added(ours, theirs)
            outcome = Outcome.AGREED if both == ours else Outcome.ACCEPTED
            decisions.append(
                Decision(place=place, outcome=outcome, rule="join", theirs=theirs, ours=ours, box=box, becomes=both)
            )
        else:
            decisions.append(decided(place, "join", ours is None, None, theirs, ours, box))
    return tuple(sound(decisions, first, second))


def _stays_written(path: str) -> bool:
    """Whether what is written in a place stays, and more is added below it (domain.md M11)."""
    place = place_of(path)
    return place is not None and place.about.append


def _rows_in(first: Record, second: Record, used: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """The keys that the second plan's rows get in the first: `targets[T1]` to `T4`."""
    rows: dict[str, str] = {}
    for table, mark in TABLES.items():
        mine = {key: _cells(first, table, key) for key in keys_of(first, table)}
        for key in keys_of(second, table):
            same = next((k for k, cells in mine.items() if cells == _cells(second, table, key)), None)
            # A key that is not a number of ours has a meaning of its own: a subject, a gate.
            if not key.removeprefix(mark.prefix).isdecimal():
                rows[f"{table}[{key}]"] = key
            elif same:
                rows[f"{table}[{key}]"] = same
            else:
                given = {k for row, k in rows.items() if row.startswith(f"{table}[")}
                rows[f"{table}[{key}]"] = next_key(first, table, used.get(table, frozenset()) | given)
    return rows


def _cells(record: Record, table: str, key: str) -> dict[str, Value]:
    start = f"{table}[{key}]."
    return {path.removeprefix(start): value for path, value in record.items() if path.startswith(start)}


def renamed(path: str, rows: Mapping[str, str]) -> str:
    """A place of the joined plan as the plan that it was joined to calls it."""
    row = split(path)
    if row is None:
        return path
    key = rows.get(f"{row[0]}[{row[1]}]", row[1])
    return f"{row[0]}[{key}].{row[2]}"


def rows_joined(revision: Revision) -> dict[str, str]:
    """The keys that a joining gave to the joined plan's rows: `targets[T1]` to `T4`."""
    rows: dict[str, str] = {}
    for decision in revision.decisions:
        old, place = split(decision.box), split(decision.place)
        if old and place:
            rows[f"{old[0]}[{old[1]}]"] = place[1]
    return rows


# ── A form that goes to another plan than it was printed for ────────────────────────────────────────────────────


def of_another_learner(answers: Iterable[Answer], printed: Record, own_row: str) -> Iterator[Answer]:
    """What was written on a form that was printed for somebody else: what it still says as printed, nobody said.

    Its rows are new ones; that which the form is about (`own_row`) is new as on a blank.
    """
    for answer in answers:
        if answer.state is not State.SAID or answer.value != printed.get(answer.place):
            yield _in_new_row(answer, own_row)


def of_joined(answers: Iterable[Answer], printed: Record, rows: Mapping[str, str]) -> Iterator[Answer]:
    """What a form of a joined plan says, in the rows of the plan that it was joined to.

    A row that was no more when the plans were joined is a new one, if something was written in it.
    """
    for answer in answers:
        if in_plan(answer.place, rows):
            yield replace(answer, place=renamed(answer.place, rows))
        elif answer.state is not State.SAID or answer.value != printed.get(answer.place):
            yield _in_new_row(answer, "")


def in_plan(path: str, rows: Mapping[str, str]) -> bool:
    """Whether a joined plan's place is a place of the plan that it was joined to: not so in a row that is no more."""
    row = split(path)
    return row is None or not keyed(path) or f"{row[0]}[{row[1]}]" in rows


def _in_new_row(answer: Answer, own_row: str) -> Answer:
    row = split(answer.place)
    if row is None or not keyed(answer.place) or row[1].startswith("new"):
        return answer
    key = "new" if row[1] == own_row else f"new {row[1]}"
    return replace(answer, place=f"{row[0]}[{key}].{row[2]}")


def keyed(path: str) -> bool:
    """Whether a place stands in a row whose key is given out by its plan.

    A signature's is made of its form and role, and a question's on a slip is its number.
    """
    place = place_of(path)
    return place is not None and place.repeats and not place.keys and not is_signature(path) and not computed(path)


# ── A plan closed ───────────────────────────────────────────────────────────────────────────────────────────────


def close(reason: str, by: str, day: dt.date, into: str = "") -> tuple[Decision, ...]:
    """What closes a plan. `into`: the plan that it was joined to."""
    said = {"day": day.isoformat(), "reason": reason, "by": by, "into": into}
    return tuple(
        Decision(place=f"closing.{part}", outcome=Outcome.ACCEPTED, rule="close", theirs=value)
        for part, value in said.items()
        if value
    )


def reopen(record: Record) -> tuple[Decision, ...]:
    """What opens a closed plan again."""
    return tuple(
        Decision(place=path, outcome=Outcome.CLEARED, rule="re-open", base=value, ours=value)
        for path, value in sorted(record.items())
        if path.startswith("closing.")
    )


# ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────


def queries(decisions: Iterable[Decision], revision: Revision, words: Mapping[str, str]) -> Iterator[Query]:
    """The questions that decisions of this room put to people. `words`: places to the words people know them by."""
    for decision in decisions:
        if decision.outcome is Outcome.QUERY:
            yield Query(
                query=short_number("Q", revision.plan, revision.number, decision.place, decision.rule),
                plan=revision.plan,
                place=decision.place,
                kind=KINDS[decision.rule],
                question=question(decision, revision, words.get(decision.place, decision.place)),
                choices=("form", "plan"),
                base=decision.base,
                theirs=decision.theirs,
                ours=decision.ours,
                box=decision.box,
                raised=revision.recorded,
                raised_in=revision.number,
            )


def question(decision: Decision, revision: Revision, label: str) -> str:
    """What a decision of a revision that put a mistake right asks people, in their words for its place."""
    place = place_of(decision.place)
    show = place.show if place else str
    ours, theirs = (f"“{show(v)}”" if v is not None else "nothing" for v in (decision.ours, decision.theirs))
    why = f" ({decision.reason})" if decision.reason else ""
    if decision.rule == "join":
        return f"{label}: {revision.joined} says {theirs}, {revision.plan} says {ours}{why}. Which one holds?"
    if decision.rule == "gave way":
        return (
            f"{label}: change {revision.undoes} was taken back, and now the plan says {ours}; a form that had given "
            f"way to it said {theirs}. Which one holds?"
        )
    return (
        f"{label}: change {revision.undoes} was taken back, before which the plan said {theirs}; "
        f"now it says {ours}{why}. Go back (form), or stay (plan)?"
    )


def closed_query(record: Record, revision: Revision) -> Query | None:
    """The question whether a closed plan is to be opened again, now that a form has come; None for an open one."""
    if not record.get("closing.day"):
        return None
    day = dt.date.fromisoformat(str(record["closing.day"]))
    return Query(
        query=short_number("Q", revision.plan, revision.number, "closing.day"),
        plan=revision.plan,
        place="closing.day",
        kind="closed",
        question=f"The plan was closed on {day:%d/%m/%Y}, and a form has come for it. Is it to be opened again?",
        choices=("re-open", "leave"),
        ours=record["closing.day"],
        submission=revision.submission,
        raised=revision.recorded,
        raised_in=revision.number,
    )


def asked_again(query: Query, revision: Revision, place: str, ours: Value, words: str) -> Query:
    """A question put anew: its plan was joined to another, or what settled it was taken back, or what it is about."""
    return query.model_copy(
        update={
            "query": short_number("Q", revision.plan, revision.number, query.query),
            "plan": revision.plan,
            "place": place,
            "question": words,
            "ours": ours,
            "raised": revision.recorded,
            "raised_in": revision.number,
        }
    )
