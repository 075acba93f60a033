"""The questions of a plan, one for each place: raised, asked anew for the answers that are left, let fall, ended.

Also what the answers on a query slip make of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine import merge, settling, slip
from engine.model import Answer, Issue, Outcome, Query, Revision, Settlement
from engine.places import Record
from engine.plan import place_of
from engine.premises import Premises, label_of, labels
from engine.renewing import sides
from engine.settings import now
from engine.settling import Settled

AGAIN = "asked again in "
"""How the settlement of a question begins that was put anew, before the number of that question."""


def ask_all(premises: Premises, revision: Revision, issue: Issue | None) -> None:
    """Raises a form's questions, and ends those that it answers: each place with an answer in doubt has just one."""
    ledger = premises.ledger
    still_open = ledger.open_queries(revision.plan)
    for query in (q for q in still_open if merge.no_twins(q, revision)):
        close(premises, query, revision, "one of the two rows is no more, or says something else now")
    open_now = {q.place: q for q in still_open if q.kind not in merge.APART}
    standing = _still_asked(premises, revision, issue, open_now)
    if not any(d.outcome is Outcome.QUERY for d in revision.decisions):
        return
    words = labels(premises.proformas)
    asked = {d.place: label_of(words, d.place) for d in revision.decisions}
    for query in merge.queries(revision.decisions, revision, asked, standing):
        if query.place in standing and query.kind not in merge.APART:
            close(premises, open_now[query.place], revision, f"{AGAIN}{query.query}")
        ledger.raise_query(query)


def _still_asked(
    premises: Premises, revision: Revision, issue: Issue | None, open_now: Mapping[str, Query]
) -> Mapping[str, Sequence[Query]]:
    """Ends what a form's decisions answer of the open questions; gives what a new question on a place stands for, too.

    A question that stood for several answers is asked anew for those that are left.
    """
    known = premises.ledger.returns(issue.form) if issue and issue.plan and open_now else ()
    earlier = {r.number for r in known if r.plan == revision.plan and r.number < revision.number}
    standing: dict[str, Sequence[Query]] = {}
    for decision in (d for d in revision.decisions if d.place in open_now and d.rule != "M12"):
        query = open_now[decision.place]
        fell = {s.query: merge.fallen(s, decision, earlier) for s in sides(premises, query)}
        if decision.outcome is Outcome.QUERY:
            standing[decision.place] = [s for s in sides(premises, query) if not fell[s.query]]
        else:
            let_fall(premises, query, fell, revision)
    return standing


def ask(premises: Premises, query: Query, revision: Revision) -> Query:
    """Raises a question; what was asked already about its place goes into it, so that each place has just one."""
    ledger = premises.ledger
    before = [q for q in ledger.open_queries(revision.plan) if q.place == query.place and q.kind not in merge.APART]
    if before and query.kind not in merge.APART:
        query = merge.together(query, [side for q in before for side in sides(premises, q)])
        for other in before:
            close(premises, other, revision, f"{AGAIN}{query.query}")
    ledger.raise_query(query)
    return query


def let_fall(premises: Premises, query: Query, fell: Mapping[str, str], revision: Revision) -> None:
    """Ends a question, or asks it anew: for the answers that are left, or because the plan says something else now.

    Args:
        fell: why each of its sides is asked about no more, by number; "" or absent where it still is.
    """
    stood = sides(premises, query)
    left = [side for side in stood if not fell.get(side.query)]
    if not left:
        close(premises, query, revision, fell[stood[-1].query])
    elif len(left) < len(stood) or settling.moved(query, premises.ledger.record(revision.plan)):
        _renew(premises, query, left, revision)


def _renew(premises: Premises, query: Query, left: Sequence[Query], revision: Revision) -> None:
    """Asks a question anew for the answers that are left of those it stood for."""
    ledger, latest = premises.ledger, left[-1]
    raised = (r for r in ledger.revisions(revision.plan) if r.number == latest.raised_in and latest.plan == r.plan)
    said = next((d for r in raised for d in r.decisions if d.place == latest.place and d.rule in merge.KINDS), None)
    label = label_of(labels(premises.proformas), latest.place)
    again = merge.asked_again(left, revision, ledger.record(revision.plan).get(latest.place), said, label)
    close(premises, query, revision, f"{AGAIN}{again.query}")
    ledger.raise_query(again)


def close(premises: Premises, query: Query, revision: Revision, taken: str) -> None:
    """Ends a question by what a revision made of it; inside `ledger.writing()`."""
    premises.ledger.settle(
        Settlement(query=query.query, revision=revision.number, taken=taken, by=revision.by, settled=revision.recorded)
    )


def answered(premises: Premises, query: Query, taken: str, by: str, revision: int | None = None) -> None:
    """Ends a question by what a person answered.

    Args:
        revision: the number of the one that the answer made; None = it made none.
    """
    with premises.ledger.writing():
        premises.ledger.settle(Settlement(query=query.query, revision=revision, taken=taken, by=by, settled=now()))


def _as_asked_in(premises: Premises, plan: str, number: str) -> tuple[Query, Settlement | None] | None:
    """A question of a plan, or of one that was joined to it since, as it is asked there; None for any other.

    What may be taken is what the slip had shown.
    """
    found = premises.ledger.query(number)
    shown = {"theirs": found[0].theirs, "ours": found[0].ours} if found else {}
    while found and found[0].plan != plan:
        taken = found[1].taken if found[1] else ""
        found = premises.ledger.query(taken.removeprefix(AGAIN)) if taken.startswith(AGAIN) else None
        found = (found[0].model_copy(update=shown), found[1]) if found else None
    return found


def settled_by_slip(
    premises: Premises, answers: Iterable[Answer], plan: str, record: Record, hand: frozenset[str], by: str
) -> Iterator[Settled]:
    """What the answers on a query slip settle.

    What somebody decides whose place it is not is a proposal (domain.md M15), and what cannot be taken is asked again.

    Args:
        record: the plan now.
        hand: letters of those whose slip it was; none = anybody's.
    """
    for chosen in slip.chosen(answers):
        known = _as_asked_in(premises, plan, chosen.query)
        if known is None:
            continue
        query, place = known[0], place_of(known[0].place)
        try:
            settled = settling.settled(query, record, chosen.take(query), chosen.value, by)
        except ValueError as error:
            settled = settling.asked_again(query, "M21", None, str(error))
        if known[1] is not None or (chosen.column and settling.moved(query, record)):
            settled = settling.late(settled, record, known[1])
        elif hand and place and not hand & place.by:
            value = settled.decisions[-1].theirs
            settled = settling.asked_again(query, "M15", value, "it was decided by somebody else’s hand")
        yield settled
