"""Documents proofread before they leave: each is read back by our own reader, against what it was to say (law 7)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from io import BytesIO

from engine.errors import Declined
from engine.model import Rendition
from engine.plan import place_of
from engine.sheet import Sheet


def typeset(sheet: Sheet, medium: str) -> Rendition:
    """The document of a sheet, read back; it needs nothing but the sheet, and so may be done anywhere.

    Raises:
        Declined: when it does not read back as it was written.
    """
    (written,) = typeset_copies([sheet], medium)
    return written


def typeset_copies(sheets: Sequence[Sheet], medium: str) -> list[Rendition]:
    """The documents of sheets that differ in their numbers alone, each read back.

    Raises:
        Declined: when one does not read back as it was written.
    """
    if medium == "word":
        from engine.writing.word import write_form

        renditions = [write_form(sheet) for sheet in sheets]
    else:
        from engine.writing.pdf import write_copies

        renditions = write_copies(sheets)
    for sheet, rendition in zip(sheets, renditions, strict=True):
        wrong = disagreements(sheet, rendition.content)
        if wrong:
            raise Declined(f"“{sheet.title}” was held back: it does not read back as written ({'; '.join(wrong[:3])}).")
    return renditions


def disagreements(sheet: Sheet, content: bytes) -> list[str]:
    """Where a document, read back, says something else than the sheet it was written from."""
    from engine.reading import read

    form = read(content)
    if form.refused:
        return [form.refused.reason]
    wrong = [] if form.stamps == (sheet.stamp,) else ["its stamp"]
    said = {field.name: field.value for field in form.fields}
    for box in sheet.boxes():
        place = place_of(box.name)
        read_back = said.get(box.name)
        assert place is not None
        words = read_back if isinstance(read_back, (str, bool)) else None
        try:
            value = place.parse(words)
        except ValueError:
            value = words
        if box.name not in said or value != box.value:
            wrong.append(f"{box.label}: “{box.shown}” came back as “{read_back or ''}”")
    return wrong


def unsaid(sheet: Sheet, content: bytes) -> list[str]:
    """What a static document does not show of the sheet it was written from, told by our own reader of prints."""
    import pikepdf

    from engine.reading.pdf_page import read_page

    with pikepdf.open(BytesIO(content)) as pdf:
        drawn = "".join(glyph.text for page in pdf.pages for glyph in read_page(page).glyphs)
    shown = _letters(drawn)
    there = frozenset(shown)
    wrong = []
    for box in sheet.boxes():
        words = [_letters(word) for word in box.shown.split()]
        # An answer that goes on over the end of a page has that page's foot in its middle; what is written from the
        # right stands in the order in which it is drawn.
        whole = "".join(words) in shown
        pieces = all(word in shown or (not there.isdisjoint(word) and not word.isascii()) for word in words)
        if not whole and not (pieces and (len(words) > _MANY or not box.shown.isascii())):
            wrong.append(f"{box.label}: “{box.shown[:60]}” does not stand in it")
    return wrong


_MANY = 60


def _letters(text: str) -> str:
    """The letters and digits of a text, one after the other."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())
