"""A form of ours that was printed to PDF, read from its print: it has no fields any more, but its layout is known.

The stamp stands at the foot of every page, in type and at a margin that are known; so it tells the scale of the print.
Frames that stand where our typesetter puts them are answers, with their labels to the left (above, where people
sign); ruled tables with a head row are our tables; circles and squares say by what is drawn inside whether they are
marked. Whatever does not fit is left out: a form speaks only for the fields it carries. What somebody wrote onto the
page outside the frames cannot be told from the form's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from engine.errors import Unreadable
from engine.model import Field, Stamp
from engine.reading.limits import Limits, keep_within
from engine.reading.names import unique
from engine.reading.pdf_glyphs import UNKNOWN
from engine.reading.pdf_lines import Line, joined, lines, spills, within
from engine.reading.pdf_page import Edge, Glyph, Print, read_page
from engine.reading.pdf_rules import Table, marks, tables

_FOOTER_SIZE = 12.0
_LARGER, _SHRUNK = 1.5, 0.8
"""How many times larger letters are in large print, whose frames stand as usual; the least that printers shrink to."""
_ANSWERS = 172.0
"""From the margin to the frames, in the points of a form that is not scaled."""
_FULL_WIDTH = 400.0
_INSET = 6.0
_STEP = 15.6
_LABEL_SIZE = 11.6
"""Labels are set in 12 points and bold, the help under them in a lighter cut; on forms of earlier years in 11."""

PAGE = re.compile(r"Page (\d{1,3}) of (\d{1,3})$")

_CUT = "its box is full, and the print may have cut off what did not fit"
BROKEN = "a word in it was broken at the end of a line, and may have been written as one"
LETTERS = "the print does not tell all of its letters"
ORDER = "it is written from right to left, and the print does not keep the order of its words"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page of a printed form.

    Attributes:
        margin: where it begins, in points.
        scale: how large it was printed.
        letters: how large its letters are, against those of the standard size printed as they are.
    """

    print: Print
    stamp: Stamp
    margin: float
    scale: float
    letters: float
    number: int
    of: int


def read_print(pdf: pikepdf.Pdf, limits: Limits) -> tuple[tuple[Field, ...], tuple[Stamp, ...]]:
    """The answers on a printed form, and the stamps at its foot; no answers where it is not whole or not ours."""
    sheets, stamps = [], []
    for page in pdf.pages:
        sheet = _sheet(page)
        if sheet is None:
            break
        sheets.append(sheet)
        stamps.append(sheet.stamp)
    distinct = tuple(dict.fromkeys(stamps))
    whole = [sheet.number for sheet in sheets] == list(range(1, len(pdf.pages) + 1))
    if not sheets or not whole or len(distinct) > 1 or sheets[-1].of != len(sheets):
        return (), distinct
    found: list[Field] = []
    for sheet in sheets:
        found.extend(_framed(sheet))
        found.extend(_marked(sheet))
    if not found:
        # Frames are what a form to be filled in has; a sealed version has none.
        return (), distinct
    found.extend(_tabled(sheets))
    keep_within("fields", len(found), limits.fields)
    return unique(found), distinct


def _sheet(page: pikepdf.Page) -> _Sheet | None:
    """A page that has our stamp at its foot."""
    try:
        drawn = read_page(page)
    except (pikepdf.PdfError, Unreadable, ArithmeticError, LookupError, TypeError, ValueError):
        # What is drawn on a page may be anything; a page that cannot be followed is no print of ours.
        return None
    rows = lines(drawn.glyphs)
    for index, row in enumerate(rows[-3:], max(len(rows) - 3, 0)):
        foot = rows[index:]
        stamp = _stamp(foot) if row.text.startswith("Form ") else None
        counted = next((found for line in foot if (found := PAGE.search(line.text))), None)
        if stamp and counted:
            letters = row.size / _FOOTER_SIZE
            scale = letters / _LARGER if letters > _LARGER * _SHRUNK else letters
            return _Sheet(drawn, stamp, row.left, scale, letters, int(counted[1]), int(counted[2]))
    return None


def _stamp(foot: Sequence[Line]) -> Stamp | None:
    """The stamp at the foot of a page: in large print on two lines, with the number of the page at the end of one."""
    words = " ".join(PAGE.sub("", line.text) for line in foot)
    return Stamp.find(re.sub(r"-\s+", "-", words))


# ── Frames ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _framed(sheet: _Sheet) -> Iterator[Field]:
    """The answers in frames."""
    scale = sheet.scale
    frames = {
        tuple(round(edge, 1) for edge in box): box
        for box, painted, _ in sheet.print.paths
        if painted in ("S", "s", "B", "b") and box[2] - box[0] > 60 * scale and box[3] - box[1] > 14 * scale
    }
    for box in frames.values():
        left, _, right, top = box
        if abs(left - sheet.margin - _ANSWERS * scale) < 3 * scale:
            label = _label(sheet, left, top - 19 * sheet.letters, top - 10 * sheet.letters)
        elif right - left < _FULL_WIDTH * scale:
            label = _label_above(sheet, box)
        else:
            continue
        if label:
            room = right - left - 2 * _INSET * scale
            yield _said(sheet, label, within(sheet.print.glyphs, box), box, room, label)


def _label(sheet: _Sheet, right: float, low: float, high: float) -> str:
    """The words in the column of labels whose first line has its foot between two heights."""
    scale = sheet.scale
    beside = [g for g in sheet.print.glyphs if sheet.margin - scale < g.left and g.right < right and g.foot < high]
    rows = lines(beside)
    if not rows or rows[0].foot < low:
        return ""
    return " ".join(line.text for line in _run(rows, sheet.letters))


def _label_above(sheet: _Sheet, box: Edge) -> str:
    """The words directly over a frame."""
    left, _, right, top = box
    rows = lines(within(sheet.print.glyphs, (left - sheet.scale, top, right, top + 60 * sheet.letters)))[::-1]
    # The words over the frame beside may take a line more than these do.
    if not rows or rows[0].foot - top > (14 + _STEP) * sheet.letters:
        return ""
    return " ".join(line.text for line in _run(rows, sheet.letters)[::-1])


def _run(rows: Sequence[Line], letters: float) -> list[Line]:
    """The lines at the beginning that stand close together, in the size of labels and one cut of type."""
    run: list[Line] = []
    for line in rows:
        if line.size < _LABEL_SIZE * letters or (
            run and (abs(run[-1].foot - line.foot) > 1.2 * _STEP * letters or line.cut != run[0].cut)
        ):
            break
        run.append(line)
    return run


def _said(sheet: _Sheet, label: str, glyphs: Sequence[Glyph], box: Edge, room: float, name: str) -> Field:
    """What stands in a box, with what is doubtful about it."""
    found = lines(glyphs)
    text, sure = joined(found, room, sheet.scale)
    problems = [] if sure else [BROKEN]
    if found:
        low = found[-1].foot - 1.3 * found[-1].size
        cut = len(found) > 1 and low < box[1]
        if cut or max(line.right for line in found) > box[2] - 3 * sheet.scale or spills(sheet.print.glyphs, box):
            problems.append(_CUT)
    if UNKNOWN in text:
        problems.append(LETTERS)
    if is_backward(text):
        problems.append(ORDER)
    value = text or None
    return Field(name, "text", value, value, label, "label", f"page {sheet.number}", "", tuple(problems))


def is_backward(text: str) -> bool:
    """Whether any of it is written from right to left."""
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


# ── Marks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _marked(sheet: _Sheet) -> Iterator[Field]:
    """Choices by a circle, and single squares to tick, each in the column of answers."""
    scale, start = sheet.scale, sheet.margin + _ANSWERS * sheet.scale
    found = [mark for mark in marks(sheet.print, sheet.letters) if mark.box[0] > start]
    while found:
        first = found.pop(0)
        row = [first, *(m for m in found if abs(m.box[1] - first.box[1]) < 2 * scale)]
        found = [m for m in found if m not in row]
        row.sort(key=lambda mark: mark.box[0])
        bottom, top = first.box[1], first.box[3]
        label = _label(sheet, start, bottom - 2 * sheet.letters, bottom + 8 * sheet.letters)
        if not label or row[0].box[0] - start > 8 * scale:
            continue
        where = f"page {sheet.number}"
        if len(row) == 1 and not row[0].round:
            yield Field(label, "tick", row[0].on, row[0].on, label, "label", where)
            continue
        ends = [*(mark.box[0] for mark in row[1:]), row[-1].box[2] + _FULL_WIDTH * scale]
        words = [
            " ".join(line.text for line in lines(within(sheet.print.glyphs, (mark.box[2], bottom, end, top))))
            for mark, end in zip(row, ends, strict=True)
        ]
        chosen = [word for mark, word in zip(row, words, strict=True) if mark.on]
        if all(mark.round for mark in row) and all(words) and len(chosen) < 2:
            value = chosen[0] if chosen else None
            yield Field(label, "choice", value, value, label, "label", where)


# ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _tabled(sheets: Sequence[_Sheet]) -> Iterator[Field]:
    """The answers in tables, each with the words over its column and the key of its row."""
    found: list[Field] = []
    for sheet in sheets:
        squares = marks(sheet.print, sheet.letters)
        for table in tables(sheet.print, sheet.scale):
            if abs(table.across[0] - sheet.margin) > 3 * sheet.scale or len(table.across) < 3:
                continue
            heads = [_words(sheet, table, 0, column) for column in range(len(table.across) - 1)]
            for row in range(1, len(table.down) - 1):
                key = _words(sheet, table, row, 0)
                if not key:
                    # The rest of a row that began on the page before: neither part is an answer.
                    last = found[-1].row if found else ""
                    found = [field for field in found if field.row != last or field.label not in heads]
                    continue
                for column in range(1, len(heads)):
                    cell = table.cell(row, column)
                    name = f"{heads[column]} [{key}]"
                    ticks = [m for m in squares if cell[0] < m.box[0] < cell[2] and cell[1] < m.box[1] < cell[3]]
                    field = _said(
                        sheet, heads[column], within(sheet.print.glyphs, cell), cell,
                        cell[2] - cell[0] - 10 * sheet.scale, name,
                    )  # fmt: skip
                    if len(ticks) == 1 and field.value is None:
                        field = field._replace(kind="tick", value=ticks[0].on, raw=ticks[0].on)
                    if heads[column]:
                        found.append(field._replace(row=key))
    yield from found


def _words(sheet: _Sheet, table: Table, row: int, column: int) -> str:
    return " ".join(line.text for line in lines(within(sheet.print.glyphs, table.cell(row, column))))
