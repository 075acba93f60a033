"""The lines that a year's rules are made of: each a rule that can be read, with the clause that it stands in."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator


class Rule(BaseModel):
    """Base of everything in a rules file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Clause(Rule):
    """A paragraph of a published document.

    Attributes:
        paragraph: which one, as it is cited; "" = not recorded.
        about: what it is about, said where the paragraph is not recorded.
        document: the document; "" = the year's.
        version: its version; "" = that of the year's document.
        checked: whether somebody has read the paragraph in the published text.
    """

    paragraph: str = ""
    about: str = ""
    document: str = ""
    version: str = ""
    checked: bool = False


class Signers(Rule):
    """Who signs for one kind of programme; type "" = any other."""

    type: str
    who: tuple[str, ...]
    rule: str


class TakesPart(Rule):
    """When somebody outside has a folder with copies of their own; a role with several lines needs one that fits.

    Attributes:
        role: a word of `ROLES`; whoever has no line takes part always.
        type: the kind of programme; "" = any.
        place: what the plan says while it is so; "" = nothing is needed.
        under: the age below which it is so, today; 0 = any.
        granted: whether it is so while the learner grants it, form by form.
        signs: whether it is so for what is out for signature alone.
    """

    role: str
    type: str = ""
    place: str = ""
    under: int = 0
    granted: bool = False
    signs: bool = False


class Required(Rule):
    """Places that the funding-body version of one kind of programme must fill; type "" = all kinds."""

    type: str
    places: tuple[str, ...]
    rule: str


class Stale(Rule):
    """One row of the change matrix (domain.md C3): what a change of places does to the signed version.

    Attributes:
        begins: how the places begin that it is for; "" = any.
        ends: the column it is for; "" = any.
        was, says: what the place said when it was signed, and what it says now; nothing = anything.
        what: whether a whole row, or a place in none, was `added` or `removed`, or `changed`; "" = any of these.
        type: the kind of programme; "" = any.
        qualifying: whether it changed `inside` or `after` the qualifying period; "" = either.
        effect: a class that holds instead of the one that the place declares; "" = that one.
        same_month: that it does so only while old and new name the same months, where the provider counts months.
        because: a clause that says what has changed, or why it does not matter.
        rule: the clause; "" where none is needed.
        who: the roles that sign again; none = all who sign the version.
        by: the last day for it: the `next review`, the `return` from a break, or no day.
    """

    begins: str
    because: str
    rule: str = ""
    ends: str = ""
    was: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    what: Literal["", "added", "removed", "changed"] = ""
    type: str = ""
    qualifying: Literal["", "inside", "after"] = ""
    effect: Literal["", "note-on", "working-only", "locked"] = ""
    same_month: bool = False
    who: tuple[str, ...] = ()
    by: Literal["", "next review", "return"] = "next review"


class Lock(Rule):
    """Places that an ordinary form may not change any more, and what has to be done instead.

    Attributes:
        when: `after` the qualifying period, or `always`.
        open: what a place may say and be open still.
        route: `correction` = told as entered in error, with evidence; `change` = told as a change of circumstances.
    """

    begins: str
    type: str = ""
    open: tuple[str, ...] = ()
    when: Literal["always", "after"]
    route: Literal["correction", "change"]
    because: str
    rule: str


class Waivable(Rule):
    """A gate that may be waived, and the roles that may."""

    gate: str
    who: tuple[str, ...]


class Named(Rule):
    """Something that has to be named some months before a day in the plan.

    Attributes:
        place: where it is named.
        what: what it is, beginning a sentence.
        of: the place that holds the day.
    """

    place: str
    what: str
    type: str = ""
    months_before: int
    of: str
    rule: str


class Every(Rule):
    """How often something is due: so many days after the last time, or by the end of the month so many months on.

    Attributes:
        off_site: whether it is for learners who are taught away from the provider alone.
    """

    type: str = ""
    off_site: bool = False
    days: int = 0
    months: int = 0
    rule: str

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Every:
        if bool(self.days) == bool(self.months):
            raise ValueError("either days or months, and not both")
        return self


class Code(Rule):
    """The learner record's code for a word of the plan; `ended` = the last day on which it may be used."""

    code: str
    says: str
    ended: dt.date | None = None


class CodeList(Rule):
    """The codes for the words of one list, and the clause that they stand in."""

    rule: str
    of: tuple[Code, ...]
