"""What may be declared about a place in the plan, and how words on a form become its value and back.

A *place* is a dotted path into the plan's record: `learner.family_name`, or `targets[T1].text` in a table of
rows. The plan (`engine.plan`) declares each place once with an `About`; everything that merge, sign-off,
redaction and typesetting need to know about it is read from the `Place` made of that declaration.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from dateutil import parser as dates
from pydantic import TypeAdapter, ValidationError

Value = str | bool | int | None
"""A place's value as the record keeps it: text, a tick or yes/no, a whole number; dates as ISO text; None = nothing."""

Record = Mapping[str, Value]
"""A plan's values by place. Places that hold nothing are absent."""


class Change(StrEnum):
    """What a change of the place does to the two versions (domain.md C1)."""

    IDENTITY = "identity"
    LOCKED = "locked"
    FUNDING = "funding-material"
    NOTE_ON = "note-on"
    WORKING = "working-only"


class Kind(StrEnum):
    """How a place is answered on a form."""

    TEXT = "text"
    TICK = "tick"
    CHOICE = "choice"
    DATE = "date"


HINTS: Mapping[Kind, str] = {Kind.TEXT: "Write here", Kind.CHOICE: "Choose", Kind.DATE: "Pick a date"}
"""What stands in the empty boxes of our Word forms; as an answer, it is none."""

ROLES: Mapping[str, str] = {
    "L": "learner", "T": "tutor", "S": "support", "E": "employer", "P": "parent", "O": "partner",
    "M": "provider", "Q": "quality", "F": "funding-body", "A": "auditor",
}  # fmt: skip
"""The letters of domain.md C1, and the roles they stand for."""


OUTSIDERS = frozenset("EPOFA")
"""Letters of those outside the provider, in whose copies nothing special may turn up unasked (domain.md M22)."""


@dataclass(frozen=True)
class About:
    """The terms on which a place is kept; stands in the annotation of a plan's field.

    Attributes:
        change: the change class.
        audience: letters of `ROLES` that may see the place.
        by: letters of those who may assert it; others' answers are proposals.
        sensitivity: 0 open, 1 personal, 2 confidential, 3 special category.
        forward: the choices are steps in order, and going back a step is an act of its own (domain.md M9).
        level: choices that stand on one step, so that going between them is no step back.
        reopen: name of the place beside it that says why a step is taken back; "" = only a settlement may.
        scribe: name of the place beside it that says who wrote it down for the learner (M14).
        append: what is written stays; more may be added by another hand, and only its author corrects it (M11).
        past: a date that cannot lie after the day the form came (M21).
        after: dates that it cannot lie before: a place beside it or elsewhere, and the sentence for where it does.
        claimed: name of the place beside it; while that says Yes, the place is funding-material instead.
        person: letter of `ROLES` whose person's name the place holds: whom a question to that role waits for.
    """

    change: Change
    audience: str
    by: str
    sensitivity: int = 1
    forward: bool = False
    level: tuple[str, ...] = ()
    reopen: str = ""
    scribe: str = ""
    append: bool = False
    past: bool = False
    after: tuple[tuple[str, str], ...] = ()
    claimed: str = ""
    person: str = ""


@dataclass(frozen=True)
class Written:
    """How text is written, in an annotation: its format word and, where it has one, its check."""

    format: str
    check: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Rows:
    """Marks a table of the plan: the prefix of its row keys, and what one row is called.

    Attributes:
        computed: whether its rows are worked out for printing; nobody says them, and the record never keeps them.
        done: the column that tells when a row is finished, so that it leaves the plan when that rolls over.
        states: what that column says then; none = anything.
        carried: the column that counts how often a row was carried over unfinished.
        told_by: the column whose words tell one row from another; "" = all that is written in it.
        begun: the column that says when a row began, where no two of them begin on one day.
        named: whether the forms that ask say the rows' keys, so that a key the plan does not know yet is no new number.
    """

    prefix: str
    noun: str
    computed: bool = False
    done: str = ""
    states: tuple[str, ...] = ()
    carried: str = ""
    told_by: str = ""
    begun: str = ""
    named: bool = False


@dataclass(frozen=True)
class Aside:
    """Marks a group of the plan that only office forms ask for: what they say is done, and no record keeps it."""


@dataclass(frozen=True)
class Place:
    """One place of the plan, resolved from its declaration.

    Attributes:
        path: `learner.uln`, or `targets[KEY].text` for the column of a table.
        about: the terms on which it is kept, as declared.
        keys: the row keys, where the table's are fixed; empty where rows are added.
        format: `prose`, `name`, `date`, `number`, `code`, `tick`, `yes-no`, `choice`, `e-mail`, `phone`, ...
    """

    path: str
    kind: Kind
    format: str
    choices: tuple[str, ...]
    keys: tuple[str, ...]
    adapter: TypeAdapter[Any]
    about: About
    check: Callable[[str], str] | None = None

    @property
    def change(self) -> Change:
        """The change class, as declared."""
        return self.about.change

    @property
    def audience(self) -> frozenset[str]:
        """Letters of `ROLES` that may see the place."""
        return frozenset(self.about.audience)

    @property
    def by(self) -> frozenset[str]:
        """Letters of `ROLES` that may assert the place."""
        return frozenset(self.about.by)

    @property
    def repeats(self) -> bool:
        """Whether the place is a column of a table."""
        return "[KEY]" in self.path

    def step(self, value: Value) -> int:
        """Which step a value of a `forward` place stands on; those of one level stand on its first."""
        level = self.about.level
        return self.choices.index(level[0] if value in level else str(value))

    def parse(self, words: str | bool | None) -> Value:
        """The value that words on a form stand for; None where they say nothing.

        Raises:
            ValueError: with a sentence that says why the words cannot be an answer here.
        """
        if words is None or (words is False and self.kind is Kind.TICK):
            return None
        text = clean(words) if isinstance(words, str) else words
        if text == "" or (isinstance(text, str) and text.casefold() in _NO_ANSWER):
            return None
        return _PARSERS.get(self.format, _parse_text)(self, text)

    def show(self, value: Value) -> str:
        """The value in the words people read: dates as 31/01/2027, ticks and yes/no as Yes or No."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if self.kind is Kind.DATE:
            return dt.date.fromisoformat(str(value)).strftime("%d/%m/%Y")
        return str(value)


_NO_ANSWER = frozenset(hint.casefold() for hint in HINTS.values())


WORDS = frozenset({"prose", "text", "name"})
"""The formats of answers that are words."""

LONGEST = 20_000
"""How many characters an answer may have."""

_BREAK_HINTS = {ord("\N{SOFT HYPHEN}"): None, ord("\N{ZERO WIDTH SPACE}"): None}


def clean(words: str) -> str:
    """Text as the record keeps it: NFC, one kind of line end, no control characters, no outer blanks.

    Hints where a word may be broken go, too: nobody sees them, and no print of a form holds them.
    """
    text = words.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\t", " ").replace("\N{NO-BREAK SPACE}", " ").replace("\N{LINE SEPARATOR}", "\n")
    text = text.translate(_BREAK_HINTS)
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})
    # Composed last: a character taken out may have stood between a letter and its accent.
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _parse_text(place: Place, text: str | bool) -> Value:
    words = ("Yes" if text else "No") if isinstance(text, bool) else text
    if len(words) > LONGEST:
        raise ValueError(f"this answer is longer than {LONGEST:,} characters")
    return place.check(words) if place.check else words


def _parse_tick(place: Place, text: str | bool) -> Value:
    return True if text is True or str(text).casefold() in {"yes", "y", "x", "on", "true", "☒", "☑", "✓", "✔"} else None


def _parse_yes_no(place: Place, text: str | bool) -> Value:
    known = {True: True, "yes": True, "y": True, "true": True, False: False, "no": False, "n": False, "false": False}
    key = text if isinstance(text, bool) else text.casefold()
    if key not in known:
        raise ValueError(f"“{text}” is neither Yes nor No")
    return known[key]


def _parse_choice(place: Place, text: str | bool) -> Value:
    for choice in place.choices:
        if str(text).casefold() == choice.casefold():
            return choice
    raise ValueError(f"“{text}” is not one of the choices: {', '.join(place.choices)}")


def _parse_number(place: Place, text: str | bool) -> Value:
    digits = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.0+)?(?: ?(?:h|hrs?|hours?|years?))?", str(text).casefold())
    if not digits:
        raise ValueError(f"“{text}” is not a whole number")
    number = int(digits[1].replace(",", ""))
    try:
        place.adapter.validate_python(number)
    except ValidationError as error:
        raise ValueError(f"{number}: {error.errors()[0]['msg'].lower()}") from None
    return number


def _parse_date(place: Place, text: str | bool) -> Value:
    words = str(text)
    iso = re.match(r"(\d{4}-\d{2}-\d{2})(?:T[\d:.]+Z?)?$", words)
    try:
        if iso:
            day = dt.date.fromisoformat(iso[1])
        else:
            # Two defaults that share no part: a date whose day, month or year is missing comes out different.
            low, high = dt.datetime(1904, 1, 1), dt.datetime(1908, 2, 2)
            first, second = (dates.parse(words, dayfirst=True, ignoretz=True, default=d).date() for d in (low, high))
            # Where dateutil would rather have another order than ours (32/01/27, 01/13/2027), nothing is guessed.
            said = re.match(r"(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?\d", words)
            if first != second or (said and (int(said[1]), int(said[2])) != (first.day, first.month)):
                raise ValueError
            day = first
    except (ValueError, OverflowError, TypeError):
        raise ValueError(f"“{words}” is not a date in the calendar; dates are written day/month/year") from None
    if not dt.date(1900, 1, 1) <= day <= dt.date(2150, 12, 31):
        raise ValueError(f"“{words}” is too far away to be a date here")
    return day.isoformat()


_PARSERS: Mapping[str, Callable[[Place, str | bool], Value]] = {
    "tick": _parse_tick, "yes-no": _parse_yes_no, "choice": _parse_choice, "number": _parse_number, "date": _parse_date,
}  # fmt: skip


def resolve(path: str, annotation: Any, metadata: tuple[Any, ...], keys: tuple[str, ...]) -> Place:
    """The `Place` that a field's annotation declares.

    Raises:
        TypeError: when the field does not say the terms on which it is kept.
    """
    bare, marks = unwrap(annotation)
    marks = (*metadata, *marks)
    about = next((m for m in marks if isinstance(m, About)), None)
    if about is None:
        raise TypeError(f"{path} does not say who may see it and what a change of it does")
    written = next((m for m in marks if isinstance(m, Written)), None)
    choices = typing.get_args(bare) if typing.get_origin(bare) is Literal else ()
    if choices == (True,):
        kind, form, choices = Kind.TICK, "tick", ()
    elif choices:
        kind, form = Kind.CHOICE, "choice"
    elif bare is bool:
        kind, form, choices = Kind.CHOICE, "yes-no", ("Yes", "No")
    elif bare is dt.date:
        kind, form = Kind.DATE, "date"
    else:
        kind, form = Kind.TEXT, "number" if bare is int else written.format if written else "text"
    checked: TypeAdapter[Any] = TypeAdapter(annotation if not metadata else Annotated[(annotation, *metadata)])
    return Place(
        path, kind, form, tuple(choices), keys, checked, about, written.check if written else None,
    )  # fmt: skip


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type inside Optional and Annotated, with the marks met on the way."""
    marks: tuple[Any, ...] = ()
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation, *found = typing.get_args(annotation)
            marks = (*marks, *found)
        elif origin in (typing.Union, types.UnionType):
            annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
        else:
            return annotation, marks
