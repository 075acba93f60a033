"""What a box of somebody else's form says of itself: the place that its words mean best, and whom they name.

A box has a label that people see, and a name that a program or its designer gave it; either may be all there is, and
they may disagree. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.places import Kind
from engine.plan import PLACES, WHOLES, is_signature, pattern
from engine.wording import Near, Wording, best_first, gist, near, people_in, words

LEARNER, NOBODY_OF_OURS = "learner", "somebody else"
YES_OR_NO = ("Yes", "No")
"""The answers of a pair of ticks."""

_OPAQUE = re.compile(
    r"(text|field|txt|untitled|undefined|box|check|checkbox|dropdown|combo|list|button|date|f|c|p|t|widget|fill|"
    r"textfield|textbox|content|control|row|col|cell|group|radio|input|form|unnamed|bookmark)?"
    r"(?:[\W_]*[a-z]?\d+|[\W_]+(?:text|box|field|check)?)*",
    re.IGNORECASE,
)
"""Names that programs give when nobody has given one: `Text3`, `f1_02`, `box 7`."""


_LONGEST_AFFIX = 4

_CONTAINER = re.compile(r"(?:#?\w*subform|form\w*|page\w*|#\w+|root|body)\d*$", re.IGNORECASE)
"""What a designer's program puts above the name of a box, part by part."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A box of a blank form, as its reader met it.

    Attributes:
        kind: as in `model.Field`.
        row: the words in the first cell of its row, where it stands in a headed table.
        choices: what may be chosen in it, as people see it.
        holds: what stands in it already.
        typed: whether it is no box of the program's, but room in a table or a line to type in.
        parts: how many other boxes stand in it.
    """

    name: str
    kind: str
    label: str = ""
    row: str = ""
    where: str = ""
    choices: tuple[str, ...] = ()
    holds: str = ""
    typed: bool = False
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Clue:
    """What is known of one box.

    Attributes:
        found: the place that its words mean best; None where there is none.
        people: whom its words name.
        affix: what its name has besides the words of the place, the same for the boxes about one person.
        number: the figure at the end of its name; "" if none.
        part: day, month or year, where it is one of three; Yes or No, where it is one of two.
        clear: whether its label, or its name where it has no label, is in the place's very words.
        torn: whether its label and its name mean different places.
        strange: whether its name may say that it is about somebody other than the learner.
    """

    box: Blank
    found: Near | None
    people: tuple[str, ...]
    affix: str
    number: str
    part: str
    clear: bool
    torn: bool
    strange: bool


def clue_of(box: Blank, wording: Wording, shared: bool) -> Clue:
    """What is known of a box; `shared` where another has the same label."""
    label = words(gist(box.label)) if box.label.casefold() != "undefined" else ()
    own = _own_name(box.name)
    name = () if _OPAQUE.fullmatch(own) or box.name.casefold() == box.label.casefold() else words(own)
    part = _part(box, label, name, wording)
    if part in YES_OR_NO:
        box = replace(box, kind="choice", choices=YES_OR_NO)
    label, name = (_without_part(said, part, wording) for said in (label, name))
    told = people_in(words(box.label), wording)[0]
    close = (one for one in near(label, wording) if len(one.strange) <= len(one.phrase)) if label else ()
    by_label = _best(close, box, one_of(told))
    by_name, affix, number = _named(box, name, wording)
    torn = bool(by_label and by_name and by_label.said.place != by_name.said.place)
    found = by_label or by_name
    if torn and by_label and by_name and by_label.said.place and (shared or (by_label.strange and not by_name.strange)):
        found = by_name
    named = people_in((*name, *words(affix)), wording)[0]
    clear = bool(found and (found is by_label or not label) and found.exact)
    called, unknown = people_in(words(affix), wording)
    strange = bool(set(called) - {LEARNER}) or any(w not in wording.fillers and not w.isdecimal() for w in unknown)
    return Clue(box, found, told or named, affix, number, part, clear, torn, strange)


def _own_name(name: str) -> str:
    """The name of a box without what a designer's program puts above it."""
    parts = re.sub(r"\[\d+\]", "", name).split(".")
    return " ".join(part for part in parts if not _CONTAINER.match(part)) or name


def _part(box: Blank, label: tuple[str, ...], name: tuple[str, ...], wording: Wording) -> str:
    """Which part of an answer a box is, by the last word of its label or its name; "" where it is all of it."""
    for part, called in wording.parts.items():
        if (part in YES_OR_NO) == (box.kind == "tick") and any(called & set(said[-1:]) for said in (label, name)):
            return part
    return ""


def _without_part(said: tuple[str, ...], part: str, wording: Wording) -> tuple[str, ...]:
    return said[:-1] if part and said and said[-1] in wording.parts[part] else said


def _best(found: Iterable[Near], box: Blank, who: str) -> Near | None:
    """The place that is meant best, of the person who is named rather than of another."""
    fitting = [one for one in found if fits(box, one.said.place)]
    return min(fitting, key=lambda n: (bool(who and n.said.of and n.said.of != who), *best_first(n)), default=None)


def fits(box: Blank, path: str) -> bool:
    """Whether a place can be answered in such a box."""
    if not path:
        return True
    if path in WHOLES:
        return box.kind in ("text", "choice")
    place = PLACES[kept(path)]
    if box.kind == "tick":
        return place.kind is Kind.TICK or place.format == "yes-no"
    if box.kind == "date":
        return place.kind is Kind.DATE
    if box.kind == "signature":
        return is_signature(path) and path.endswith(".name")
    return box.kind != "choices" and place.kind is not Kind.TICK


def kept(path: str) -> str:
    """The place's path in the plan's list, whatever stands for the row."""
    return pattern(path.replace("[#]", "[KEY]"))


def _named(box: Blank, name: tuple[str, ...], wording: Wording) -> tuple[Near | None, str, str]:
    """The place that a box's name means, what else stands in the name, and the figure at its end."""
    if not name:
        return None, "", ""
    short = _by_short_name(box, name, wording)
    told = [n for n in near(name, wording) if n.likeness == 100 and fits(box, n.said.place)]
    # The last word of a name is what it is about: donor-address-postcode.
    who = one_of(people_in(name, wording)[0])
    spelt = min(
        told,
        key=lambda n: (len(n.strange), -_ends(name, n), bool(n.said.of and n.said.of != who), -len(n.phrase)),
        default=None,
    )
    if spelt and (short is None or len(spelt.strange) <= len(short.strange)):
        its_own = {*spelt.phrase, *(f"{word}s" for word in spelt.phrase)}
        start = next((n for n, word in enumerate(name) if word in its_own), 0)
        front = tuple(word for word in name[:start] if word not in its_own)
        figures = [word for word in name[start:] if word.isdecimal()]
        return spelt, " ".join(front), figures[0] if figures else ""
    figures = [word for word in name if word.isdecimal()]
    affix = short.strange if short else tuple(word for word in name if not word.isdecimal())
    return short, " ".join(affix), figures[-1] if figures else ""


def _ends(name: tuple[str, ...], found: Near) -> int:
    """How far in a name the words of a place reach."""
    return max((n for n, word in enumerate(name) if word.removesuffix("s") in found.phrase or word in found.phrase))


def _by_short_name(box: Blank, name: tuple[str, ...], wording: Wording) -> Near | None:
    """A place by a short name that programs give: TPFNAME is a first name, and `tp` stands before it."""
    *front, whole = [word for word in name if not word.isdecimal()] or [""]
    met = (
        Near(said, (short,), tuple(filter(None, (*front, whole[: -len(short)]))), 100)
        for said in wording.places
        for short in said.names
        if whole.endswith(short) and len(whole) - len(short) <= (_LONGEST_AFFIX if len(short) > 3 else 1)
    )
    return min((one for one in met if fits(box, one.said.place)), key=lambda n: -len(n.phrase[0]), default=None)


def one_of(people: Sequence[str]) -> str:
    """The one person that is meant where several are named: the learner's employer is the employer."""
    others = [who for who in people if who != LEARNER]
    return (others[0] if len(others) == 1 else NOBODY_OF_OURS) if others else next(iter(people), "")
