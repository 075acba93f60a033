"""The minimum standards that a consortium's partners agree on, as data, and how far forms of theirs meet them.

A partner may keep its own documents as long as these ask what was agreed: needs, plan, review, whole organisation. A
set of forms is held against the standards together, for nobody asks everything on one form. Pure but for the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.edited import read_as
from engine.errors import Mistake
from engine.plan import PLACES, WHOLES, pattern
from engine.proforma import Proforma, Role

FILE = "standards.yaml"
"""The file in a workspace that counts instead of the standards that ship."""

SHIPPED = Path(__file__).parent / "minimum.yaml"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Standard(_Line):
    """One thing that must be asked.

    Attributes:
        any: places of the plan of which one must be asked for.
        signed: instead of places, the role that must sign.
        must: whether a set of forms without it falls short.
    """

    question: str
    any: tuple[str, ...] = ()
    signed: Role | None = None
    must: bool = False


class Part(_Line):
    """A part of the standards: its name, what it is about, and what must be asked."""

    part: str
    says: str = ""
    questions: tuple[Standard, ...]


class Standards(_Line):
    """What a consortium has agreed on."""

    standards: str
    version: int
    parts: tuple[Part, ...]


Met = Literal["yes", "to confirm", "no"]


@dataclass(frozen=True, slots=True)
class Held:
    """One standard, and whether the forms meet it.

    Attributes:
        met: `to confirm` where only a question asks it whose place nobody has confirmed.
        by: the forms and the labels of the questions that meet it.
    """

    part: str
    standard: Standard
    met: Met
    by: tuple[tuple[str, str], ...]

    @property
    def falls_short(self) -> bool:
        """Whether it must be met, and is not."""
        return self.standard.must and self.met != "yes"


def agreed(workspace: Path) -> tuple[Standards, Path]:
    """The standards that count in a workspace, and the file in which they stand.

    Raises:
        Mistake: when the file is not sound.
    """
    file = workspace / FILE if (workspace / FILE).exists() else SHIPPED
    found = read_as(file, Standards)
    for path in (path for part in found.parts for s in part.questions for path in s.any):
        if path not in PLACES:
            raise Mistake(f"{file}: the plan has no place “{path}”.", "Mend that.")
    return found, file


def held(proformas: Sequence[Proforma], standards: Standards) -> Iterator[Held]:
    """Every standard in order, with how the forms meet it together."""
    for part in standards.parts:
        for standard in part.questions:
            found = [(form, label, sure) for p in proformas for form, label, sure in _asked(p, standard)]
            certain = tuple((form, label) for form, label, sure in found if sure)
            met: Met = "yes" if certain else "to confirm" if found else "no"
            yield Held(part.part, standard, met, certain or tuple((form, label) for form, label, _ in found))


def _asked(proforma: Proforma, standard: Standard) -> Iterator[tuple[str, str, bool]]:
    """The questions of a form that meet a standard: its title, their labels, and whether their places are certain."""
    if standard.signed:
        for signer in proforma.signed:
            if signer.role == standard.signed:
                yield proforma.title, f"signature of the {signer.role}", True
    wanted = {*standard.any, *([f"signatures[{standard.signed}].name"] if standard.signed else ())}
    for section in proforma.sections:
        for question in section.questions:
            paths = WHOLES.get(question.ask, (proforma.path(section, question), question.ask))
            if wanted & {*paths, *map(pattern, paths)} - {"signatures[KEY].name"}:
                yield proforma.title, question.label, not question.confirm
