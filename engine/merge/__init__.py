"""What a returned form's answers do to the plan: three-way, place by place, against what the form had printed on it.

Decide first, apply after. `decide` is pure: it turns answers, the record as printed (base) and the record as it is
now (ours) into decisions; `apply` makes the next record of them. Nothing here ever fails: what cannot be settled is
decided as a query. The rules M1 to M23 are those of domain.md C4, and each decision names the one that made it.

    answers ─► rows          which row of the plan each row on the form is            M12, M13
            ─► fates         each answer's fate, by the first rule that has a say     M2 to M11, M14 to M16, M21, M22
            ─► contributions  boxes in which things are only added                    M10, M11
            ─► signatures    what the signatures on the form are worth                M18
            ─► questions     what people are asked, in their words
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.merge import fates, rows, signatures
from engine.merge.contributions import added
from engine.merge.questions import APART, KINDS, asked_again, beside, fallen, no_twins, queries, together
from engine.merge.returned import Past, Returned, Unsaid, Verdict, past, row_of
from engine.merge.rows import are_alike
from engine.model import Answer, Decision, Outcome, Revision, State
from engine.places import Record, Value
from engine.plan import computed, contradictions, held_together, place_of, split

__all__ = [
    "APART", "KINDS", "Past", "Returned", "Verdict", "added", "apply", "are_alike", "asked_again", "beside", "decide",
    "fallen", "left_by", "no_twins", "past", "queries", "rows_of", "said_by", "together", "unsaid_by",
]  # fmt: skip


def decide(returned: Returned, ours: Record) -> Verdict:
    """Every answer's fate. Pure; never raises."""
    said = returned.base if returned.said is None else returned.said
    told = _new_at_first_sight(returned, said)
    same = _how_many_say(returned.answers) - _how_many_say(told)
    placed, alike = rows.placed(told, returned, ours)
    boxes = {answer.place: answer for answer in placed}
    decisions: list[Decision] = []
    for answer in placed:
        before = returned.unsaid.get(answer.place)
        # A row that was written in as new and is one that was printed says so, and that is agreement.
        found = answer.box and row_of(answer.box) not in returned.rows
        if answer.state is State.SAID and answer.value == said.get(answer.place) and before is None and not found:
            same += 1
            continue
        place = place_of(answer.place)
        if place is None or computed(answer.place) or (answer.state is State.BLANK and not returned.prefilled):
            continue
        if before == (answer.state, answer.why):
            continue
        base, now = returned.base.get(answer.place), ours.get(answer.place)
        decision = fates.fate(fates.Said(answer, place, base, now, returned, ours, boxes))
        if decision is not None:
            decisions.append(decision)
    decisions = _consistent(decisions, ours)
    return Verdict((*signatures.weighed(decisions, returned, ours, apply(ours, decisions)), *alike), same)


def _new_at_first_sight(returned: Returned, said: Record) -> list[Answer]:
    """The boxes that say anything else than their sender had seen or said there; of a big form, very few."""
    # What holds for every box is looked up once, for there may be thousands.
    base, unsaid, speaks = returned.base, returned.unsaid, State.SAID
    return [
        answer
        for answer in returned.answers
        if answer.value != said.get(answer.place)
        or (answer.state is not speaks and not _left_blank(answer, base))
        or answer.place in unsaid
    ]


def _how_many_say(answers: Iterable[Answer]) -> int:
    return [answer.state for answer in answers].count(State.SAID)


def _left_blank(answer: Answer, base: Record) -> bool:
    return answer.state is State.BLANK and answer.place not in base and not rows.is_left_open(answer.place)


def apply(record: Record, decisions: Iterable[Decision]) -> dict[str, Value]:
    """The record after decisions: accepted values in, cleared ones out, all others as they were."""
    after = dict(record)
    for decision in decisions:
        if decision.outcome is Outcome.ACCEPTED and decision.after is not None:
            after[decision.place] = decision.after
        elif decision.outcome is Outcome.CLEARED:
            after.pop(decision.place, None)
    return after


def said_by(printed: Record, returns: Iterable[Revision]) -> Record:
    """What a form had said after it came back: what was printed on it, with its sender's answers on top.

    At the same form's next return these are nothing new: it is its sender correcting themselves (DESIGN.md section 7).
    A signature that did not count was not yet made, so it may be completed.
    """
    after = dict(printed)
    for decision in (d for r in returns for d in r.decisions if d.rule != "M18" or d.applies):
        if decision.outcome is Outcome.CLEARED:
            after.pop(decision.place, None)
        elif decision.theirs is not None:
            after[decision.place] = decision.theirs
    return after


_WITHOUT_VALUE = {"M3": State.BLANK, "M5": State.NOT_APPLICABLE, "M21": State.UNREADABLE}
"""What a box had said, by the rule that decided on it, where that was no value; any other rule: a removal."""


def unsaid_by(returns: Iterable[Revision]) -> Mapping[str, Unsaid]:
    """What a form had said without a value when it came back last, by place; once more, it is nothing new either."""
    found: dict[str, Unsaid] = {}
    for decision in (d for r in returns for d in r.decisions):
        state = _WITHOUT_VALUE.get(decision.rule, State.CLEAR)
        if decision.theirs is None:
            found[decision.place] = (state, decision.reason if state is State.UNREADABLE else "")
        else:
            found.pop(decision.place, None)
    return found


def left_by(printed: Record, returns: Iterable[Revision]) -> Record:
    """The record as a form's earlier returns left it: what was printed, with the answers that the plan took from it.

    This is the base of the same form's next return: where the plan says something else, somebody else has changed it.
    What the form had only agreed to is another's word, and whoever changes their mind about that does not change it.
    """
    return apply(printed, (d for r in returns for d in r.decisions))


def rows_of(returns: Iterable[Revision]) -> Mapping[str, str]:
    """The keys that a form's new rows got: `targets[new 1]` to `T4`."""
    found: dict[str, str] = {}
    for decision in (d for r in returns for d in r.decisions if d.rule != "M12"):
        box, place = split(decision.box), split(decision.place)
        if box and place:
            found[f"{box[0]}[{box[1]}]"] = place[1]
    return found


def _consistent(decisions: list[Decision], ours: Record) -> list[Decision]:
    """Decisions whose values cannot stand with the rest of the plan become queries, one at a time until all stand."""
    if not any(decision.applies and held_together(decision.place) for decision in decisions):
        return decisions
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
            update={"outcome": Outcome.QUERY, "rule": "M21", "reason": why, "becomes": None}
        )
    return decisions
