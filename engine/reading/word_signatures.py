"""Signatures on a Word form as evidence of their own kind: pictures and ink where one signs, and digital signatures."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from engine.model import Field
from engine.reading.container import Container, relations
from engine.reading.word_tables import Tables, named
from engine.reading.word_text import Element, R, on, text_of, w, words_before

_WHERE_ONE_SIGNS = re.compile(r"\b(sign|signed|signatures?|signatory|initials?)\b", re.IGNORECASE)
_DRAWINGS = (w("drawing"), w("pict"), w("object"))
_PICTURE_TAG = re.compile(r"\}(blip|imagedata)\Z")
_INK_TAG = re.compile(r"\}contentPart\Z")
_SIGNATURE_LINE = "{urn:schemas-microsoft-com:office:office}signatureline"
_SUGGESTED = "{urn:schemas-microsoft-com:office:office}suggestedsigner"

_CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_TIME = (
    "{http://schemas.openxmlformats.org/package/2006/digital-signature}SignatureTime/"
    "{http://schemas.openxmlformats.org/package/2006/digital-signature}Value"
)


def is_where_one_signs(label: str) -> bool:
    """Whether the words beside a box say that a signature belongs into it."""
    return _WHERE_ONE_SIGNS.search(label) is not None


def drawn(element: Element) -> str | None:
    """What is drawn in a place: “ink”, “picture”, or nothing at all."""
    shown = None
    for node in element.iter():
        tag = str(node.tag)
        if _INK_TAG.search(tag):
            return "ink"
        if _PICTURE_TAG.search(tag):
            shown = "picture"
    return shown


def pictures(root: Element) -> Iterator[tuple[Element, str]]:
    """The pictures and ink of a part; the picture in a control that only asks for one is none."""
    for drawing in root.iter(*_DRAWINGS):
        what = drawn(drawing)
        if what and not any(on(c.find(f"{w('sdtPr')}/{w('showingPlcHdr')}")) for c in drawing.iterancestors(w("sdt"))):
            yield drawing, what


def signatures(root: Element, tables: Tables, where: str) -> Iterator[Field]:
    """Pictures and ink in the very cell, or after the very words, where one signs; a neighbour's never counts."""
    for drawing, what in pictures(root):
        line = next(drawing.iter(_SIGNATURE_LINE), None)
        if line is not None:
            label = f"Signature of {line.get(_SUGGESTED) or 'somebody not named'}"
            # The picture of a signature line is there before anybody signs.
            yield Field(label, "signature", None, None, label, "label", where)
            continue
        if any(c.find(f"{w('sdtPr')}/{w('picture')}") is not None for c in drawing.iterancestors(w("sdt"))):
            continue
        cell = tables.cell_of(drawing)
        row = ""
        if cell is not None:
            label, row = tables.label_and_row(cell)
        else:
            run = next(drawing.iterancestors(R), None)
            label = words_before(run) if run is not None else ""
        if not is_where_one_signs(label):
            continue
        name = named(label.rstrip(": "), row)
        if cell is not None:
            if cell.taken or text_of(cell.element):
                name, label = f"{name} ({what})", f"{label} ({what})"
            cell.read = True
        yield Field(name, "signature", what, what, label, "label", cell.where if cell else where, row)


def seals(container: Container, package: list[tuple[str, str]]) -> Iterator[str]:
    """A line for each digital signature of the package; whether it is good is not checked."""
    for kind, origin in package:
        if kind != "origin":
            continue
        for what, name in relations(container, origin):
            root = container.tree(name) if what == "signature" else None
            if root is not None:
                words = root.findtext(f".//{_TIME}")
                when = f" on {words.strip()[:10]}" if words and words.strip() else ""
                yield f"signed by {_signer(root) or 'somebody whose name it does not say'}{when}; not checked"


def _signer(root: Element) -> str:
    """The name on the signature's certificate."""
    from cryptography import x509

    text = root.findtext(f".//{_CERTIFICATE}") or ""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except (ValueError, binascii.Error):
        return ""
    return str(names[0].value) if names else ""
