"""What a file says, as read: its stamp, fields and what stands beside them, or why it is none; what answers mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple, Self

from engine.places import Value


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every form of ours carries, in several places: which record it shows and which form it is.

    Attributes:
        plan: the plan's number; None on a form issued blank.
        revision: the revision printed, the merge base; None on a blank.
        proforma, version: which form, in which issue.
        form: the number given to this one form.
    """

    proforma: str
    version: int
    form: str
    plan: str | None = None
    revision: int | None = None

    def line(self) -> str:
        """The stamp as one line of text; every carrier holds this same line."""
        about = f"plan {self.plan} revision {self.revision}" if self.plan else "blank"
        return f"Form {self.form} · {about} · {self.proforma} issue {self.version}"

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The first stamp that stands in a text, or None."""
        found = _STAMP.search(" ".join(text.split()))
        if not found:
            return None
        revision = int(found["revision"]) if found["revision"] else None
        return cls(found["proforma"], int(found["version"]), found["form"], found["plan"], revision)


_STAMP = re.compile(
    r"Form (?P<form>F-[0-9A-Z]{4,16}) · (?:plan (?P<plan>P-[0-9A-Z]{4,16}) revision (?P<revision>\d{1,7})|blank)"
    r" · (?P<proforma>[a-z][a-z0-9-]{0,39}) issue (?P<version>\d{1,5})"
)


class Media(StrEnum):
    """The kinds of file that are read, as media types."""

    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PDF = "application/pdf"


FieldKind = Literal["text", "tick", "choice", "choices", "date", "signature", "button"]


class Field(NamedTuple):
    """One field of a form, as read. A tuple, because a form may have very many.

    Attributes:
        name: the field's own name in the file, unique there: content-control tag, else alias, else label; PDF: the
            fully qualified name.
        value: what a person sees: text, True/False for a tick, the shown choice, ISO date; a tuple for several
            choices; None = unanswered.
        raw: as stored in the file: export code, on-state without its slash; None = nothing stored.
        label: the words beside it that a person sees.
        row: for a cell of a table with a header row, the words in the row's first cell (the row's key on our forms).
        route: which rung found it: `tag`, `alias`, `field name`, `tooltip`, `legacy field`, `label`.
        where: where it stood, for people: "table 2, row 3" or "page 1".
        problems: what is doubtful about it, each a plain sentence.
    """

    name: str
    kind: FieldKind
    value: str | bool | tuple[str, ...] | None
    raw: str | bool | tuple[str, ...] | None
    label: str = ""
    route: str = ""
    where: str = ""
    row: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that stands beside the answers: a typed paragraph, a comment, a note, a drawing.

    Attributes:
        picture: of a drawing, cut out of its page, as PNG; None where it could not be drawn.
    """

    kind: Literal["text", "comment", "note", "drawing"]
    text: str
    where: str = ""
    by: str = ""
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not taken, and what the person who sent it can do.

    Attributes:
        evidence: of a whole file that is merely no form, which kind of evidence it may be, a choice of the plan's; it
            is kept, and somebody is asked whose it is. "" = the file is refused.
    """

    reason: str
    advice: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came attached to a message."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail.

    Attributes:
        sender: the sender's address; "" = it names none.
        name: what the sender is called there, else the address.
        sent: when it was sent, as it says itself.
        files: the files attached, in order; pictures that only stand in its text are no files.
    """

    sender: str
    name: str
    sent: dt.datetime | None
    files: tuple[Enclosed, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet of a spreadsheet: its rows, each with its number and its cells' text by column (A = 1)."""

    name: str
    rows: tuple[tuple[int, Mapping[int, str]], ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a submission says.

    Attributes:
        sha256: of the bytes read.
        media_type: what the bytes are, whatever the file is called.
        stamps: the distinct stamps its carriers hold; more than one = the carriers disagree.
        author: who last saved the file, where it says so.
        seals: one line for each digital signature that the file carries.
        message: of an e-mail, who sent it and what came with it.
        tabs: of a spreadsheet, its sheets.
    """

    sha256: str
    media_type: str
    stamps: tuple[Stamp, ...] = ()
    fields: tuple[Field, ...] = ()
    remarks: tuple[Remark, ...] = ()
    seals: tuple[str, ...] = ()
    author: str = ""
    refused: Refusal | None = None
    message: Message | None = None
    tabs: tuple[Tab, ...] = ()

    @property
    def stamp(self) -> Stamp | None:
        """The stamp, when exactly one was found."""
        return self.stamps[0] if len(self.stamps) == 1 else None


class State(StrEnum):
    """What a box on a form says about its place."""

    SAID = "said"
    CLEAR = "clear"
    BLANK = "blank"
    NOT_APPLICABLE = "not applicable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing said on a form about one place in the plan.

    Attributes:
        place: `targets[T1].text`; a row new to the plan has the key its box was printed with, `targets[new 1].text`.
        value: the parsed value, None unless `state` is SAID.
        words: what stood in the box, as a person saw it.
        why: for UNREADABLE, the sentence that says what is wrong with it.
        box: the box's own name, where it differs from the place (a row that was new).
    """

    place: str
    state: State
    value: Value = None
    words: str = ""
    label: str = ""
    why: str = ""
    route: str = ""
    where: str = ""
    box: str = ""
