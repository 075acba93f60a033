"""Writing and sealing measured: a Word form beside its zip written again, a PDF form beside the bare typesetting.

Every round writes other answers, so that nothing is found ready made. `engine.bench` lists it among its work.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine.layout import lay_out
from engine.measures import Row, side_by_side
from engine.model import Issue
from engine.opening import shipped
from engine.places import Kind
from engine.plan import PLACES
from engine.proforma import load_all
from engine.sheet import Sheet, sealed
from engine.writing.seal import Certificate

_DAY = dt.date(2026, 10, 1)


def writing(_: Mapping[str, bytes], rounds: int) -> Iterator[Row]:
    """Writing a form that is filled for a plan, and sealing a version, against what the bare libraries need."""
    from engine.writing import pdf, word
    from engine.writing.pages import Drawing

    blank, *sheets = itertools.islice(_sheets(), 4 * rounds + 1)
    filled, twice = sheets[: 2 * rounds], iter(sheets[2 * rounds :])
    zipped, made = word.write_form(blank).content, pdf.write_form(blank).content
    in_word, in_pdf, bare = iter(filled), iter(filled), iter([json.dumps(Drawing(sheet).spec()) for sheet in filled])
    costs = side_by_side(
        {
            "word": lambda: word.write_form(next(in_word)),
            "zip": lambda: _zipped_again(zipped),
            "pdf": lambda: pdf.write_form(next(in_pdf)),
            "bare": lambda: _typeset(next(bare)),
            "copies": lambda: pdf.write_copies(_copies(next(twice))),
        },
        rounds,
    )
    kilobytes = (len(zipped) // 1000, len(made) // 1000)
    yield Row(f"write a Word form ({kilobytes[0]} kB)", "same zip written again", costs["word"], costs["zip"], "≤ 2 ×")
    yield Row(f"write a PDF form ({kilobytes[1]} kB)", "bare Typst compile", costs["pdf"], costs["bare"], "≤ 3 ×")
    yield Row("write two copies of a PDF form", "one, written alone", costs["copies"], costs["pdf"], "")
    yield from _sealing(sealed(blank, 1, (), ()), rounds)


def _sheets() -> Iterator[Sheet]:
    """The longest form there is, filled, each time with other words."""
    proformas = load_all(shipped("proformas"))
    proforma = max(proformas.values(), key=lambda p: sum(1 for _ in p.questions()))
    issue = Issue(
        form="F-AAAA1111", proforma=proforma.proforma, version=proforma.version, plan="P-AAAA1111", revision=1,
        medium="pdf", printed=_DAY,
    )  # fmt: skip
    for n in itertools.count():
        record = {
            path.replace("KEY", "T1"): f"Answer {n} to this, in a few words" if place.format == "prose" else f"No. {n}"
            for path, place in PLACES.items()
            if place.kind is Kind.TEXT and path in proforma.places() and not place.keys and place.format != "number"
        }
        yield lay_out(proforma, record, issue, "Kingsmead Training", proforma.mark)


def _copies(sheet: Sheet) -> list[Sheet]:
    """The sheet for two people: forms of the same, each with its number."""
    return [sheet, replace(sheet, stamp=replace(sheet.stamp, form="F-BBBB2222"))]


def _typeset(spec: str) -> object:
    """The pages alone: tagged, without fields."""
    from engine.writing import fonts

    return fonts.compiler("form.typ").compile(
        format="pdf", pdf_standards=["ua-1"], timestamp=0, sys_inputs={"sheet": spec}
    )


def _zipped_again(content: bytes) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(part.filename, before.read(part))
    return package.getvalue()


def _sealing(sheet: Sheet, rounds: int) -> Iterator[Row]:
    from engine.writing.pdf import write_sealed
    from engine.writing.seal import make_certificate, seal

    document = write_sealed(sheet, ())
    certificate = Certificate(make_certificate("Kingsmead Training", dt.date.today()))
    noon = dt.datetime.now(dt.UTC)
    contest = {"ours": lambda: seal(document, certificate, noon, "measured"), "theirs": _signer(document, certificate)}
    costs = side_by_side(contest, rounds)
    work = f"seal a version ({len(document) // 1000} kB)"
    yield Row(work, "pyHanko, invisible EC signature", costs["ours"], costs["theirs"], "≤ 1.3 ×")


def _signer(document: bytes, certificate: Certificate) -> Callable[[], object]:
    """Signs a document with pyHanko as it comes, once for each call."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, async_sign_pdf

    signer = SimpleSigner.load_pkcs12_data(certificate.pkcs12, [], None)
    about = PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES)

    def signed() -> object:
        writer = IncrementalPdfFileWriter(io.BytesIO(document))
        return asyncio.run(async_sign_pdf(writer, about, signer, bytes_reserved=8192))

    return signed
