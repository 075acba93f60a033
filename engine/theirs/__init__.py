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

__all__ = ["Filled", "boxes", "fill"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled form.

    Attributes:
        troubles: what could not be written as it should be, each a sentence; then the form may not leave.
    """

    content: bytes
    troubles: tuple[str, ...]


def boxes(content: bytes) -> tuple[Blank, ...]:
    """Every box of a blank Word or PDF form, in the order in which it is read, each once.

    Raises:
        Unreadable: when the file cannot be read.
    """
    if _is_pdf(content):
        from engine.theirs.pdf import boxes as found
    else:
        from engine.theirs.word import boxes as found
    return found(content)


def fill(content: bytes, entries: Mapping[str, Entry], stamp: str) -> Filled:
    """A blank with these answers in its boxes, and with our stamp in its carriers.

    Args:
        entries: by the names of the boxes; boxes that are not named stay as they are.
        stamp: the line that every carrier holds.

    Raises:
        Unreadable: when the blank cannot be read.
    """
    if _is_pdf(content):
        from engine.theirs.pdf import fill as filled
    else:
        from engine.theirs.word import fill as filled
    return filled(content, entries, stamp)


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]
