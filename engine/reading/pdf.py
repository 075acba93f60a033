"""A PDF into a Form: opened, its stamp and remarks found, its fields read by `pdf_fields`."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pikepdf

from engine.errors import Unreadable
from engine.model import Form, Media, Refusal, Remark, Stamp
from engine.reading.limits import Limits, keep_within
from engine.reading.pdf_fields import Tree
from engine.reading.pdf_values import words_of

_INFO_KEY = "/Counterpart"

_OUR_NAME = re.compile(r"[a-z_]+(\[[^\]]+\])?\.[a-z_]+$")

_DAMAGED = Refusal(
    "This PDF is damaged and cannot be read.",
    "Open it, save it again under a new name and send that copy; if it does not open, ask whoever sent it for another.",
)
_PASSWORD = Refusal(
    "This PDF is locked with a password.",
    "Open it with its password, save a copy without one and send that.",
)
_RECIPIENTS = Refusal(
    "This PDF is locked in a way that only certain people's programs can open.",
    "Ask whoever sent it for a copy that is not locked.",
)
_PURE_XFA = Refusal(
    "This PDF is an Adobe XFA form, whose answers only Adobe's own programs can read.",
    "Open it in Adobe Reader, copy the answers into the form we send out, and send that.",
)
_NO_FIELDS = Refusal(
    "This PDF has no boxes that can be read: it was printed to PDF, or scanned.",
    "Send the original form that was filled in, before it was printed to PDF.",
)

_HYBRID = "the file also carries an XFA copy of the answers, which was not read"
_REPAIRED = "the file was damaged and was repaired to read it"

_TROUBLE = (pikepdf.exceptions.PikepdfError, UnicodeError, RecursionError)
# pypdf lets all of these through on content that is not as the standard has it.
_PYPDF_TROUBLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError,
)  # fmt: skip

# Notices of repairs belong in the form, not on standard error.
logging.getLogger("pikepdf").addHandler(logging.NullHandler())
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def read_pdf(content: bytes, limits: Limits) -> Form:
    """What a PDF says; a PDF without fields comes back refused, with the stamp and remarks it carries.

    Raises:
        Unreadable: when it is locked, damaged, over a limit, or a pure XFA form.
    """
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True, attempt_recovery=True) as pdf:
            return _form(pdf, content, limits)
    except pikepdf.PasswordError as error:
        raise _refuse(_PASSWORD) from error
    except _TROUBLE as error:
        locked = "encrypt" in str(error).casefold() or "security handler" in str(error).casefold()
        raise _refuse(_RECIPIENTS if locked else _DAMAGED) from error


def _refuse(refusal: Refusal) -> Unreadable:
    return Unreadable(refusal.reason, refusal.advice)


def _form(pdf: pikepdf.Pdf, content: bytes, limits: Limits) -> Form:
    acroform = pdf.Root.get("/AcroForm")
    if not isinstance(acroform, pikepdf.Dictionary):
        acroform = pikepdf.Dictionary()
    tree = Tree(acroform, limits)
    remarks = tuple(_annotations(pdf, tree, limits))
    fields = tree.fields()
    xfa = "/XFA" in acroform
    if xfa and not any(field.kind != "button" for field in fields):
        raise _refuse(_PURE_XFA)
    carried = tuple(_carried(pdf, tree.carriers))
    stamps = _stamps(carried)
    if not stamps and (not fields or sum(bool(_OUR_NAME.match(field.name)) for field in fields) * 2 > len(fields)):
        stamps = _stamps((_first_page(content),))
    general = tuple(words for words, holds in ((_HYBRID, xfa), (_REPAIRED, _repaired(pdf))) if holds)
    if general:
        fields = tuple(f if f.kind == "button" else replace(f, problems=(*f.problems, *general)) for f in fields)
    refused = None if any(f.kind != "button" for f in fields) else _NO_FIELDS
    return Form("", Media.PDF, stamps, fields, remarks, tuple(tree.seals), refused=refused)


def _repaired(pdf: pikepdf.Pdf) -> bool:
    return any("damaged" in str(w) or "reconstruct" in str(w) for w in pdf.get_warnings())


# ── The stamp ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stamps(texts: tuple[str, ...]) -> tuple[Stamp, ...]:
    return tuple(dict.fromkeys(stamp for text in texts if (stamp := Stamp.find(text))))


_METADATA_LIMIT = 200_000


def _carried(pdf: pikepdf.Pdf, fields: list[str]) -> Iterator[str]:
    """The texts in which a stamp is looked for: the hidden field, the document's info, its XMP."""
    yield from fields
    info = pdf.trailer.get("/Info")
    if isinstance(info, pikepdf.Dictionary) and _INFO_KEY in info:
        yield words_of(info.get(_INFO_KEY)) or ""
    metadata = pdf.Root.get("/Metadata")
    if isinstance(metadata, pikepdf.Stream):
        try:
            if len(metadata.get_raw_stream_buffer()) <= _METADATA_LIMIT:
                content = metadata.read_bytes()
                if b"Form F-" in content:
                    yield html.unescape(content.decode("utf-8", "replace"))
        except pikepdf.PdfError:
            # A stream that cannot be unpacked carries nothing; the other carriers are still there.
            return


def _first_page(content: bytes) -> str:
    """The words on the first page, where the visible stamp stands."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        pages = pypdf.PdfReader(BytesIO(content)).pages
        return pages[0].extract_text() if len(pages) else ""
    except (PyPdfError, *_PYPDF_TROUBLE):
        # A second opinion only: what pypdf cannot read has no stamp to show.
        return ""


# ── What stands on the pages ────────────────────────────────────────────────────────────────────────────────────

_REMARKS = {
    "Text": "note", "FreeText": "text", "Highlight": "note", "Underline": "note", "Squiggly": "note",
    "StrikeOut": "note", "Caret": "note", "Ink": "drawing", "Stamp": "drawing", "Line": "drawing",
    "Square": "drawing", "Circle": "drawing", "Polygon": "drawing", "PolyLine": "drawing",
}  # fmt: skip


def _annotations(pdf: pikepdf.Pdf, tree: Tree, limits: Limits) -> Iterator[Remark]:
    """Tells the tree where its widgets stand, and gives what people put beside them."""
    pages = pdf.pages
    keep_within("pages", len(pages), limits.pages)
    for number, page in enumerate(pages, 1):
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            continue
        for annotation in annotations:
            if not isinstance(annotation, pikepdf.Dictionary):
                continue
            kind = annotation.get("/Subtype")
            if kind == "/Widget":
                tree.stands_on(annotation, number)
            elif (word := _REMARKS.get(words_of(kind) or "")) and "/StateModel" not in annotation:
                text = (words_of(annotation.get("/Contents")) or "").strip()
                if text or word == "drawing":
                    by = words_of(annotation.get("/T")) or ""
                    yield Remark(word, text, f"page {number}", by)  # type: ignore[arg-type]
