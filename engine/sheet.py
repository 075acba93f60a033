"""What stands on a document: every box with its name, label and value, ready for any typesetter.

Word and PDF draw the same `Sheet`, and a document is read back against it before it leaves (law 7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.model import Signature, Stamp
from engine.places import Kind, Record, Value
from engine.plan import may_see
from engine.road import Road


@dataclass(frozen=True, slots=True)
class Box:
    """One box on a form.

    Attributes:
        name: the field's name in PDF and its tag in Word: the place, row key and all.
        label: what people see beside it (in a table: the column's heading); unique on the form or in its table.
        kind: a word of `Kind`: text, tick, choice, date.
        shown: the value in the words people read; "" = nothing. A tick shows "Yes" or "".
        value: the value as the record keeps it.
        long: whether it wants several lines: its place holds prose.
    """

    name: str
    label: str
    kind: Kind
    value: Value
    shown: str
    help: str = ""
    choices: tuple[str, ...] = ()
    long: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and its share of the width."""

    label: str
    width: float


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: the key printed in its first cell, and its boxes, one for each column."""

    key: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with boxes, or with a table (then `columns` is not empty), or with lines of text only."""

    heading: str
    help: str = ""
    boxes: tuple[Box, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[TableRow, ...] = ()
    row_noun: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Where one party signs: what they put their name to, and the boxes for name and date.

    Attributes:
        called: what the role is called here.
    """

    role: str
    statement: str
    name: Box
    date: Box
    called: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole document.

    Attributes:
        title, purpose: of the proforma.
        provider: the provider's name.
        learner: the learner's display name; "" on a blank.
        stamp: what the document's carriers hold.
        printed: the day printed on it.
        mark: the words that say which of the two versions this is ("Working document"), "" for other forms.
        large: whether it is set in large print.
        notices: blocks of text above the questions: what is open, what changed.
        road: milestones and progress, drawn above the questions.
        edition: number of the funding-body version, when this is its sealed form; 0 otherwise. A sealed sheet is
            static: its values are text, and `evidence` says where signatures came from.
        static: whether its values are text although it is no sealed version.
        foot: the line at the foot of each page of what is no form, and bears no stamp; such a sheet is static, too.
    """

    title: str
    purpose: str
    provider: str
    learner: str
    stamp: Stamp
    printed: dt.date
    mark: str = ""
    large: bool = False
    notices: tuple[Block, ...] = ()
    road: Road | None = None
    blocks: tuple[Block, ...] = ()
    signatures: tuple[SignatureBlock, ...] = ()
    edition: int = 0
    evidence: tuple[Block, ...] = ()
    static: bool = False
    foot: str = ""

    @property
    def unnumbered(self) -> Sheet:
        """The sheet without the number of its form: what the copies of one form have in common."""
        return replace(self, stamp=replace(self.stamp, form=""))

    def boxes(self) -> Iterator[Box]:
        """Every box, in reading order, signatures last."""
        for block in self.blocks:
            yield from block.boxes
            for row in block.rows:
                yield from row.boxes
        for signature in self.signatures:
            yield from (signature.name, signature.date)


def display_name(record: Record, eyes: frozenset[str] = frozenset()) -> str:
    """The learner's name as people write it; "" when it is not known.

    Args:
        eyes: letters of the audience; the preferred name is not for everybody (law 8).
    """
    preferred = record.get("learner.preferred_name") if may_see("learner.preferred_name", eyes) else None
    given = preferred or record.get("learner.given_name") or ""
    return f"{given} {record.get('learner.family_name') or ''}".strip()


def sealed(sheet: Sheet, number: int, signatures: tuple[Signature, ...], evidence: tuple[Block, ...]) -> Sheet:
    """The sheet as it goes into a sealed funding-body version: static, with the signatures made in their blocks.

    What tells people how to fill the form in, or how to sign, is left out: that is done.
    """
    made = {s.role: s for s in signatures}
    blocks = tuple(
        replace(
            block,
            name=replace(block.name, value=made[block.role].name, shown=made[block.role].name),
            date=replace(
                block.date, value=made[block.role].date.isoformat(), shown=made[block.role].date.strftime("%d/%m/%Y")
            ),
        )
        for block in sheet.signatures
        if block.role in made
    )
    return replace(
        sheet,
        purpose="",
        blocks=tuple(_without_help(block) for block in sheet.blocks),
        edition=number,
        signatures=blocks,
        evidence=evidence,
        mark=f"Funding-body version {number}",
    )


def _without_help(block: Block) -> Block:
    return replace(block, help="", boxes=tuple(replace(box, help="") for box in block.boxes))
