"""Questions put anew when a mistake was put right: in another plan, or of a plan that says something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import mending, merge
from engine.model import Decision, Outcome, Query, Revision
from engine.places import Record
from engine.plan import place_of
from engine.premises import Premises, label_of, labels


def said_now(query: Query, record: Record) -> bool:
    """Whether a plan says by itself what a question asks to take: then it is none."""
    return query.kind not in merge.APART | {"invalid"} and query.theirs == record.get(query.place)


def renewed(premises: Premises, query: Query, revision: Revision, place: str, record: Record) -> Query:
    """A question as it is after a revision, which put it anew; its words tell what the plan says then.

    Args:
        place: what it is about; another place than before where its plan was joined to another.
        record: the plan after the revision.
    """
    ours, words = record.get(place), query.question
    said = _raised(premises, query) if query.kind not in merge.APART else None
    if said and ours != query.ours:
        raised, decision = said
        label = label_of(labels(premises.proformas), place)
        now = decision.model_copy(update={"ours": ours, "place": place})
        if decision.rule in mending.KINDS:
            words = mending.question(now, raised.model_copy(update={"plan": revision.plan}), label)
        else:
            words = merge.asked_again(sides(premises, query), revision, ours, now, label).question
    return mending.asked_again(query, revision, place, ours, words)


def apart(premises: Premises, query: Query, revision: Revision, place: str, record: Record) -> Iterator[Query]:
    """The answers that stand in a question, each a question of its own in the plan that its plan was joined to.

    What the plan says already is asked no more.
    """
    for side in sides(premises, query):
        again = renewed(premises, side.model_copy(update={"sides": ()}), revision, place, record)
        if not said_now(again, record):
            yield again


def sides(premises: Premises, query: Query) -> Sequence[Query]:
    """The questions that were raised for the answers which stand in one."""
    return [found[0] for number in query.sides if (found := premises.ledger.query(number))] or [query]


def _raised(premises: Premises, query: Query) -> tuple[Revision, Decision] | None:
    """The revision that raised a question first, and what it had decided; its form tells, where it was put anew."""
    ledger = premises.ledger
    came = ledger.submission(query.submission) if query.submission else None
    for plan in dict.fromkeys(p for p in (query.plan, came.plan if came else None) if p):
        for revision in ledger.revisions(plan):
            ours = revision.submission == query.submission if came else revision.number == query.raised_in
            for decision in revision.decisions if ours else ():
                alike = place_of(decision.place) == place_of(query.place) and decision.theirs == query.theirs
                if alike and decision.outcome is Outcome.QUERY:
                    return revision, decision
    return None
