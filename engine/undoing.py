"""What a plan says when a revision of it was entered in error: as if it had never come. Pure.

What others said of the same places is merged again without it (domain.md M2): what they say, too, stays; what had
given way to it returns; and where the history alone cannot tell what holds, a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine import merge
from engine.mending import decided, keyed, sound
from engine.merge.contributions import added, below, corrected, stands
from engine.model import Decision, Outcome, Query, Revision, Settlement, taken_back
from engine.places import Change, Record, Value
from engine.plan import change_of, is_signature, place_of, split

GAVE_WAY = frozenset({"M7", "M9", "M10"})
"""The rules by which one form's answer gives way to another's."""


def take_back(history: Sequence[Revision], wrong: Revision) -> tuple[Decision, ...]:
    """What becomes of the places that a revision changed, and of what others said of them.

    Where the plan still says what the revision made it say, it says what it would without; where it has changed
    since, the later value stays and a question asks. When nothing came after, the plan is exactly what it was.

    Args:
        history: the plan's revisions, the first first.
        wrong: the one among them that is taken back; it may itself have taken back another.
    """
    left = _in_force((*history, wrong.model_copy(update={"number": len(history) + 1, "undoes": wrong.number})))
    before, now = _record(history[: wrong.number - 1]), _record(history)
    after = merge.apply(before, wrong.decisions)
    was, would = remerged(_in_force(history)), remerged(left)
    earlier = remerged([r for r in left if r.number < wrong.number])
    since = [r for r in left if r.number > wrong.number]
    changed = _differ(before, after)
    found: list[Decision] = []
    for place in sorted(changed | _differ(was, would) | _stood_for(history, wrong)):
        says, back = now.get(place), earlier.get(place)
        if _adds(place):
            found += _words(place, (before.get(place), after.get(place), says), history, wrong, left)
        elif would.get(place) != says:
            untouched = was.get(place) == says
            found.append(decided(place, "undo", untouched, after.get(place), would.get(place), says))
            found += _given_way(place, since, would.get(place), says) if untouched else ()
        elif says == after.get(place) and before.get(place) != says:
            found += _said_since(place, since, back, says)
        elif back != says and place in changed:
            found.append(decided(place, "undo", False, after.get(place), back, says))
    return tuple(sound(_whole_rows(found, before, now), now, before))


def _differ(one: Record, other: Record) -> set[str]:
    return {place for place in {*one, *other} if one.get(place) != other.get(place)}


def _stood_for(history: Sequence[Revision], wrong: Revision) -> set[str]:
    """The places which a revision alone may hold up: it said the same there as another that was taken back since."""
    stayed = {d.place for r in history[wrong.number :] if r.undoes for d in r.decisions if d.outcome is Outcome.AGREED}
    return stayed & {d.place for d in wrong.decisions if d.outcome is Outcome.AGREED}


def stood_on(answered: Iterable[tuple[Query, Settlement | None]], wrong: Revision, now: Record) -> Iterator[Decision]:
    """What was settled by taking a form's value, when that form's revision is taken back: each a question again.

    A question may have been asked anew since by another revision; its form tells whose it is.
    """
    taken = {
        query.place: query
        for query, settled in answered
        if query.submission == wrong.submission
        and (query.submission or query.raised_in == wrong.number)
        and query.place
        and settled
        and settled.taken == "form"
    }
    for place, query in taken.items():
        if now.get(place) == query.theirs != query.ours:
            yield decided(place, "undo", False, query.theirs, query.ours, now.get(place))


# ── The history, without what was entered in error ──────────────────────────────────────────────────────────────


def _record(history: Iterable[Revision]) -> Record:
    record: Record = {}
    for revision in history:
        record = merge.apply(record, revision.decisions)
    return record


def _in_force(history: Sequence[Revision]) -> list[Revision]:
    """The revisions that still count: neither taken back nor taking one back."""
    gone = taken_back(history)
    return [r for r in history if r.undoes is None and r.number not in gone]


def remerged(revisions: Sequence[Revision]) -> Record:
    """What a plan says after revisions of which some others were taken out.

    An answer that was held against what another had said since its print, or gave way to it, is taken where nothing
    stands against it now (domain.md M2). Boxes where things are only added are left out: their words are told apart.
    """
    last = {(r.form, d.place): r.number for r in revisions for d in r.decisions}
    record: dict[str, Value] = {}
    for revision in revisions:
        for decision in revision.decisions:
            place = decision.place
            if not place or _adds(place):
                continue
            # What its sender said otherwise on the same form later is said no more.
            newest = revision.form is None or last[revision.form, place] == revision.number
            takes = decision.applies or (newest and _stands_alone(decision, revision, record))
            value = decision.after if takes else decision.ours
            if not takes and not _agrees(decision):
                continue
            if value is None:
                record.pop(place, None)
            else:
                record[place] = value
    return record


def _agrees(decision: Decision) -> bool:
    return decision.outcome is Outcome.AGREED and decision.rule != "M12" and decision.theirs == decision.ours


def _stands_alone(decision: Decision, revision: Revision, record: Record) -> bool:
    """Whether an answer that was not taken would be: the plan says what was printed, and no other rule asks."""
    place, now = place_of(decision.place), record.get(decision.place)
    held = decision.outcome is Outcome.QUERY and decision.rule in ("M2", "M13")
    gave_way = decision.outcome is Outcome.SUPERSEDED and decision.rule in ("M7", "M9")
    if place is None or revision.cause != "form" or not (held or gave_way) or decision.base != now:
        return False
    # What may be locked (M16), or would step back (M9), is for a person.
    locks = change_of(decision.place, record) in (Change.LOCKED, Change.FUNDING, Change.IDENTITY)
    steps_back = place.about.forward and now is not None and (
        decision.theirs is None or place.step(decision.theirs) < place.step(now)
    )  # fmt: skip
    return not (locks and now is not None) and not steps_back


# ── What others said of a place ─────────────────────────────────────────────────────────────────────────────────


def _of(place: str, revisions: Iterable[Revision]) -> list[Decision]:
    return [d for r in revisions for d in r.decisions if d.place == place]


def _said_since(place: str, since: Iterable[Revision], back: Value, says: Value) -> Iterator[Decision]:
    """A value that others said, too: one from a form stands; where a person was asked and kept it, they are again."""
    said = [d for d in _of(place, since) if d.after == says and (d.applies or _agrees(d))]
    if any(d.applies or d.rule != "settled" for d in said):
        yield _said_too(place, back, says)
    elif said and back != says:
        asked = decided(place, "undo", False, says, back, says)
        yield asked.model_copy(update={"reason": said[-1].reason})


def _said_too(place: str, back: Value, says: Value) -> Decision:
    return Decision(
        place=place, outcome=Outcome.AGREED, rule="undo", base=back, theirs=says, ours=says,
        reason="another said it, too",
    )  # fmt: skip


def _given_way(place: str, since: Iterable[Revision], back: Value, says: Value) -> Iterator[Decision]:
    """What had given way to a value that goes, and is not taken in its place: the last is asked about."""
    said = [d.theirs for d in _of(place, since) if d.outcome is Outcome.SUPERSEDED and d.rule in GAVE_WAY]
    left = [value for value in said if value not in (back, says)]
    if left:
        yield decided(place, "gave way", False, back, left[-1], back)


# ── Boxes in which things are only added ────────────────────────────────────────────────────────────────────────


def _adds(path: str) -> bool:
    place = place_of(path)
    return place is not None and place.about.append and not is_signature(path)


def _words(
    place: str, said: tuple[Value, Value, Value], history: Sequence[Revision], wrong: Revision, left: Sequence[Revision]
) -> Iterator[Decision]:
    """One writer's words go from among others' (domain.md M11), or return; where they are not told apart, it is asked.

    Args:
        said: what stood there before the revision that is taken back, after it, and now.
        left: the revisions that still count without it.
    """
    (was, made, says), (own, out) = said, _own_words(place, history, wrong)
    if out and own is not None and any(own == _own(d) for d in _of(place, left)):
        if was != made:
            yield _said_too(place, was, says)
    elif was != made == says and (was is None or _all_count(place, history[: wrong.number - 1], left)):
        yield decided(place, "undo", True, made, was, says)
    elif was != made and was == says:
        return
    elif own and not out:
        yield decided(place, "undo", True, made, added(says, own) if says else own, says)
    elif own and says and stands(own, says) and (was is None or stands(was, made)):
        yield decided(place, "undo", True, made, corrected(says, own, "") or None, says)
    else:
        yield decided(place, "undo", False, made, was, says)


def _own_words(place: str, history: Sequence[Revision], wrong: Revision) -> tuple[Value, bool]:
    """The words that a revision brought to a box, and whether they go: what takes back a taking back returns them."""
    out = True
    while wrong.undoes is not None:
        wrong, out = history[wrong.undoes - 1], not out
    return next((own for d in _of(place, [wrong]) if (own := _own(d))), None), out


def _own(decision: Decision) -> Value:
    """The words of its sender alone that a decision took, or that stood there already; None if there are none."""
    taken = decision.applies or decision.outcome is Outcome.AGREED
    return (below(decision.base, decision.theirs) if taken else None) or None


def _all_count(place: str, history: Sequence[Revision], left: Sequence[Revision]) -> bool:
    """Whether all that still counted of what was written in a place, at the end of a part of the history, does now."""
    return all(r in left for r in _in_force(history) if _of(place, [r]))


# ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _whole_rows(decisions: Sequence[Decision], before: Record, now: Record) -> list[Decision]:
    """The decisions, without those that would leave of a new row only what others have since said in it.

    They know it as the row that it is: whether it goes is asked.
    """
    kept = merge.apply(now, decisions)
    standing = _rows(kept) - _rows(before)
    return [
        d.model_copy(update={"outcome": Outcome.QUERY})
        if d.outcome is Outcome.CLEARED and _row(d.place) in standing
        else d
        for d in decisions
    ]


def _rows(record: Record) -> set[str]:
    return {row for path in record if (row := _row(path))}


def _row(path: str) -> str:
    """The row that a place stands in, where its key was given out; else ""."""
    row = split(path)
    return f"{row[0]}[{row[1]}]" if row and keyed(path) else ""
