"""A PDF into a Form: opened, its stamp and remarks found, its fields read by `pdf_fields`."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

import pikepdf

from engine.errors import Unreadable
from engine.model import Field, Form, Media, Refusal, Remark, Stamp
from engine.reading.limits import Limits, keep_within
from engine.reading.pdf_fields import Tree
from engine.reading.pdf_remarks import is_remark, remarks
from engine.reading.pdf_values import words_of

if TYPE_CHECKING:
    from engine.reading.pdf_signatures import Checked

_DICTIONARY = pikepdf.Dictionary
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
    "Document",
)

_HYBRID = "the file also carries an XFA copy of the answers, which was not read"
_UNCHECKED = "in a way that cannot be checked"
_REPAIRED = "the file was damaged and was repaired to read it"

_TROUBLE = (pikepdf.exceptions.PikepdfError, UnicodeError, RecursionError)

# Notices of repairs belong in the form, not on standard error.
logging.getLogger("pikepdf").addHandler(logging.NullHandler())


def read_pdf(content: bytes, limits: Limits) -> Form:
    """What a PDF says; one without fields, unless it is a form of ours in print, comes back refused with its stamp.

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
    find_boxes(pdf, tree, limits)
    fields, seals = _sealed(content, tree, tree.fields())
    beside = (*_beside(pdf, tree), *(_attached(pdf) if _look_ours(fields) else ()))
    xfa = "/XFA" in acroform
    if xfa and not any(field.kind != "button" for field in fields):
        raise _refuse(_PURE_XFA)
    carried = tuple(_carried(pdf, tree.carriers))
    stamps = _stamps(carried)
    answers = any(f.kind != "button" for f in fields)
    if not answers or (not stamps and _look_ours(fields)):
        from engine.reading.pdf_printed import read_print
        from engine.reading.pdf_word_print import read_word_print

        for read in (read_print, read_word_print):
            printed, on_page = read(pdf, limits)
            stamps = stamps or on_page
            if not answers and stamps == on_page:
                fields = (*fields, *printed)
    general = tuple(words for words, holds in ((_HYBRID, xfa), (_REPAIRED, _repaired(pdf))) if holds)
    if general:
        fields = tuple(f if f.kind == "button" else f._replace(problems=(*f.problems, *general)) for f in fields)
    refused = None if answers or any(f.kind != "button" for f in fields) else _NO_FIELDS
    if refused and stamps:
        refused = replace(refused, evidence="")
    return Form("", Media.PDF, stamps, fields, beside, seals, refused=refused)


def _look_ours(fields: tuple[Field, ...]) -> bool:
    return sum(bool(_OUR_NAME.match(field.name)) for field in fields) * 2 > len(fields)


def _repaired(pdf: pikepdf.Pdf) -> bool:
    return any("damaged" in str(w) or "reconstruct" in str(w) for w in pdf.get_warnings())


# ── The stamp ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stamps(texts: tuple[str, ...]) -> tuple[Stamp, ...]:
    return tuple(dict.fromkeys(stamp for text in texts if (stamp := Stamp.find(text))))


_MOST_ATTACHED = 20
"""How many of the files that are carried inside a PDF are told of."""

_METADATA_LIMIT = 200_000
_LONGEST_STAMP = 600
"""Bytes in which a whole stamp stands, whatever is escaped in it."""


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
                if (at := content.find(b"Form F-")) >= 0:
                    yield html.unescape(content[at : at + _LONGEST_STAMP].decode("utf-8", "replace"))
        except pikepdf.PdfError:
            # A stream that cannot be unpacked carries nothing; the other carriers are still there.
            return


# ── What stands on the pages ────────────────────────────────────────────────────────────────────────────────────


def find_boxes(pdf: pikepdf.Pdf, tree: Tree, limits: Limits) -> None:
    """Tells the tree what stands on which page."""
    pages = pdf.pages
    keep_within("pages", len(pages), limits.pages)
    for number, page in enumerate(pages, 1):
        tree.stand_on(number, _annotations(page))


def _annotations(page: pikepdf.Page) -> list[pikepdf.Object]:
    found = page.obj.get("/Annots")
    return [a for a in found if isinstance(a, _DICTIONARY)] if isinstance(found, pikepdf.Array) else []


def _beside(pdf: pikepdf.Pdf, tree: Tree) -> Iterator[Remark]:
    """What people put beside the boxes."""
    put = ((number, annotation) for number, annotation, kind in tree.beside if is_remark(annotation, kind))
    for number, found in groupby(put, key=itemgetter(0)):
        widgets = (a for a in _annotations(pdf.pages[number - 1]) if a.get("/Subtype") == "/Widget")
        yield from remarks([annotation for _, annotation in found], number, widgets)


def _attached(pdf: pikepdf.Pdf) -> Iterator[Remark]:
    """The files that somebody put inside a form of ours; other people's may carry some from the first."""
    for name in islice(pdf.attachments, _MOST_ATTACHED):
        yield Remark("note", f"(a file attached: {name})", "inside the file")


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────────────────────


def _sealed(content: bytes, tree: Tree, fields: tuple[Field, ...]) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The fields with what was found of their signatures, and a line for each signature."""
    if not tree.signed:
        return fields, ()
    checks: Mapping[str, Checked] = {}
    if any("/ByteRange" in signature for signature in tree.signed.values()):
        from engine.reading.pdf_signatures import check

        checks = check(content)
    told, lines = {}, []
    for name, signature in tree.signed.items():
        found = checks.get(name)
        signer = found.signer if found else ""
        claimed = " ".join((words_of(signature.get("/Name")) or "").split())
        day = (found.day if found else "") or _day(words_of(signature.get("/M")) or "")
        finding = found.finding if found else _UNCHECKED
        told[name] = signer or claimed, found.problem if found else f"the signature is doubtful: {finding}"
        who = signer or claimed or "somebody whose name it does not say"
        lines.append(f"{name}: signed by {who}{f' on {day}' if day else ''}, {finding}")
    return tuple(_signed(f, *told[f.name]) if f.name in told else f for f in fields), tuple(lines)


def _signed(field: Field, signer: str, problem: str) -> Field:
    return field._replace(value=signer or None, problems=(problem,) if problem else ())


def _day(stored: str) -> str:
    """The day of a date as PDF writes it, day first."""
    return f"{stored[8:10]}/{stored[6:8]}/{stored[2:6]}" if re.match(r"D:\d{8}", stored) else ""
