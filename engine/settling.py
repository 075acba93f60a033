"""What an answer to a question makes of the plan: decisions like those of merging, with who decided. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import mending, merge
from engine.answers import says_clear
from engine.model import Decision, Outcome, Query, Settlement
from engine.places import WORDS, Record, Value
from engine.plan import contradictions, is_signature, place_of


@dataclass(frozen=True, slots=True)
class Settled:
    """What settles a question.

    Attributes:
        query: the question.
        decisions: what the plan's next revision holds.
        taken: what was chosen, in words; "" where the question stays open after all.
    """

    query: Query
    decisions: tuple[Decision, ...]
    taken: str


def settled(query: Query, record: Record, take: str | None, value: str | None, by: str) -> Settled:
    """What an answer to a question about a plan settles.

    Args:
        record: the plan now.
        take: one of the question's choices.
        value: the answer in words, where none of the choices holds.

    Raises:
        ValueError: with a sentence, where the question cannot be settled so.
    """
    if (take is None) == (value is None):
        raise ValueError(f"{query.query} takes one of its choices or a value, not both and not neither")
    if take is not None and take not in query.choices:
        raise ValueError(f"{query.query} cannot take “{take}”; it takes: {' or '.join(query.choices)}")
    if value is not None and not value.strip():
        raise ValueError(f"an empty answer to {query.query} changes nothing; the word CLEAR removes what is there")
    found = _KINDS.get(query.kind, _place)(query, record, take, value, f"settled by {by or 'somebody'}")
    known = contradictions(record)
    for places, why in contradictions(merge.apply(record, found.decisions)).items():
        if places not in known:
            raise ValueError(f"{query.query} cannot be settled so: {why}")
    return found


def moved(query: Query, record: Record) -> bool:
    """Whether the plan says something else by now than the question shows."""
    return query.kind not in _KINDS and record.get(query.place) != query.ours


def asked_again(query: Query, rule: str, theirs: Value, reason: str) -> Settled:
    """An answer that settles nothing: the question is asked again, with why; one about no place stays as it is."""
    if query.kind in _KINDS:
        return _beside(query, f"{theirs or 'An answer that cannot be taken'}", reason)
    decision = _decision(query, Outcome.QUERY, theirs, query.ours, reason)
    return Settled(query, (decision.model_copy(update={"rule": rule}),), "")


def late(settled: Settled, record: Record, before: Settlement | None) -> Settled:
    """An answer to a question about which more is known by now: agreement where the plan says so, else asked anew.

    Args:
        before: how it was settled meanwhile; None = what it asks about has changed.
    """
    query = settled.query
    if query.kind in _KINDS:
        if before and before.taken == settled.taken:
            return Settled(query, (_decision(query, Outcome.AGREED, query.theirs, query.ours, ""),), "")
        return _beside(query, settled.taken, f"a late answer to {query.query}, which was settled meanwhile")
    decisions = tuple(
        d if d.outcome is Outcome.AGREED or d.after == record.get(d.place)
        else d.model_copy(update={"outcome": Outcome.QUERY, "rule": "M2", "becomes": None, "reason": ""})
        for d in settled.decisions
    )  # fmt: skip
    return Settled(settled.query, decisions, "")


def _beside(query: Query, words: str, why: str) -> Settled:
    """What was answered settles nothing and is no answer about a place: somebody is to see to it."""
    return Settled(query, (Decision(place="", outcome=Outcome.QUERY, rule="remark", theirs=words, reason=why),), "")


def _remark(query: Query, record: Record, take: str | None, value: str | None, reason: str) -> Settled:
    """Somebody has seen to what stood beside the answers."""
    done = value or "noted"
    return Settled(query, (_decision(query, Outcome.AGREED, query.theirs, None, done),), done)


def _twins(query: Query, record: Record, take: str | None, value: str | None, reason: str) -> Settled:
    """One row or two: where they are one, the row that was written in as new goes, and the older one stays.

    What the new one says besides, the older one says then; where they say different things, that is asked about.
    """
    if take is None:
        raise ValueError(f"{query.query} asks whether two rows are one; it takes: {' or '.join(query.choices)}")
    new, old = (path.rpartition(".")[0] for path in (query.place, query.box))
    if take == "one" and any(path.startswith(f"{old}.") for path in record):
        said = {path: value for path, value in record.items() if path.startswith(f"{new}.")}
        cleared = (
            Decision(place=path, outcome=Outcome.CLEARED, rule="settled", ours=value, reason=reason)
            for path, value in said.items()
        )
        kept = (_into(f"{old}{path.removeprefix(new)}", value, record, reason) for path, value in said.items())
        return Settled(query, (*cleared, *filter(None, kept)), take)
    return Settled(query, (_decision(query, Outcome.AGREED, query.theirs, query.ours, reason),), take)


def _into(path: str, value: Value, record: Record, reason: str) -> Decision | None:
    """What a row says of which another turned out to be the same: nothing new, where that has nearly the same words."""
    place, ours = place_of(path), record.get(path)
    if ours == value or (place and place.format in WORDS and merge.are_alike(value, ours)):
        return None
    if ours is None:
        return Decision(place=path, outcome=Outcome.ACCEPTED, rule="settled", theirs=value, reason=reason)
    return Decision(
        place=path, outcome=Outcome.QUERY, rule="M2", theirs=value, ours=ours, reason="two rows turned out to be one"
    )


def _closed(query: Query, record: Record, take: str | None, value: str | None, reason: str) -> Settled:
    """Opens a closed plan again, or leaves it closed."""
    if take is None:
        raise ValueError(f"{query.query} takes: {' or '.join(query.choices)}")
    opened = mending.reopen(record) if take == "re-open" else ()
    # Also what stays as it is becomes a revision, which says when that was settled.
    return Settled(query, opened or (_decision(query, Outcome.AGREED, query.ours, query.ours, reason),), take)


def _place(query: Query, record: Record, take: str | None, value: str | None, reason: str) -> Settled:
    """What the place says from now on; “plan” is what the question shows that the plan says."""
    place, ours = place_of(query.place), record.get(query.place)
    assert place is not None
    said = None if value and says_clear(place, value) else value
    chosen = {"form": query.theirs, "plan": query.ours}[take] if take else place.parse(said)
    counts = is_signature(query.place) and record.get(f"{query.place.rpartition('.')[0]}.bound")
    if counts and chosen not in (None, ours):
        raise ValueError("a signature that counts is not altered; the word CLEAR removes it")
    outcome = Outcome.AGREED if chosen == ours else Outcome.CLEARED if chosen is None else Outcome.ACCEPTED
    # A form's words are added to what was written; not where the question is whether to go back.
    adds = place.about.append and query.kind != "undone" and take and chosen and ours
    decision = _decision(query, outcome, chosen, ours, reason)
    becomes = merge.added(ours, chosen, seen=query.base) if adds else None
    return Settled(query, (decision.model_copy(update={"becomes": becomes}),), take or place.show(chosen) or "removed")


def _decision(query: Query, outcome: Outcome, theirs: Value, ours: Value, reason: str) -> Decision:
    return Decision(
        place=query.place, outcome=outcome, rule="settled", base=query.base, theirs=theirs, ours=ours, reason=reason
    )


_KINDS: Mapping[str, Callable[[Query, Record, str | None, str | None, str], Settled]] = {
    "remark": _remark, "twin row": _twins, "closed": _closed,
}  # fmt: skip
