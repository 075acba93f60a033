"""What people are asked: the decisions that only a person can make, each as one question in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.merge.returned import Verdict
from engine.model import Decision, Outcome, Query, Remark, Revision, short_number
from engine.places import Value
from engine.plan import place_of

KINDS: Mapping[str, str] = {
    "M2": "conflict", "M3": "removal", "M5": "removal", "M9": "step back", "M11": "removal", "M12": "twin row",
    "M13": "conflict", "M14": "voice", "M15": "proposal", "M16": "locked", "M18": "signature", "M21": "invalid",
    "M22": "private", "remark": "remark",
}  # fmt: skip
"""What a query is called, by the rule that raised it."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "invalid": ("plan",), "signature": ("plan",), "remark": ("noted",), "twin row": ("one", "two"),
}  # fmt: skip
"""What may be taken where form or plan cannot both be. Two rows that look like twins are one row, or two."""


def without_repeats(verdict: Verdict, open_now: Iterable[Query]) -> Verdict:
    """The verdict without the questions that are asked already: the same place, the same trouble, the same answer."""
    asked = {(query.place, query.kind, said) for query in open_now for said in (query.theirs, *query.others)}

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


def queries(
    decisions: Iterable[Decision], revision: Revision, labels: Mapping[str, str], open_now: Iterable[Query] = ()
) -> Iterator[Query]:
    """The questions that decisions put to people.

    Args:
        labels: place to the words people know it by.
        open_now: questions asked already; a new one about the same place says what was said before, and stands for
            both (one question for each place, DESIGN.md section 7).
    """
    before: dict[str, list[Query]] = {}
    for query in open_now:
        before.setdefault(query.place, []).append(query)
    for decision in decisions:
        if decision.outcome is not Outcome.QUERY:
            continue
        kind = KINDS[decision.rule]
        earlier = [v for q in before.get(decision.place, ()) if decision.place for v in (*q.others, q.theirs)]
        others = tuple(dict.fromkeys(v for v in earlier if v not in (None, decision.theirs, decision.ours)))
        yield Query(
            query=short_number("Q", revision.plan, revision.number, *_point(decision)),
            plan=revision.plan,
            place=decision.place,
            kind=kind,
            question=_question(decision, labels.get(decision.place) or decision.place, others),
            choices=CHOICES.get(kind, ("form", "plan")),
            base=decision.base,
            theirs=decision.theirs,
            ours=decision.ours,
            others=others,
            box=decision.box,
            submission=revision.submission,
            raised=revision.recorded,
            raised_in=revision.number,
        )


def _point(decision: Decision) -> tuple[Value, ...]:
    """What tells the questions of one revision apart: their places; remarks by their words, twin rows by the other."""
    if decision.rule == "M12":
        return decision.place, decision.box
    return (decision.place or decision.theirs,)


def _question(decision: Decision, label: str, others: tuple[object, ...]) -> str:
    if decision.rule == "remark":
        return f"Beside the answers stands “{decision.theirs}” ({decision.reason}). Has somebody seen to it?"
    if decision.rule == "M12":
        return f"{label}: “{decision.theirs}” was written in as new, but {decision.reason}. Are they one, or two?"
    place = place_of(decision.place)
    show = place.show if place else str
    ours = f"the plan says “{show(decision.ours)}”" if decision.ours is not None else "the plan says nothing"
    more = "".join(f"; another form said “{other}”" for other in others)
    if decision.rule in ("M3", "M5", "M11"):
        return f"{label}: {decision.reason}. The plan still says “{show(decision.ours)}”{more}. Remove this?"
    form = "wants it removed" if decision.theirs is None else f"says “{show(decision.theirs)}”"
    if decision.rule in ("M2", "M13"):
        why = f" ({decision.reason})" if decision.reason else ""
        return f"{label}: the form {form}, {ours} since the form was printed{why}{more}. Which one holds?"
    if decision.rule in ("M14", "M15", "M22"):
        return f"{label}: the form {form}; {decision.reason}; {ours}{more}. What should the plan say?"
    return f"{label}: {decision.reason}; {ours}{more}. What should the plan say?"
