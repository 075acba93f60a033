"""A sheet into a PDF: one typesetter for forms to be filled in and for sealed funding-body versions.

Typst lays out the sheet (`templates/form.typ`) as a tagged document in which each box is a link; the links become form
fields in place (`engine.writing.widgets`), with appearances that Typst draws too. Nothing here knows the time or the
machine: the same sheet gives the same bytes (law 6). Lengths are in points.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import pikepdf

from engine.errors import Declined
from engine.model import Rendition
from engine.sheet import Sheet
from engine.writing import fonts, widgets
from engine.writing.pages import Drawing, texts
from engine.writing.stamps import Stamped, restate_stamp

Written = TypeVar("Written")

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
    (written,) = write_copies([sheet])
    return written


def write_copies(sheets: Sequence[Sheet]) -> list[Rendition]:
    """Forms to fill in that differ in their numbers alone: typeset once, and each the same as if written by itself."""
    if len({sheet.unnumbered for sheet in sheets}) != 1:
        raise AssertionError("these are not copies of one form")

    def written(plain: bool) -> list[Rendition]:
        drawing = Drawing(sheets[0], plain)
        with _typeset(sheets[0], drawing, ["ua-1"]) as pdf:
            spots = widgets.spots(pdf, drawing.blanks)
            widgets.plant(pdf, spots, _appearances(spots))
            contents = _finished(pdf, sheets, drawing.size)
            return [Rendition(content, frozenset(drawing.substituted)) for content in contents]

    return _drawn_somehow(written)


def write_guide(sheet: Sheet) -> bytes:
    """The sheet as a document to read: static, tagged, PDF/UA-1; it is no form and bears no stamp."""

    def written(plain: bool) -> bytes:
        with _typeset(sheet, Drawing(sheet, plain), ["ua-1"]) as pdf:
            return _saved(pdf)

    return _drawn_somehow(written)


def write_sealed(sheet: Sheet, attachments: Sequence[Attachment]) -> bytes:
    """The sheet as a document ready to be sealed: static, PDF/A-3a and PDF/UA-1, with its attachments inside.

    It has one empty signature field, `SEAL_FIELD`, for a certifying signature. The field has no area and lies outside
    the page, where PDF/UA wants no tag for it: what people read of the seal is typeset as words, and a signature that
    draws nothing keeps both standards after sealing.

    Raises:
        Declined: when the sheet has characters that no font has; such an edition is not sealed (law 7).
    """
    carried = [f"{file.name}, {file.description}" for file in attachments]

    def written(plain: bool) -> bytes:
        drawing = Drawing(sheet, plain)
        with _typeset(sheet, drawing, ["a-3a", "ua-1"], carried) as pdf:
            # The name of an attachment may have what it likes.
            absent = drawing.substituted & frozenset().union(*texts(sheet))
            if absent:
                marks = ", ".join(f"{c} (U+{ord(c):04X})" for c in sorted(absent))
                raise Declined(
                    f"The funding-body version cannot be sealed: no font can show {marks}.",
                    "Have it taken out of the plan, or name a folder of fonts that has it.",
                )
            _attach(pdf, attachments, _midnight(sheet))
            widgets.plant_seal(pdf, SEAL_FIELD)
            return _unambiguous(*_finished(pdf, [sheet]))

    return _drawn_somehow(written)


def write_bundle(sheet: Sheet, attachments: Sequence[Attachment]) -> bytes:
    """The sheet as a static document with its attachments inside: PDF/A-3a and PDF/UA-1, ready to be handed over.

    Characters that no font has are shown as a visible substitute.
    """

    def written(plain: bool) -> bytes:
        with _typeset(sheet, Drawing(sheet, plain), ["a-3a", "ua-1"]) as pdf:
            _attach(pdf, attachments, _midnight(sheet))
            return _unambiguous(*_finished(pdf, [sheet]))

    return _drawn_somehow(written)


# ── Typesetting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _midnight(sheet: Sheet) -> dt.datetime:
    return dt.datetime.combine(sheet.printed, dt.time(), dt.UTC)


def _drawn_somehow(written: Callable[[bool], Written]) -> Written:
    """What is written; plain, with only the characters of Source Sans Pro, if the typesetter fails otherwise.

    Every text was drawn alone before, in its own column; this is for one that fails in another size or weight.
    """
    try:
        return written(False)
    except BaseException as error:
        if not fonts.failed(error):
            raise
    return written(True)


def _typeset(sheet: Sheet, drawing: Drawing, standards: list[str], carried: Sequence[str] = ()) -> pikepdf.Pdf:
    """The document as Typst lays it out, opened."""
    laid = fonts.compiler("form.typ").compile(
        format="pdf",
        pdf_standards=standards,
        timestamp=_midnight(sheet),
        sys_inputs={"sheet": json.dumps(drawing.spec(carried), ensure_ascii=False)},
    )
    return pikepdf.open(io.BytesIO(laid))


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


def _finished(pdf: Any, sheets: Sequence[Sheet], foot: float = 0.0) -> list[bytes]:
    """The document's bytes for each of its copies, with that copy's stamp in every carrier.

    Args:
        foot: size of the type in which the stamp is drawn at the foot of each page; 0 = the pages show it already.
    """
    if fonts.foreign(texts(sheets[0])):
        fonts.complete_maps(pdf)
    document = Stamped(pdf, sheets[0].title, foot)
    contents = []
    for sheet in sheets:
        document.stamp(sheet.stamp.line())
        contents.append(_saved(pdf))
    return contents


def _saved(pdf: pikepdf.Pdf) -> bytes:
    written = io.BytesIO()
    pdf.save(
        written,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return written.getvalue()


def _unambiguous(content: bytes) -> bytes:
    """The document with no stream whose last byte is a carriage return.

    With the line feed before `endstream` it would make one line end, and the stream look a byte shorter than it says:
    one document in twenty then fails PDF/A. A line feed after packed content is read over by whoever unpacks it.
    """
    tries = 0
    while b"\r\nendstream" in content and tries < 9:
        tries += 1
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found: list[Any] = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
            for item in found:
                if "/Filter" in item:
                    raw = item.read_raw_bytes()
                    if raw.endswith(b"\r"):
                        item.write(raw + b"\n", filter=item.Filter, decode_parms=item.get("/DecodeParms"))
            # The streams that hold the other objects are packed anew on saving; only other words in them come out so.
            restate_stamp(pdf, tries)
            content = _saved(pdf)
    return content
