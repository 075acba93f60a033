"""A proforma's definition, loaded and checked: what a form asks, of whom, and which place in the plan answers it.

A proforma is a folder with a `proforma.yaml`, written for administrators. The kind of each answer, its choices and
its rules come from the plan's own declaration of the place (`engine.plan`), so a question's line says only where,
how it is put and who fills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import Mistake
from engine.places import ROLES, Place
from engine.plan import PLACES, TABLES

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
    """

    ask: str
    label: Annotated[str, Field(min_length=1, max_length=120)]
    help: str = ""
    plain: Annotated[str, Field(max_length=120)] = ""
    plain_help: str = ""
    by: tuple[Role, ...] = ()
    width: Annotated[float, Field(gt=0, le=10)] = 1

    def for_role(self, role: str) -> bool:
        """Whether it is for a role to answer; where nobody is named, it is everybody's."""
        return not role or not self.by or role in self.by


class Section(Line):
    """A heading with questions under it, or with one table of the plan.

    Attributes:
        heading: its name too, for whoever asks for this section alone.
        plain, plain_help: heading and help in plain words; "" = as they are.
        table: name of a table of the plan; `questions` are then its columns.
        spare: how many empty rows a table with free rows is printed with.
    """

    heading: str
    help: str = ""
    plain: str = ""
    plain_help: str = ""
    table: str = ""
    spare: Annotated[int, Field(ge=0, le=20)] = 2
    questions: tuple[Question, ...] = ()


class Signer(Line):
    """A party that signs, and what they put their name to."""

    role: Role
    statement: str


class Keep(Line):
    """Where a current copy of a form is kept for each plan.

    Attributes:
        folder: the audience folder of the outbox.
        media: in which kinds of file.
        when: `always`, or only while the form is `due`, or while questions are `asked` that it lists.
    """

    folder: Literal["learner", "staff", "employer", "support", "funding-body", "quality"]
    media: tuple[Literal["word", "pdf"], ...]
    when: Literal["always", "due", "asked"]


class Proforma(Line):
    """A blank form's definition.

    Attributes:
        proforma: its name, that of its folder.
        version: the issue printed on it; raised whenever questions change (plain words may be added without).
        audience: roles who will hold copies; nothing may be asked that one of them may not see.
        about: the table of which one row is this form's subject (`reviews`), if any.
        until: the column of that table which, once filled, makes the next form be about the next row.
        mark: the words that tell the version of the plan it shows from the other one ("Working document").
        edition: whether signing it makes a funding-body version.
        amends: whether it lists what has changed since the version in force; signing it counts as signing the new one.
        settles: whether it lists the open questions of a plan, each with its choices, and its answers settle them.
        clock: what makes it due, a clock of `engine.clocks`, or nothing.
        keep: where current copies are kept for each plan.
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
    edition: bool = False
    amends: bool = False
    settles: bool = False
    clock: Literal["", "assessment", "signing", "review", "support", "log", "naming"] = ""
    keep: tuple[Keep, ...] = ()
    sections: tuple[Section, ...]
    signed: tuple[Signer, ...] = ()

    def questions(self) -> Iterator[tuple[Section, Question, Place]]:
        """Every question with its section and the place that it asks for, in the order of the form."""
        for section in self.sections:
            for question in section.questions:
                yield section, question, PLACES[self.path(section, question)]

    @staticmethod
    def path(section: Section, question: Question) -> str:
        """The place a question asks for, with KEY for the row."""
        if section.table:
            return f"{section.table}[KEY].{question.ask}"
        return question.ask.replace("[#]", "[KEY]")

    @property
    def eyes(self) -> frozenset[str]:
        """The audience as letters of `ROLES`."""
        return frozenset(ROLE_LETTER[role] for role in self.audience)

    @property
    def signable(self) -> bool:
        """Whether it is given out to be signed for a funding-body version."""
        return self.edition or self.amends

    def section(self, name: str) -> Section | None:
        """The section whose heading is, or alone begins with, these words; None where that is not exactly one."""
        wanted = name.casefold().strip()
        whole = [s for s in self.sections if s.heading.casefold() == wanted]
        begun = [s for s in self.sections if wanted and s.heading.casefold().startswith(wanted)]
        found = whole or begun
        return found[0] if len(found) == 1 else None

    def asks(self, role: str) -> bool:
        """Whether some question is for a role to answer, or the role signs."""
        return any(s.role == role for s in self.signed) or any(
            question.for_role(role) and ROLE_LETTER[role] in place.audience for _, question, place in self.questions()
        )

    def places(self) -> frozenset[str]:
        """The paths (rows as KEY) that the form carries."""
        return frozenset(place.path for _, _, place in self.questions())


def mistakes(proforma: Proforma) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a definition that is well-formed: where in the file, and the sentence."""
    labels: set[str] = set()
    for number, section in enumerate(proforma.sections):
        if section.table and section.table not in TABLES:
            yield ("sections", number, "table"), f"the plan has no table “{section.table}”"
            continue
        for n, question in enumerate(section.questions):
            where = ("sections", number, "questions", n)
            path = proforma.path(section, question)
            place = PLACES.get(path)
            if place is None:
                yield (*where, "ask"), f"the plan has no place “{question.ask}”"
                continue
            blind = [role for role in proforma.audience if ROLE_LETTER[role] not in place.audience]
            if blind:
                yield (*where, "ask"), f"{' and '.join(blind)} may not see “{question.ask}”"
            for key, label in (("label", question.label), ("plain", question.plain)):
                if label.casefold() in labels:
                    yield (*where, key), f"the label “{label}” stands on this form twice"
            labels |= {label.casefold() for label in (question.label, question.plain) if label}
            if "[#]" in question.ask and question.ask.partition("[")[0] != proforma.about:
                yield (*where, "ask"), "[#] is the row that the form is about; `about:` must name its table"
    for n, keep in enumerate(proforma.keep):
        if keep.folder not in ("staff", *proforma.audience):
            yield ("keep", n, "folder"), f"the folder “{keep.folder}” is not for this form's audience"
    if proforma.about and proforma.about not in TABLES:
        yield ("about",), f"the plan has no table “{proforma.about}”"


def load(folder: Path) -> Proforma:
    """Reads and checks `proforma.yaml` in a folder.

    Raises:
        Mistake: naming file, line and column, when the file is not a sound definition.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    file = folder / "proforma.yaml"
    try:
        tree: Any = YAML(typ="rt").load(file.read_text("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise Mistake(f"{file}, {at}: {error.problem}.", "Mend that line and try again.") from error
    try:
        found = Proforma.model_validate(_plain(tree))
    except ValidationError as error:
        first = error.errors()[0]
        raise Mistake(f"{file}, {_position(tree, first['loc'])}: {first['msg']}.", "Mend that line.") from error
    for where, sentence in mistakes(found):
        raise Mistake(f"{file}, {_position(tree, where)}: {sentence}.", "Mend that line.")
    if found.proforma != folder.name:
        raise Mistake(f"{file}: it calls itself “{found.proforma}”.", f"Name it like its folder, {folder.name}.")
    return found


def load_all(folder: Path) -> Mapping[str, Proforma]:
    """Every proforma of a folder by name, in the order of the names."""
    found = sorted(p.parent for p in folder.glob("*/proforma.yaml"))
    return {home.name: load(home) for home in found}


def _plain(tree: Any) -> Any:
    """The tree without ruamel's own types, which pydantic's strict tuples would not take."""
    if isinstance(tree, dict):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return tuple(_plain(value) for value in tree)
    return tree


def _position(tree: Any, where: tuple[str | int, ...]) -> str:
    """Line and column in the file of the deepest part of a path that the file has."""
    line, column = 0, 0
    for step in where:
        try:
            line, column = tree.lc.data[step][:2] if isinstance(step, int) else tree.lc.data[step][2:4]
            tree = tree[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return f"line {line + 1}, column {column + 1}"
