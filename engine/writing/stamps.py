"""The stamp where a PDF carries it: a hidden field, the document's information, XMP, the foot of each page.

The typesetter knows nothing of it on a form to be filled in, so that the copies of a form, which differ in their
numbers alone, are typeset once. Lengths are in points.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name

from engine.writing import fonts
from engine.writing.widgets import Tree, form_of

_READ_ONLY = 1
_TOLD = "Stamp of this form"
_LEFT = 51.0
# As form.typ sets the foot, with the number of the page at its right end: shares of the type's size, then points.
_CAPITAL, _STEP = 0.66, 1.01
_ROOM, _LONGEST = 493.0 - 14.0, "Page 88 of 888"


def plant_stamp(pdf: Any, line: str) -> Any:
    """The hidden carrier of the stamp: a read-only field `counterpart.stamp` that stands on no page."""
    # No kids, said aloud: pdf-lib takes a field without the word for a widget, and stumbles over its rectangle.
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, Ff=_READ_ONLY, V=line, TU=_TOLD, Kids=Array()))
    Tree(pdf, form_of(pdf)).add("counterpart.stamp", field)
    return field


def restate_stamp(pdf: Any, dots: int) -> None:
    """Describes the stamp's field in slightly other words, with some dots after them."""
    for item in pdf.objects:
        if isinstance(item, Dictionary) and str(item.get("/TU", "")).rstrip(".") == _TOLD:
            item.TU = _TOLD + "." * dots


class Stamped:
    """A document that can be stamped again and again: every time, all its carriers hold the new line and no other.

    What it is stamped with before leaves no trace in the bytes that are saved.
    """

    def __init__(self, pdf: Any, title: str, foot: float = 0.0) -> None:
        """Makes room for a stamp.

        Args:
            foot: size of the type in which the stamp is drawn at the foot of each page; 0 = the pages show it already.
        """
        self._pdf, self._title, self._size = pdf, title, foot
        self._field = plant_stamp(pdf, "")
        self._head, self._mark, self._tail = pdf.Root.Metadata.read_bytes().decode().partition("<dc:title>")
        self._foot = _planted_foot(pdf) if foot else None

    def stamp(self, line: str) -> None:
        """Puts the line into every carrier."""
        self._field.V = line
        self._pdf.trailer.Info = self._pdf.make_indirect(Dictionary(Title=self._title, Counterpart=line))
        carrier = f"<dc:identifier>{escape(line)}</dc:identifier>"
        self._pdf.Root.Metadata.write((self._head + carrier + self._mark + self._tail).encode())
        if self._foot is not None:
            self._foot.write(_drawn(line, self._size).encode())


def _planted_foot(pdf: Any) -> Any:
    """An empty stream that every page draws after its own, in the face that viewers type with."""
    foot = pdf.make_indirect(pikepdf.Stream(pdf, b""))
    for page in pdf.pages:
        page.obj.Contents = Array([page.obj.Contents, foot])
        page.obj.Resources.Font.Stamp = pdf.Root.AcroForm.DR.Font.SourceSans
    return foot


def _drawn(line: str, size: float) -> str:
    """The line as a page draws it, beside the number of the page, in as many lines as that takes."""
    lines = fonts.wrapped(line, _ROOM - fonts.width(_LONGEST, size), size)
    below = (92.0 if size > 14 else 68.0) - 22.0 - _CAPITAL * size
    shown = f" 0 {-_STEP * size:.3f} Td ".join(f"<{fonts.glyphs(text.rstrip())}> Tj" for text in lines)
    return (
        "/Artifact<</Attached[/Bottom]/Subtype/Footer/Type/Pagination>>BDC q 0.314 g BT "
        f"/Stamp {size:g} Tf {_LEFT:g} {below:.3f} Td {shown} ET Q EMC"
    )
