"""The quality report as a spreadsheet: the same numbers and findings, every text a text and never a formula."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from engine.audits import Audited
from engine.audits.glance import glances, provider
from engine.writing import zipped
from engine.writing.quality import Called, rests_on, shown

if TYPE_CHECKING:
    from openpyxl import Workbook

_SAVED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_LONGEST = 32_000
"""How many characters a cell may hold."""


def workbook(found: Audited, name: str, smallest: int, called: Called) -> bytes:
    """The report as .xlsx: at a glance, each way of grouping, findings, sampling, checklist.

    Args:
        name: the provider's name.
        smallest: the fewest plans of a group that is shown.
        called: what people call a place.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "Counterpart"
    book.properties.created = book.properties.modified = dt.datetime.combine(found.today, dt.time())
    whole, audits = provider(found), [shown(result) for result in found.results]
    _sheet(book, "At a glance", ("Audit", "Asks", "Computed", "Plans looked at", "Plans found", "Why not computed"), (
        *((f"{a.number}. {a.title}", a.asks, "yes" if a.computed else "no", a.looked, a.found, a.why) for a in audits),
        (f"{name}, {found.today:%d/%m/%Y}", "", "", whole.plans, whole.stopped, ""),
    ))  # fmt: skip
    for glance in glances(found, smallest):
        rows = [(g.name, g.plans, g.stopped, *(g.by_audit.get(a.name, 0) for a in audits)) for g in glance.groups]
        small = [(f"{glance.hidden} groups of fewer than {smallest} plans are not shown",)] if glance.hidden else []
        _sheet(book, f"By {glance.way}", (glance.way, "Plans", "With something to ask", *(a.title for a in audits)),
               [*rows, *small])  # fmt: skip
    _sheet(book, "Findings", ("Audit", "Kind", "Plan", "Learner", "What was found", "Why it matters",
                              "What would put it right", "What it rests on"), _findings(found, called))  # fmt: skip
    _sheet(book, "Sampled", ("Stratum", "Of", "Plans", "Wanted", "Sampled"), (
        (c.stratum, c.value, c.plans, c.wanted, c.sampled) for c in found.cover if c.plans >= smallest
    ))  # fmt: skip
    _sheet(book, "Checklist", ("Line", "Group", "What it says", "Answer", "What that rests on"), (
        (a.line.line, a.line.group, a.line.text, a.answer or "left to people", a.evidence) for a in found.lines
    ))  # fmt: skip
    return _saved(book)


def _findings(found: Audited, called: Called) -> Iterable[Sequence[object]]:
    for result in found.results:
        title = shown(result).title
        for finding in result.findings:
            placed, about = found.placed.get(finding.plan), finding.about
            yield (title, about.title, finding.plan, placed.learner if placed else "", finding.says, about.why,
                   about.remedy, rests_on(finding, called))  # fmt: skip


def _sheet(book: Workbook, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for n in range(len(headings)):
        sheet.column_dimensions[chr(ord("A") + n)].width = 18 if n else 34
    sheet.append([_cell(sheet, heading, Font(bold=True)) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: object, font: Any = None) -> Any:
    """A cell whose text stays text, whatever it begins with, here and when the sheet is saved as something else."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.exceptions import IllegalCharacterError

    if isinstance(value, int) and font is None:
        return value
    text = str(value)[:_LONGEST]
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
    if text.startswith(("=", "+", "-", "@")):
        cell.data_type = "s"
        cell.quotePrefix = True
    if font is not None:
        cell.font = font
    return cell


def _saved(book: Workbook) -> bytes:
    """The workbook's bytes, the same whenever it is written (law 6)."""
    made = f"{book.properties.created:%Y-%m-%dT%H:%M:%SZ}"
    written, fixed = io.BytesIO(), io.BytesIO()
    book.save(written)
    with ZipFile(written) as source, ZipFile(fixed, "w") as target:
        for entry in source.infolist():
            # Saving writes the time of saving into it, whatever its properties say.
            zipped.put(target, entry.filename, _SAVED.sub(rb"\g<1>" + made.encode(), source.read(entry)))
    return fixed.getvalue()
