"""Fills an issued PDF form in PDFium, the reader that is built into Chrome, by clicking and typing; and saves it.

    python fill_pdfium.py IN.pdf ANSWERS.json OUT.pdf

ANSWERS.json is {name: value}: text for text boxes, true or false for ticks. Runs under a Python that has pypdfium2.
Exit status 1: a field was not found; nothing is saved.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium


def main(form, answers, copy):
    """Opens the form, types the answers, saves the copy; returns the exit status."""
    wanted = json.loads(Path(answers).read_text("utf-8"))
    document = pypdfium2.PdfDocument(form)
    document.init_forms()
    desk = document.formenv.raw
    left = dict(wanted)
    for page in document:
        pdfium.FORM_OnAfterLoadPage(page.raw, desk)
        for name, spot, ticked in list(boxes(desk, page)):
            if name in left:
                enter(desk, page, spot, left.pop(name), ticked)
        pdfium.FORM_OnBeforeClosePage(page.raw, desk)
    for name in left:
        print(f"{form}: there is no field “{name}”.", file=sys.stderr)
    if not left:
        document.save(copy)
    document.close()
    return 1 if left else 0


def boxes(desk, page):
    """Each field's box on a page: its full name, its middle, and whether it is a tick that is on."""
    for number in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        box = pdfium.FPDFPage_GetAnnot(page.raw, number)
        if pdfium.FPDFAnnot_GetSubtype(box) == pdfium.FPDF_ANNOT_WIDGET:
            frame = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(box, frame)
            middle = ((frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2)
            yield name_of(desk, box), middle, bool(pdfium.FPDFAnnot_IsChecked(desk, box))
        pdfium.FPDFPage_CloseAnnot(box)


def name_of(desk, box):
    """A field's full name."""
    size = pdfium.FPDFAnnot_GetFormFieldName(desk, box, None, 0)
    room = ctypes.create_string_buffer(size)
    pdfium.FPDFAnnot_GetFormFieldName(desk, box, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), size)
    return room.raw.decode("utf-16-le").rstrip("\0")


def enter(desk, page, spot, value, ticked):
    """Clicks into a box and types; a tick is only clicked, when it has to change."""
    if isinstance(value, bool):
        if value != ticked:
            click(desk, page, spot)
    else:
        click(desk, page, spot)
        pdfium.FORM_SelectAllText(desk, page.raw)
        letters = (value + "\0").encode("utf-16-le")
        pdfium.FORM_ReplaceSelection(
            desk, page.raw, ctypes.cast(ctypes.create_string_buffer(letters), ctypes.POINTER(ctypes.c_ushort))
        )
    pdfium.FORM_ForceToKillFocus(desk)


def click(desk, page, spot):
    """Presses and lets go the left button."""
    pdfium.FORM_OnMouseMove(desk, page.raw, 0, *spot)
    pdfium.FORM_OnLButtonDown(desk, page.raw, 0, *spot)
    pdfium.FORM_OnLButtonUp(desk, page.raw, 0, *spot)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python fill_pdfium.py IN.pdf ANSWERS.json OUT.pdf")
    sys.exit(main(*sys.argv[1:]))
