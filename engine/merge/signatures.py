"""What the signatures on a returned form are worth: a name and a date, under words that nobody changed (M18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from engine.merge.returned import Returned, row_of
from engine.model import Answer, Decision, Outcome, State
from engine.places import Record
from engine.plan import is_signature, place_of, split


def weighed(decisions: Sequence[Decision], returned: Returned, ours: Record, after: Record) -> Iterator[Decision]:
    """The decisions, with what their signatures are worth.

    A signature is bound to the printed content only if nothing else on the form was changed (domain.md M18).

    Args:
        ours, after: the record before and after the decisions.
    """
    standing = {row_of(d.place) for d in decisions if is_signature(d.place) and d.applies}
    for decision in decisions:
        trouble = _trouble(decision, returned, after)
        if trouble:
            update = {"outcome": Outcome.QUERY, "rule": "M18", "reason": trouble}
            yield decision.model_copy(update=update)
            standing.discard(row_of(decision.place))
        else:
            yield decision
    changed = returned.to_sign and _changed(returned)
    for row in sorted(standing):
        if after.get(f"{row}.name") and after.get(f"{row}.date") and not ours.get(f"{row}.method"):
            method = "name and date typed on the form" + (", which was changed by hand" if changed else "")
            yield Decision(place=f"{row}.method", outcome=Outcome.ACCEPTED, rule="M18", theirs=method)
            if returned.to_sign and not changed:
                yield Decision(place=f"{row}.bound", outcome=Outcome.ACCEPTED, rule="M18", theirs=True)


def _changed(returned: Returned) -> bool:
    """Whether a form that was issued for signature came back with other words than were printed, or without some."""
    carried = {answer.place for answer in returned.answers}
    return not carried.issuperset(returned.printed_record) or any(
        _altered(answer, returned.printed_record) for answer in returned.answers
    )


def _altered(answer: Answer, printed: Record) -> bool:
    """Whether a box holds something else than was printed in it."""
    place = place_of(answer.place)
    if place is None or is_signature(answer.place):
        return False
    if answer.state is State.UNREADABLE:
        return answer.words != place.show(printed.get(answer.place))
    return answer.state is State.CLEAR or answer.value != printed.get(answer.place)


def _trouble(decision: Decision, returned: Returned, after: Record) -> str:
    """Why a signature's name or date cannot stand; "" if it can."""
    row = split(decision.place)
    if row is None or not is_signature(decision.place) or not decision.applies:
        return ""
    if after.get(f"{row_of(decision.place)}.bound"):
        return "the form was signed before, and a signature that counts is not altered"
    if decision.outcome is Outcome.CLEARED:
        return ""
    if row[2] == "name" and not after.get(f"{row_of(decision.place)}.date"):
        return f"“{decision.theirs}” stands as a signature without a date, so it does not count yet"
    if row[2] == "date":
        day = dt.date.fromisoformat(str(decision.theirs))
        if not after.get(f"{row_of(decision.place)}.name"):
            return "a signature has a date but no name"
        if day > returned.received:
            return f"a signature is dated {day:%d/%m/%Y}, after the form came back on {returned.received:%d/%m/%Y}"
        if returned.printed and day < returned.printed:
            return f"a signature is dated {day:%d/%m/%Y}, before the form was printed on {returned.printed:%d/%m/%Y}"
    return ""
