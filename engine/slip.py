"""A query slip: what each open question of a plan asks, laid out as a choice, and what a filled slip answers. Pure.

Its rows are the computed table `asked`: the key of a row is the question's number, and nothing of it is kept in the
record. What stands in the two columns to choose from, somebody may take; anything else is written beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.answers import says_clear
from engine.model import Answer, Query, Settlement, State
from engine.places import OUTSIDERS, ROLES, Record, Value, clean
from engine.plan import PLACES, may_see, place_of, split

TABLE = "asked"

SIDES: Mapping[str, tuple[str, str, str, str]] = {
    "remark": ("", "", "noted", "Somebody has seen to it"),
    "twin row": ("two", "They are two", "one", "They are one; the older one stays"),
    "closed": ("re-open", "Open the plan again", "leave", "Leave it closed"),
}
"""By kind of question: what the first column takes and says, and the second; other kinds take form or plan."""

STAFF = frozenset("TSMQ")
"""Letters of those for whom the staff folder's slip is."""


def for_role(query: Query, role: str, eyes: frozenset[str]) -> bool:
    """Whether a question stands on the slip of a role: staff have all that one of them may decide (domain.md M15).

    Args:
        role: word of `ROLES`; "" = staff.
        eyes: letters of those who read the slip; a place that one of them may not see is not asked about (law 8).
    """
    place = place_of(query.place)
    if place is None:
        return not role and eyes <= STAFF
    letter = next((letter for letter, word in ROLES.items() if word == role), "-")
    # What only people outside speak of, staff decide where it may be too private for them.
    of_staff = place.by & STAFF or (query.kind == "private" and place.by <= OUTSIDERS)
    decides = not role if of_staff else letter in place.by
    return decides and may_read(query, eyes)


def may_read(query: Query, eyes: frozenset[str]) -> bool:
    """Whether all of an audience may read a question: one that asks if words are too private, nobody outside (M22)."""
    return may_see(query.place, eyes) and not (query.kind == "private" and eyes & OUTSIDERS)


def rows(queries: Iterable[Query]) -> Record:
    """The rows of the table `asked` for open questions."""
    found: dict[str, Value] = {}
    for query in queries:
        first, second = _shown(query)
        said = {"question": query.question, "first": first, "second": second}
        found |= {f"{TABLE}[{query.query}].{column}": clean(words) for column, words in said.items() if clean(words)}
    return found


def _sides(query: Query) -> tuple[str, str]:
    first, _, second, _ = SIDES.get(query.kind, ("form", "", "plan", ""))
    return (first if first in query.choices else "", second if second in query.choices else "")


def _shown(query: Query) -> tuple[str, str]:
    first, second = _sides(query)
    words = SIDES.get(query.kind)
    if words:
        return words[1] if first else "", words[3] if second else ""
    place = place_of(query.place)
    show = place.show if place else str
    theirs = "Remove it" if query.theirs is None else show(query.theirs)
    ours = "Leave it empty" if query.ours is None else show(query.ours)
    return (theirs if first else ""), (ours if second else "")


def in_words(query: Query, taken: str) -> str:
    """How a question was settled: what the slip shows in the column that was chosen, else what was said."""
    return dict(zip(_sides(query), _shown(query), strict=True)).get(taken) or taken


def settled_before(query: Query, settlement: Settlement) -> str:
    """The sentence for whoever answers a question that was settled already."""
    return f"{query.query} was settled on {settlement.settled:%d/%m/%Y}: {in_words(query, settlement.taken)}."


def answers(path: str) -> bool:
    """Whether a place is where somebody answers a question; the rest of a slip only tells."""
    row = split(path)
    return row is not None and row[0] == TABLE and row[2] in ("answer", "words")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a slip answers to one question: a column of its choices, or words of its own.

    Attributes:
        column: what was chosen, in words; "" = nothing, or what is written beside.
        value: the words beside; "" = none, None = none are asked for.
    """

    query: str
    column: str = ""
    value: str | None = None

    def take(self, query: Query) -> str | None:
        """The choice of the question that was taken; None where words of its own were written.

        Raises:
            ValueError: with a sentence, where the question has no such choice, or words stand beside it.
        """
        if not self.column or (self.value and query.kind == "remark"):
            return None  # What somebody did about a remark may stand beside the tick.
        if self.value:
            raise ValueError(f"“{self.column}” is chosen, and beside it stands “{self.value}”")
        first, second = _sides(query)
        taken = {FIRST: first, SECOND: second}.get(self.column)
        if not taken:
            raise ValueError(f"“{self.column}” is no answer to {query.query}")
        return taken


FIRST, SECOND, BESIDE = PLACES[f"{TABLE}[KEY].answer"].choices
"""The words of the choice: the first column holds, the second, or what is written beside."""


def chosen(said_on_it: Iterable[Answer]) -> tuple[Chosen, ...]:
    """What a filled slip answers, question by question; a question without an answer stays open."""
    said: dict[str, dict[str, str]] = {}
    for answer in said_on_it:
        row = split(answer.place)
        if row and answers(answer.place) and not _says_nothing(answer):
            said.setdefault(row[1], {})[row[2]] = str(answer.words if answer.value is None else answer.value)
    return tuple(
        Chosen(number, value=columns.get("words", ""))
        if columns.get("answer", BESIDE) == BESIDE
        else Chosen(number, columns["answer"], columns.get("words"))
        for number, columns in said.items()
    )


def _says_nothing(answer: Answer) -> bool:
    """Whether a box was left empty, or what stood in it struck out; the word CLEAR is an answer."""
    place = place_of(answer.place)
    struck = answer.state is State.CLEAR and not (place and says_clear(place, answer.words))
    return struck or answer.state is State.BLANK
