"""What people are asked: the decisions that only a person can make, each as one question in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

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

APART = frozenset({"twin row", "closed", "remark"})
"""Kinds of question that are not about what a place should say, and stand beside one that is."""

DECIDED_BY_OWNERS = frozenset({"proposal", "voice"})
"""Kinds of question that end when those whose place it is decide it themselves."""


def fallen(query: Query, decision: Decision, earlier: Collection[int]) -> str:
    """Why an answer that was asked about is asked about no more, after a decision on its place; "" while it still is.

    Args:
        query: the question that was raised for the answer.
        earlier: revisions of earlier returns of the form that now came.
    """
    if query.raised_in in earlier:
        return "corrected on the same form"
    if decision.outcome is Outcome.CLEARED and decision.rule == "settled":
        return "settled with another question: the row is no more"
    if decision.applies and query.kind in DECIDED_BY_OWNERS:
        return "decided by those whose place it is"
    if decision.applies and decision.after == query.theirs and query.kind != "invalid":
        return "the plan says so now"
    return ""


def no_twins(query: Query, revision: Revision) -> bool:
    """Whether a question if two rows are one has lost its point: the new row was changed, or the older one removed."""
    return query.kind == "twin row" and any(
        d.applies and (d.place == query.place or (d.place == query.box and d.outcome is Outcome.CLEARED))
        for d in revision.decisions
    )


def asked_again(left: Sequence[Query], revision: Revision, ours: Value, said: Decision | None, label: str) -> Query:
    """A question for the answers that are left, the latest last, when others that were asked about with them fell.

    Args:
        ours: what the plan says now.
        said: the decision that put the latest of them in question; None where no form did.
    """
    *rest, latest = left
    others = tuple(dict.fromkeys(q.theirs for q in rest if q.theirs not in (None, latest.theirs, ours)))
    words = _question(said.model_copy(update={"ours": ours}), label, others) if said else latest.question
    return latest.model_copy(
        update={
            "query": short_number("Q", revision.plan, revision.number, latest.place),
            "question": words,
            "ours": ours,
            "others": others,
            "sides": tuple(q.query for q in left),
            "raised": revision.recorded,
            "raised_in": revision.number,
        }
    )


def together(query: Query, earlier: Sequence[Query]) -> Query:
    """A question with the answers in it that were asked about before.

    Args:
        earlier: the questions that were raised for these.
    """
    said = (value for q in earlier for value in (q.theirs, *q.others))
    new = tuple(dict.fromkeys(v for v in said if v not in (None, query.theirs, query.ours, *query.others)))
    place = place_of(query.place)
    show = place.show if place else str
    more = "".join(f" (Asked about before: “{show(value)}”.)" for value in new)
    return query.model_copy(
        update={
            "question": f"{query.question}{more}",
            "others": (*query.others, *new),
            "sides": tuple(dict.fromkeys((*(q.query for q in earlier), *(query.sides or (query.query,))))),
        }
    )


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
    decisions: Iterable[Decision],
    revision: Revision,
    labels: Mapping[str, str],
    standing: Mapping[str, Sequence[Query]] = MappingProxyType({}),
) -> Iterator[Query]:
    """The questions that decisions put to people.

    Args:
        labels: place to the words people know it by.
        standing: by place, the answers asked about already; a new question about the place says what they said, and
            stands for all (one question for each place, DESIGN.md section 7).
    """
    for decision in decisions:
        if decision.outcome is not Outcome.QUERY:
            continue
        kind = KINDS[decision.rule]
        earlier = standing.get(decision.place, ()) if decision.place and decision.rule != "M12" else ()
        others = tuple(
            dict.fromkeys(q.theirs for q in earlier if q.theirs not in (None, decision.theirs, decision.ours))
        )
        number = short_number("Q", revision.plan, revision.number, *_point(decision))
        yield Query(
            query=number,
            plan=revision.plan,
            place=decision.place,
            kind=kind,
            question=_question(decision, labels.get(decision.place) or decision.place, others),
            choices=CHOICES.get(kind, ("form", "plan")),
            base=decision.base,
            theirs=decision.theirs,
            ours=decision.ours,
            others=others,
            sides=(*(q.query for q in earlier), number) if earlier else (),
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


def _question(decision: Decision, label: str, others: tuple[Value, ...]) -> str:
    if decision.rule == "remark":
        return f"Beside the answers stands “{decision.theirs}” ({decision.reason}). Has somebody seen to it?"
    if decision.rule == "M12":
        return f"{label}: “{decision.theirs}” was written in as new, but {decision.reason}. Are they one, or two?"
    place = place_of(decision.place)
    show = place.show if place else str
    ours = f"the plan says “{show(decision.ours)}”" if decision.ours is not None else "the plan says nothing"
    more = "".join(f"; another form said “{show(other)}”" for other in others)
    if decision.rule in ("M3", "M5", "M11"):
        return f"{label}: {decision.reason}. The plan still says “{show(decision.ours)}”{more}. Remove this?"
    form = "wants it removed" if decision.theirs is None else f"says “{show(decision.theirs)}”"
    if decision.rule in ("M2", "M13"):
        why = f" ({decision.reason})" if decision.reason else ""
        return f"{label}: the form {form}, {ours} since the form was printed{why}{more}. Which one holds?"
    if decision.rule in ("M14", "M15", "M22"):
        return f"{label}: the form {form}; {decision.reason}; {ours}{more}. What should the plan say?"
    return f"{label}: {decision.reason}; {ours}{more}. What should the plan say?"
