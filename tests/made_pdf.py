"""PDF forms made by hand for the tests of the reader: from fields as PDF writes them, printed, signed, drawn on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Object

from engine.writing.seal import make_certificate


def pdf(*fields: str, more: str = "", **settings: object) -> bytes:
    """A one-page PDF with these fields, each written as PDF has it; `more` stands in the form's dictionary."""
    document = pikepdf.new()
    page = document.add_blank_page()
    made = [document.make_indirect(Object.parse(f"<< {f} >>".encode())) for f in fields]
    for field in made:
        for kid in field.get("/Kids", []):
            if "/Subtype" in kid or "/T" in kid:
                kid.Parent = field
    page.obj.Annots = Array([f for f in made if f.get("/Subtype") == "/Widget"])
    document.Root.AcroForm = Object.parse(f"<< {more} >>".encode())
    document.Root.AcroForm.Fields = Array(made)
    return saved(document, **settings)


def saved(document: pikepdf.Pdf, **settings: object) -> bytes:
    """The document's bytes."""
    file = BytesIO()
    document.save(file, **settings)  # type: ignore[arg-type]
    return file.getvalue()


def printed(content: bytes, scale: float = 1.0) -> bytes:
    """A form as PDFium prints it: what stands in its fields is drawn on the pages, and there are no fields any more."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    for page in document:
        page.flatten()
    flat = BytesIO()
    document.save(flat)
    with pikepdf.open(BytesIO(flat.getvalue())) as pages:
        if "/AcroForm" in pages.Root:
            del pages.Root.AcroForm
        for page in pages.pages:
            if "/Annots" in page.obj:
                del page.obj.Annots
            page.contents_add(f"q {scale} 0 0 {scale} {300 * (1 - scale)} 20 cm".encode(), prepend=True)
            page.contents_add(b"Q")
        return saved(pages)


@cache
def _certificate() -> bytes:
    return make_certificate("Jo Hargreaves", dt.date(2026, 1, 1))


def signed(content: bytes, field: str = "Signature1") -> bytes:
    """The file with an approval signature of Jo Hargreaves on it, made by pyHanko."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf

    signer = SimpleSigner.load_pkcs12_data(_certificate(), [])
    written = sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), PdfSignatureMetadata(field_name=field), signer)
    return bytes(written.getbuffer())


def filled_afterwards(content: bytes, value: str) -> bytes:
    """The file with another value in its first field, saved behind what was there, as viewers do with a signed file."""
    from pyhanko.pdf_utils.generic import NameObject, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(content))
    field = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    field.get_object()[NameObject("/V")] = pdf_string(value)
    writer.mark_update(field)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()
