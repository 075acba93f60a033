"""A sheet into a PDF: one typesetter for forms to be filled in and for sealed funding-body versions.

Typst lays out the sheet (`templates/form.typ`) as a tagged document in which each box is a link; the links become form
fields in place (`engine.writing.widgets`), with appearances that Typst draws too. Nothing here knows the time or the
machine: the same sheet gives the same bytes (law 6). Lengths are in points.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

import pikepdf
import typst

from engine.errors import Declined
from engine.model import Rendition
from engine.sheet import Sheet
from engine.writing import fonts, widgets
from engine.writing.pages import Drawing, texts

SEAL_FIELD = "Counterpart seal"
"""Name of the empty signature field that a sealed document is certified in."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a sealed document carries.

    Attributes:
        name: its file name, unique in the document.
        relationship: what it is to the document, in PDF's words.
    """

    name: str
    media_type: str
    description: str
    relationship: Literal["Data", "Source", "Supplement"]
    content: bytes


def write_form(sheet: Sheet) -> Rendition:
    """The sheet as a form to fill in: tagged, PDF/UA-1, its values in fields with appearances that any viewer shows."""
    pdf, drawing = _typeset(sheet, ["ua-1"])
    with pdf:
        spots = widgets.spots(pdf, drawing.blanks)
        drawn = _appearances(spots)
        widgets.plant(pdf, spots, drawn)
        return Rendition(_finished(pdf, sheet), frozenset(drawing.substituted))


def write_sealed(sheet: Sheet, attachments: Sequence[Attachment]) -> bytes:
    """The sheet as a document ready to be sealed: static, PDF/A-3a and PDF/UA-1, with its attachments inside.

    It has one empty signature field, `SEAL_FIELD`, for a certifying signature. The field has no area and is no part of
    the tagged text: a seal that people read is drawn by the typesetter as words, and a signature that draws nothing
    keeps both standards after sealing.

    Raises:
        Declined: when the sheet has characters that no font has; such an edition is not sealed (law 7).
    """
    pdf, drawing = _typeset(sheet, ["a-3a", "ua-1"], [f"{file.name}, {file.description}" for file in attachments])
    with pdf:
        absent = drawing.substituted & frozenset().union(*texts(sheet))
        if absent:
            marks = ", ".join(f"{c} (U+{ord(c):04X})" for c in sorted(absent))
            raise Declined(
                f"The funding-body version cannot be sealed: no font can show {marks}.",
                "Have it taken out of the plan, or name a folder of fonts that has it.",
            )
        _attach(pdf, attachments, _midnight(sheet))
        widgets.plant_seal(pdf, SEAL_FIELD)
        return _finished(pdf, sheet)


# ── Typesetting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _midnight(sheet: Sheet) -> dt.datetime:
    return dt.datetime.combine(sheet.printed, dt.time(), dt.UTC)


def _typeset(sheet: Sheet, standards: list[str], carried: Sequence[str] = ()) -> tuple[Any, Drawing]:
    """The document as Typst lays it out, opened, and what was drawn in it."""

    def compiled(drawing: Drawing) -> Any:
        laid = fonts.compiler("form.typ").compile(
            format="pdf",
            pdf_standards=standards,
            timestamp=_midnight(sheet),
            sys_inputs={"sheet": json.dumps(drawing.spec(carried), ensure_ascii=False)},
        )
        return pikepdf.open(io.BytesIO(laid))

    drawing = Drawing(sheet)
    try:
        return compiled(drawing), drawing
    except BaseException as error:
        if not fonts.failed(error):
            raise
    # Every text could be drawn alone in its own column; this is for those that fail in another size or weight.
    drawing = Drawing(sheet, plain=True)
    return compiled(drawing), drawing


def _appearances(spots: Sequence[widgets.Spot]) -> bytes:
    """A document with a page for each spot where text stands, in their order."""
    pages = [
        {
            "w": round(spot.width, 3),
            "h": round(spot.height, 3),
            "left": spot.part.inset[0] - widgets.RIM,
            # A hair wider than in the box, lest rounding break a line that just fitted there.
            "right": spot.part.inset[0] - widgets.RIM + spot.part.reserve - 0.25,
            "top": spot.part.inset[1] - widgets.RIM,
            "text": spot.part.text,
            "size": spot.part.size,
            "rtl": spot.part.rtl,
        }
        for spot in spots
        if spot.drawn
    ]
    if not pages:
        return b""
    made: bytes = fonts.compiler("appearances.typ").compile(
        format="pdf", pdf_tags=False, timestamp=0, sys_inputs={"pages": json.dumps(pages, ensure_ascii=False)}
    )
    return made


# ── What a document carries besides its pages ───────────────────────────────────────────────────────────────────


def _attach(pdf: Any, attachments: Sequence[Attachment], made: dt.datetime) -> None:
    """Embeds the files, each with its relationship to the document (PDF/A-3)."""
    stamp = f"D:{made:%Y%m%d%H%M%S}Z"
    for file in attachments:
        pdf.attachments[file.name] = pikepdf.AttachedFileSpec(
            pdf,
            file.content,
            description=file.description,
            filename=file.name,
            mime_type=file.media_type,
            creation_date=stamp,
            mod_date=stamp,
        )
        pdf.attachments[file.name].relationship = pikepdf.Name(f"/{file.relationship}")
    if attachments:
        pdf.Root.AF = pikepdf.Array([pdf.attachments[file.name].obj for file in attachments])


def _finished(pdf: Any, sheet: Sheet) -> bytes:
    """The document's bytes, with the stamp in every carrier: hidden field, document information, XMP."""
    if fonts.foreign(texts(sheet)):
        fonts.complete_maps(pdf)
    line = sheet.stamp.line()
    widgets.plant_stamp(pdf, line)
    pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(Title=sheet.title, Counterpart=line))
    said = pdf.Root.Metadata.read_bytes().decode()
    carrier = f"<dc:identifier>{escape(line)}</dc:identifier>"
    head, mark, tail = said.partition("<dc:title>")
    pdf.Root.Metadata.write((head + carrier + mark + tail).encode())
    written = io.BytesIO()
    pdf.save(
        written,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return written.getvalue()
