"""What a form asks, of whom, and which place in the plan answers it: a proforma's definition as values.

The kind of each answer, its choices and its rules come from the plan's own declaration of the place (`engine.plan`),
so a question's line says only where, how it is put and who fills it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from engine.places import ROLES, Place
from engine.plan import PLACES, WHOLES, pattern, split
from engine.settings import SIZES, Size

ROLE_LETTER: Mapping[str, str] = {word: letter for letter, word in ROLES.items()}

Role = Literal["learner", "tutor", "support", "employer", "parent", "partner", "provider", "quality"]


class Line(BaseModel):
    """Base of everything in a proforma file: frozen, and a word it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Line):
    """One question.

    Attributes:
        ask: the place in the plan; in a table, the column's own name; `reviews[#].held` = the row this form is about.
        label: what people see beside the box; unique on the form.
        help: a sentence under the label.
        plain, plain_help: the same in plain words, for those who ask for them; "" = as they are.
        by: whose box it is.
        width: in a table, the share of the width this column gets.
        size: the smallest size of the form that asks it.
        was: labels that it bore before, or in other words, by which it is still found.
        other: the label in other languages, by their names: `cy: Enw cyntaf`.
        also: in a list of learners, other headings of its column.
        codes: in a list of learners, what codes of other systems stand for.
        fields: on somebody else's form, the names of the boxes that the answer stands in, in the order of its parts:
            day, month and year; the lines of an address.
        choices: on somebody else's form, the plan's word for each word that is chosen there; for several boxes of which
            one is ticked, the plan's word for each box.
        confirm: on somebody else's form, why a person must look first whether the place is the right one. While it
            stands, nothing is merged from these boxes, and nothing of the plan is written in them.
        printed: on somebody else's form, what the blank has in the box already, which is nobody's answer.
    """

    ask: str
    label: Annotated[str, Field(min_length=1, max_length=120)]
    help: str = ""
    plain: Annotated[str, Field(max_length=120)] = ""
    plain_help: str = ""
    by: tuple[Role, ...] = ()
    width: Annotated[float, Field(gt=0, le=10)] = 1
    size: Size = "short"
    was: tuple[str, ...] = ()
    other: Mapping[str, str] = {}
    also: tuple[str, ...] = ()
    codes: Mapping[str, str] = {}
    fields: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    choices: Mapping[str, str] = {}
    confirm: str = ""
    printed: str = ""

    def for_role(self, role: str) -> bool:
        """Whether it is for a role to answer; where nobody is named, it is everybody's."""
        return not role or not self.by or role in self.by

    def in_size(self, size: Size) -> bool:
        """Whether a form of a size asks it."""
        return SIZES.index(self.size) <= SIZES.index(size)


class Prompt(Line):
    """A question to think about beside a row of a table; it asks for no answer of its own, and judges nothing.

    Attributes:
        lens: the model of target-setting that asks it, or whatever else the prompts of one kind are called.
        say: the question.
        until: the column that answers it; once that says something, it is asked no more. "" = always.
    """

    lens: str
    say: str
    until: str = ""


class Section(Line):
    """A heading with questions under it, or with one table of the plan.

    Attributes:
        heading: its name too, for whoever asks for this section alone.
        plain, plain_help: heading and help in plain words; "" = as they are.
        table: name of a table of the plan; `questions` are then its columns.
        spare: how many empty rows a table with free rows is printed with.
        other: the heading in other languages, by their names.
        prompts: questions to think about, beside each row of the table.
        compare: two columns of numbers, then and now: how far apart they are is told beside each row.
        open: whether rows that are finished are left out.
        most: how many rows there is room for, those that are there among them; 0 = any number.
        cards: whether each row of the table is set out by itself, its questions one under the other.
    """

    heading: str
    help: str = ""
    plain: str = ""
    plain_help: str = ""
    table: str = ""
    spare: Annotated[int, Field(ge=0, le=20)] = 2
    open: bool = False
    most: Annotated[int, Field(ge=0, le=99)] = 0
    cards: bool = False
    prompts: tuple[Prompt, ...] = ()
    compare: tuple[()] | tuple[str, str] = ()
    other: Mapping[str, str] = {}
    questions: tuple[Question, ...] = ()


class Signer(Line):
    """A party that signs, and what they put their name to.

    Attributes:
        called: what the role is called here; "" = by its name.
    """

    role: Role
    statement: str
    called: str = ""


class Keep(Line):
    """Where a current copy of a form is kept for each plan.

    Attributes:
        folder: the audience folder of the outbox. Whoever is not of the form's audience has a copy of their own part,
            with no more on it than they may see.
        media: in which kinds of file.
        when: `always`, anew with every change; `ready`, anew when something on it has changed; or only while the form
            is `due`, or while questions are `asked` that it lists; or each section that the learner has `shared`, as
            long as that lasts.
    """

    folder: Literal["learner", "staff", "employer", "support", "parent", "partner", "funding-body", "quality"]
    media: tuple[Literal["word", "pdf"], ...]
    when: Literal["always", "ready", "due", "asked", "shared"]


def begins(title: str, words: str) -> bool:
    """Whether a title begins with some words: whole ones, so that a single letter names nothing."""
    told, wanted = (re.findall(r"\w+", text.casefold()) for text in (title, words))
    return bool(wanted) and told[: len(wanted)] == wanted


class Proforma(Line):
    """A blank form's definition.

    Attributes:
        proforma: its name, that of its folder.
        version: the issue printed on it; raised whenever questions change (plain words may be added without).
        earlier: the issues before it whose definitions are kept; files of their own, never written in this one.
        audience: roles who will hold copies; nothing may be asked that one of them may not see.
        about: the table of which one row is this form's subject (`reviews`), if any.
        until: the column of that table which, once filled, makes the next form be about the next row.
        mark: the words that tell the version of the plan it shows from the other one ("Working document").
        owned: whether the learner decides who else sees it: a section goes to others only by a grant of the learner's.
        edition: whether signing it makes a funding-body version.
        amends: whether it lists what has changed since the version in force; signing it counts as signing the new one.
        settles: whether it lists the open questions of a plan, each with its choices, and its answers settle them.
        serves: of a form of the office's own, what it is for: `file` puts a name to a file, `leave` lets something be
            done that it shows, `request` asks for something to be done, `import` names the columns of a list.
        clock: what makes it due, a clock of `engine.clocks`, or nothing.
        keep: where current copies are kept for each plan.
        blank: the file beside this one that is given out filled in, where the form is somebody else's.
    """

    proforma: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: str
    version: Annotated[int, Field(ge=1, le=99999)]
    purpose: str = ""
    plain_purpose: str = ""
    audience: tuple[Role | Literal["funding-body", "auditor"], ...]
    about: str = ""
    until: str = ""
    mark: str = ""
    owned: bool = False
    edition: bool = False
    amends: bool = False
    settles: bool = False
    serves: Literal["", "file", "leave", "request", "import"] = ""
    clock: Literal["", "assessment", "signing", "review", "support", "log", "naming"] = ""
    keep: tuple[Keep, ...] = ()
    sections: tuple[Section, ...]
    signed: tuple[Signer, ...] = ()
    blank: Annotated[str, Field(pattern=r"^([\w -]+\.(docx|docm|dotx|dotm|pdf))?$")] = ""
    earlier: tuple[Proforma, ...] = ()

    def as_of(self, version: int) -> Proforma:
        """The definition of an issue of the form; this one where that is not kept."""
        return next((form for form in self.earlier if form.version == version), self)

    def questions(self) -> tuple[tuple[Section, Question, Place], ...]:
        """Every question with its section and the place that it asks for, in the order of the form.

        One that asks for a whole (a full name) comes once for each place in it; one that waits to be confirmed is none.
        """
        return self._asked

    def __copy__(self) -> Self:
        """A copy for `model_copy` to change: what was worked out of the questions goes, because they may change."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    @cached_property
    def _asked(self) -> tuple[tuple[Section, Question, Place], ...]:
        return tuple(
            (section, question, PLACES[path])
            for section in self.sections
            for question in section.questions
            if not question.confirm
            for path in WHOLES.get(question.ask, (self.path(section, question),))
        )

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words that people know each place by, rows as KEY: the label of the first question that asks for it.

        What somebody else's form asks that has no place of its own is known by its row.
        """
        found: dict[str, str] = {}
        for _, question, place in self.questions():
            own = split(question.ask) if self.blank else None
            found.setdefault(question.ask if own else place.path, question.label)
        return found

    @staticmethod
    def path(section: Section, question: Question) -> str:
        """The place a question asks for, with KEY for the row."""
        if section.table:
            return f"{section.table}[KEY].{question.ask}"
        return pattern(question.ask)

    @property
    def medium(self) -> Literal["", "word", "pdf"]:
        """What kind of file somebody else's form is; "" for a form of ours, which is written as either."""
        return "" if not self.blank else "pdf" if self.blank.endswith(".pdf") else "word"

    @property
    def eyes(self) -> frozenset[str]:
        """The audience as letters of `ROLES`."""
        return frozenset(ROLE_LETTER[role] for role in self.audience)

    @property
    def signable(self) -> bool:
        """Whether it is given out to be signed for a funding-body version."""
        return self.edition or self.amends

    def section(self, name: str) -> Section | None:
        """The section whose heading is, or alone begins with, these words; None where that is not exactly one.

        "Targets" names "My targets now": whoever speaks of somebody else's plan leaves the "My" out.
        """
        whole = [s for s in self.sections if s.heading.casefold() == name.casefold().strip()]
        names = (name, f"my {name}") if name.strip() else ()
        found = whole or [s for s in self.sections if any(begins(s.heading, words) for words in names)]
        return found[0] if len(found) == 1 else None

    def asks(self, role: str) -> bool:
        """Whether some question is for a role to answer, or the role signs."""
        return any(s.role == role for s in self.signed) or any(
            question.for_role(role) and ROLE_LETTER[role] in place.audience for _, question, place in self.questions()
        )

    def has_part(self, role: str) -> bool:
        """Whether the form has a part that is a role's own: a question put to it by name, or a place to sign."""
        return any(s.role == role for s in self.signed) or any(
            role in question.by for _, question, _ in self.questions()
        )

    def places(self) -> frozenset[str]:
        """The paths (rows as KEY) that the form carries."""
        return frozenset(place.path for _, _, place in self.questions())
