"""Somebody else's blank form: which boxes it has, and the same file with answers in them, in its own layout.

Their Word controls, fields, label tables and ruled lines, or their PDF fields, are filled as their own program would do
it; nothing else of the file is touched but what carries our stamp.

    word        boxes of a Word file, and what is written in them
    text        words put into the text of a Word file
    package     the stamp on a Word file, and its parts packed anew
    pdf         fields of a PDF, and what is written in them
    labels      the words beside fields that have no label of their own
    drawn       what stands in a field, as a picture that any viewer shows
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.adopted import Entry
from engine.clues import Blank
from engine.model import Field
from engine.reading.limits import Limits

__all__ = ["Filled", "boxes", "fill", "held", "is_pdf"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled form.

    Attributes:
        troubles: what could not be written as it should be, each a sentence; then the form may not leave.
    """

    content: bytes
    troubles: tuple[str, ...]


def boxes(content: bytes, limits: Limits) -> tuple[Blank, ...]:
    """Every box of a blank Word or PDF form, in the order in which it is read, each once.

    Raises:
        Unreadable: when the file cannot be read, or is over a limit.
    """
    if is_pdf(content):
        from engine.theirs.pdf import boxes as found
    else:
        from engine.theirs.word import boxes as found
    return found(content, limits)


def fill(content: bytes, entries: Mapping[str, Entry], stamp: str, limits: Limits) -> Filled:
    """A blank with these answers in its boxes, and with our stamp in its carriers.

    Args:
        entries: by the names of the boxes; boxes that are not named stay as they are.
        stamp: the line that every carrier holds.

    Raises:
        Unreadable: when the blank cannot be read, or is over a limit.
    """
    if is_pdf(content):
        from engine.theirs.pdf import fill as filled
    else:
        from engine.theirs.word import fill as filled
    return filled(content, entries, stamp, limits)


def is_pdf(content: bytes) -> bool:
    """Whether a blank is a PDF; it is a Word file otherwise."""
    return b"%PDF-" in content[:1024]


def held(field: Field) -> str:
    """What stands in a box already, in words."""
    if isinstance(field.value, bool):
        return "ticked" if field.value else ""
    return ", ".join(field.value) if isinstance(field.value, tuple) else field.value or ""
