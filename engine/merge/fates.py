"""The fate of one answer: rules tried in order, each a sentence of domain.md C4, and the first with a say decides.

A rule looks at what the form says, what was printed in the box (base) and what the plan says now (ours), and gives a
ruling or passes the answer on. The order matters: who may speak comes before what is said, and a question about one
of them is one question.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.merge.contributions import added, below, corrected, stands
from engine.merge.returned import Returned, row_of
from engine.model import Answer, Decision, Outcome, State
from engine.places import OUTSIDERS, ROLES, Change, Place, Record, Value
from engine.plan import is_signature


@dataclass(frozen=True, slots=True)
class Said:
    """One answer with all that its fate depends on.

    Attributes:
        base, ours: what was printed in the box, and what the plan says now.
        plan: all that the plan says now.
        boxes: the form's answers that may say something new, by their places.
    """

    answer: Answer
    place: Place
    base: Value
    ours: Value
    form: Returned
    plan: Record
    boxes: Mapping[str, Answer]

    @property
    def theirs(self) -> Value:
        """What the form says; None where it wants the answer removed."""
        return self.answer.value

    @property
    def signs(self) -> bool:
        """Whether it is part of a signature, which has rules of its own."""
        return is_signature(self.answer.place)

    @property
    def scribed(self) -> bool:
        """Whether somebody who wrote it down for the learner gives their name."""
        return self.beside(self.place.about.scribe)

    def beside(self, column: str) -> bool:
        """Whether the place of that name beside this one is filled in, with something that was not printed there."""
        if not column:
            return False
        path = f"{row_of(self.answer.place)}.{column}"
        found = self.boxes.get(path) or next((a for a in self.form.answers if a.place == path), None)
        return found is not None and found.state is State.SAID and found.value != self.form.printed_record.get(path)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule decides.

    Attributes:
        becomes: what the plan then says, where that is more than the form's own words.
    """

    outcome: Outcome
    rule: str
    reason: str = ""
    becomes: Value = None


Rule = Callable[[Said], Ruling | None]


def fate(said: Said) -> Decision | None:
    """The decision on one answer; None where it says nothing, or nothing new."""
    found = next((ruling for rule in RULES[said.answer.state] if (ruling := rule(said))), None)
    if found is None:
        return None
    return Decision(
        place=said.answer.place, outcome=found.outcome, rule=found.rule, base=said.base, theirs=said.theirs,
        ours=said.ours, box=said.answer.box, reason=found.reason, becomes=found.becomes,
    )  # fmt: skip


def _ask(rule: str, reason: str = "") -> Ruling:
    return Ruling(Outcome.QUERY, rule, reason)


# ── What is nothing new ─────────────────────────────────────────────────────────────────────────────────────────


def takes_back(said: Said) -> Ruling | None:
    """M2: a sender who now says again what the plan had from this form, or had printed on it, asks for no change."""
    if said.form.said is None or said.theirs is None or said.theirs != said.base:
        return None
    return Ruling(Outcome.SUPERSEDED, "M2", "its sender took the change back, and the plan has moved on since")


# ── Who speaks ──────────────────────────────────────────────────────────────────────────────────────────────────


def agrees(said: Said) -> Ruling | None:
    """M2: what the plan says already is said twice, and that is agreement."""
    return Ruling(Outcome.AGREED, "M2") if said.theirs == said.ours else None


def speaks_for_the_learner(said: Said) -> Ruling | None:
    """M14: the learner's own boxes are filled by the learner, or by a scribe who gives their name."""
    if said.place.by != {"L"} or not said.form.by or "L" in said.form.by or said.scribed:
        return None
    return _ask("M14", f"only the learner speaks here, and this copy was the {_roles(said.form.by)}’s")


def proposes(said: Said) -> Ruling | None:
    """M15: what somebody says whose place it is not is a proposal to those whose it is.

    M10: where these have spoken since the form was printed, their word stands and the other is kept as dissent.
    """
    if not said.form.by or said.form.by & said.place.by or said.signs or said.scribed:
        return None
    owner = _roles(said.place.by)
    if said.ours is not None and said.base != said.ours:
        return Ruling(Outcome.SUPERSEDED, "M10", f"the plan, which the {owner} speaks for here, has moved on since")
    return _ask("M15", f"the {_roles(said.form.by)} proposes it; the {owner} decides")


def _roles(letters: frozenset[str], between: str = "or") -> str:
    words = [word for letter, word in ROLES.items() if letter in letters]
    return f" {between} the ".join(words)


# ── What may be said ────────────────────────────────────────────────────────────────────────────────────────────


def lies_ahead(said: Said) -> Ruling | None:
    """M21: a date of something that has happened is not after the day the form came."""
    if not said.place.about.past or said.theirs is None or said.signs:
        return None
    day = dt.date.fromisoformat(str(said.theirs))
    if day <= said.form.received:
        return None
    return _ask("M21", f"{day:%d/%m/%Y} is after {said.form.received:%d/%m/%Y}, the day the form came")


def is_special(said: Said) -> Ruling | None:
    """M22: words about health and the like, in a box that people outside may read, wait until somebody has agreed."""
    if said.place.about.sensitivity >= 3 or not said.place.audience & OUTSIDERS or not isinstance(said.theirs, str):
        return None
    known = f"{said.base or ''} {said.ours or ''}".casefold()
    found = [w for w in sorted(said.form.special) if _has(w, said.theirs.casefold()) and not _has(w, known)]
    if not found:
        return None
    readers = _roles(said.place.audience & OUTSIDERS, "and")
    return _ask("M22", f"“{found[0]}” may be too private for this box, which the {readers} can read")


def _has(word: str, text: str) -> bool:
    return word in text and re.search(rf"\b{re.escape(word)}\b", text) is not None


# ── Whose answer stands ─────────────────────────────────────────────────────────────────────────────────────────


def adds(said: Said) -> Ruling | None:
    """M11: what was written stays, and more is added below it; its own author, on the same form, corrects it alone.

    M10: where two people wrote in one box, their names stand there, as far as known.
    """
    if not said.place.about.append or said.ours is None or said.signs:
        return None
    place, form = said.answer.place, said.form
    printed, who = form.printed_record.get(place), form.signed_by
    theirs, own = below(printed, said.theirs), _own_words(said)
    after = (
        corrected(said.ours, own, theirs, who)
        if own
        else added(said.ours, theirs, form.past.hands.get(place, ""), who, printed)
    )
    alone = own and after == said.theirs
    return Ruling(Outcome.AGREED if after == said.ours else Outcome.ACCEPTED, "M11", becomes=None if alone else after)


def _own_words(said: Said) -> Value:
    """What this same form brought of the words that stand there, when it came before; None if nothing."""
    place, printed = said.answer.place, said.form.printed_record.get(said.answer.place)
    before = below(printed, (said.form.said or {}).get(place))
    # What another had said already was agreed to, and is not this form's.
    return before if before and said.base != printed and stands(before, said.ours) else None


def came_late(said: Said) -> Ruling | None:
    """M7: a form that speaks of an earlier day does not replace what another said of a later one.

    The day itself is no such thing: two reviews of different days are not one (M13).
    """
    if said.answer.place == said.form.dates:
        return None
    later = said.form.past.dated.get(said.answer.place)
    if said.base == said.ours or said.form.day is None or later is None or later <= said.form.day:
        return None
    return Ruling(
        Outcome.SUPERSEDED,
        "M7",
        f"the form speaks of {said.form.day:%d/%m/%Y}, and another of {later:%d/%m/%Y} came before it",
    )


def is_overtaken(said: Said) -> Ruling | None:
    """M9: an old print that moved a step on does not take back the further step that the plan has reached since."""
    if not said.place.about.forward or None in (said.theirs, said.ours) or said.base == said.ours:
        return None
    if said.beside(said.place.about.reopen):
        return None
    step = said.place.step
    before = step(said.base) if said.base is not None else 0
    if before <= step(said.theirs) < step(said.ours):
        return Ruling(Outcome.SUPERSEDED, "M9", f"the plan has reached “{said.ours}” since the form was printed")
    return None


def disagrees(said: Said) -> Ruling | None:
    """M2: both have changed since the form was printed, and not to the same; of a review's day, that is M13."""
    if said.base == said.ours:
        return None
    if said.answer.place == said.form.dates and said.theirs is not None:
        return _ask("M13", f"review number {said.form.own_row} was held on another day")
    return _ask("M2")


def is_locked(said: Said) -> Ruling | None:
    """M16: what is locked changes by correction alone: “entered in error”, decided by a person.

    A place is locked as the plan declares it; one that the funding body relies on, or that says who the learner is, by
    the rules of the learner's year.
    """
    why = _lock(said)
    if said.ours is None or not why:
        return None
    wanted = "wants it removed" if said.theirs is None else f"says “{said.place.show(said.theirs)}”"
    return _ask("M16", f"{why}, and the form {wanted}")


def _lock(said: Said) -> str:
    """Why a place is locked on the day that the form speaks of; "" if it is not."""
    if said.place.change is Change.LOCKED:
        return "it is locked"
    if said.place.change not in (Change.FUNDING, Change.IDENTITY) or said.form.rules is None:
        return ""
    lock = said.form.rules.lock_on(said.answer.place, said.plan, said.form.day or said.form.received)
    return lock.because if lock else ""


def steps_back(said: Said) -> Ruling | None:
    """M9: a status goes back only where the form says why it is re-opened."""
    if not said.place.about.forward or said.ours is None:
        return None
    if said.theirs is not None and said.place.step(said.theirs) >= said.place.step(said.ours):
        return None
    if said.beside(said.place.about.reopen):
        return Ruling(Outcome.CLEARED if said.theirs is None else Outcome.ACCEPTED, "M9", "re-opened, with a reason")
    back = f"take it back to “{said.place.show(said.theirs)}”" if said.theirs is not None else "remove it"
    return _ask("M9", f"the form would {back}, and does not say why")


def is_taken(said: Said) -> Ruling | None:
    """M2: the plan still says what was printed, so what the form says is taken."""
    return Ruling(Outcome.ACCEPTED, "M2")


# ── What is no answer ───────────────────────────────────────────────────────────────────────────────────────────


def says_nothing(said: Said) -> Ruling | None:
    """M3: a blank removes nothing; a box that was printed full and came back empty is asked about.

    A signature was not printed: another has signed another copy of the form, and that stays.
    """
    if said.base is None or said.ours is None or said.signs:
        return None
    was = "was printed" if said.answer.place in said.form.printed_record else "came back before"
    return _ask("M3", f"its box {was} with an answer and came back empty")


def takes_out(said: Said) -> Ruling | None:
    """M11: whoever wrote something among others' words may take out their own, and those alone."""
    own = _own_words(said) if said.place.about.append and not said.signs else None
    if own is None or said.answer.place in said.form.printed_record or own == said.ours:
        return None
    return Ruling(Outcome.ACCEPTED, "M11", becomes=corrected(said.ours, own, ""))


def stays_written(said: Said) -> Ruling | None:
    """M11: no form removes what somebody wrote where things are only ever added."""
    alone = said.answer.place not in said.form.printed_record and _own_words(said) == said.ours
    if not said.place.about.append or said.signs or alone:
        return None
    return _ask("M11", "the form wants it removed, and what is written here stays")


def is_gone(said: Said) -> Ruling | None:
    """M2: what was printed and is wanted away is so already, and that is agreement."""
    return Ruling(Outcome.AGREED, "M2") if said.base is not None and said.ours is None else None


def is_cleared(said: Said) -> Ruling | None:
    """M4: removing is an act, and takes only what its sender saw."""
    return Ruling(Outcome.CLEARED, "M4")


def does_not_apply(said: Said) -> Ruling | None:
    """M5: “not applicable” is an answer; where the plan has one, somebody says whether to remove it."""
    return None if said.ours is None else _ask("M5", "the form says that it does not apply")


def cannot_be_read(said: Said) -> Ruling | None:
    """M20, M21: what cannot be read, or cannot be, is asked about, unless it was printed so."""
    if said.base and said.answer.words == said.place.show(said.base):
        return None
    return _ask("M21", said.answer.why)


def _where_the_plan_says_something(rules: Sequence[Rule]) -> Sequence[Rule]:
    return tuple(lambda said, rule=rule: rule(said) if said.ours is not None else None for rule in rules)


RULES: Mapping[State, Sequence[Rule]] = {
    State.SAID: (
        agrees, takes_back, speaks_for_the_learner, proposes, lies_ahead, is_special, adds, came_late, is_overtaken,
        disagrees, is_locked, steps_back, is_taken,
    ),
    State.CLEAR: (is_gone, *_where_the_plan_says_something(
        (takes_out, stays_written, speaks_for_the_learner, proposes, came_late, is_locked, disagrees, steps_back,
         is_cleared)
    )),
    State.BLANK: (says_nothing,),
    State.NOT_APPLICABLE: (does_not_apply,),
    State.UNREADABLE: (cannot_be_read,),
}  # fmt: skip
"""The rules for each thing that a box may say, in the order they are asked."""
