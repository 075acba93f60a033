"""The words that people see beside the fields of a PDF that have no label of their own: left of them, or above.

Lengths are in points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pikepdf

from engine.errors import Unreadable
from engine.reading.pdf_lines import lines, within
from engine.reading.pdf_page import Edge, Glyph, read_page

_GAP = 2.5
"""Of the type's size: a wider gap parts the words of one field from those of another."""
_NEAR, _ABOVE, _FAR = 90.0, 16.0, 2000.0
_LEADERS = re.compile(r"(?:\s*[._…]){3,}")
_LONGEST = 100


def labels(pdf: pikepdf.Pdf, widgets: Sequence[tuple[str, Any, bool]]) -> Mapping[str, str]:
    """For each widget, by the name of its field, the words beside it; those that have none are left out.

    Args:
        widgets: the name of the field, the widget, and whether it is ticked, so that its words stand behind it.
    """
    places = {name: _edge(widget) for name, widget, _ in widgets}
    ticks = {name for name, _, tick in widgets if tick}
    found: dict[str, str] = {}
    for page in pdf.pages:
        notes = page.obj.get("/Annots", ())
        here = {note.objgen for note in notes if isinstance(note, pikepdf.Dictionary)}
        own = {name: places[name] for name, widget, _ in widgets if widget.objgen in here and places[name]}
        glyphs = _glyphs(page) if own else []
        for name, edge in own.items():
            others = [other for key, other in own.items() if key != name and other]
            words = _beside(glyphs, edge, others, name in ticks) if edge else ""
            if words:
                found.setdefault(name, words[:_LONGEST])
    return found


def _edge(widget: Any) -> Edge | None:
    rectangle = widget.get("/Rect")
    if not isinstance(rectangle, pikepdf.Array) or len(rectangle) != 4:
        return None
    a, b, c, d = (float(edge) for edge in rectangle)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _glyphs(page: pikepdf.Page) -> list[Glyph]:
    try:
        return read_page(page).glyphs
    except (pikepdf.PdfError, Unreadable, ArithmeticError, LookupError, TypeError, ValueError):
        # What is drawn on a page may be anything; then there are no words to be had.
        return []


def _beside(glyphs: Sequence[Glyph], edge: Edge, others: Sequence[Edge], tick: bool) -> str:
    left, bottom, right, top = edge
    row = [other for other in others if other[1] < top - 2 and other[3] > bottom + 2]
    wall = max((other[2] for other in row if other[2] <= left + 2), default=left - _FAR)
    end = min((other[0] for other in row if other[0] >= right - 2), default=right + _FAR)
    behind = _run(within(glyphs, (right - 1, bottom - 2, end, top + 2)), right, forward=True)
    before = _run(within(glyphs, (wall, bottom - 2, left + 2, top + 2)), left, forward=False)
    over = lines(within(glyphs, (left - 3, top - 1, max(right, left + 120), top + _ABOVE)))
    above = over[-1].text if over else ""
    return (behind if tick else "") or before or above


def _run(glyphs: Sequence[Glyph], start: float, forward: bool) -> str:
    """The words next to a field, up to the first wide gap."""
    shown = sorted((g for g in glyphs if not g.text.isspace()), key=lambda g: g.left if forward else -g.right)
    taken: list[Glyph] = []
    at = start
    for glyph in shown:
        gap = glyph.left - at if forward else at - glyph.right
        if gap > (_NEAR if not taken else _GAP * glyph.size):
            break
        taken.append(glyph)
        at = max(at, glyph.right) if forward else min(at, glyph.left)
    level = lines(taken)
    words = _LEADERS.sub(" ", " ".join(line.text for line in level))
    return " ".join("".join(c for c in words if c.isprintable()).split()).strip(" :,._-")
