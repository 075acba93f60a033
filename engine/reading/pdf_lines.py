"""Characters on a page into the lines of words that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.reading.pdf_page import Edge, Glyph

_GAP = 0.13
"""Of the type's size: a gap wider than this stands between two words. A space is 0.2 wide in our own type."""

_PARTS = "-/\N{HYPHEN}\N{EN DASH}\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it begins and ends, its foot, its size, how wide its first and last words, its cut of type."""

    left: float
    right: float
    foot: float
    size: float
    text: str
    first_word: float
    last_word: float
    cut: str = ""


def within(glyphs: Iterable[Glyph], room: Edge) -> list[Glyph]:
    """The characters whose middle stands in a rectangle."""
    left, bottom, right, top = room
    return [g for g in glyphs if left < (g.left + g.right) / 2 < right and bottom < g.foot + 0.3 * g.size < top]


def spills(glyphs: Iterable[Glyph], room: Edge) -> bool:
    """Whether a line runs over the left or right edge of a rectangle: it was cut there, or belongs elsewhere."""
    left, bottom, right, top = room
    level = (g for g in glyphs if bottom < g.foot + 0.3 * g.size < top and not g.text.isspace())
    for one, other in pairwise(level):
        together = abs(one.foot - other.foot) < 0.1 * one.size and abs(other.left - one.right) < 0.6 * one.size
        sides = [left < (g.left + g.right) / 2 < right for g in (one, other)]
        if together and sides[0] != sides[1]:
            return True
    return False


def lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """The lines that characters make, from the top; characters drawn twice in one place count once."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: -g.foot):
        if rows and abs(rows[-1][0].foot - glyph.foot) < 0.25 * glyph.size:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    found = (_line(sorted(row, key=lambda g: g.left)) for row in rows)
    return [line for line in found if line.text]


def _line(row: list[Glyph]) -> Line:
    """The line that characters on one foot make, from the left."""
    words: list[list[Glyph]] = [[]]
    end, before = row[0].left, row[0]
    for glyph in row:
        twice = glyph is not before and before.text == glyph.text and glyph.left - before.left < 0.05 * glyph.size
        if twice:
            continue
        if glyph.text.isspace() or glyph.left - end > _GAP * glyph.size:
            words.append([])
        if not glyph.text.isspace():
            words[-1].append(glyph)
        end, before = max(end, glyph.right), glyph
    words = [word for word in words if word] or [[]]
    first, last = words[0], words[-1]
    if not first:
        return Line(row[0].left, end, row[0].foot, row[0].size, "", 0, 0)
    text = " ".join("".join(glyph.text for glyph in word) for word in words)
    width, last_width = first[-1].right - first[0].left, last[-1].right - last[0].left
    text = " ".join(text.split())
    return Line(first[0].left, last[-1].right, first[0].foot, first[0].size, text, width, last_width, first[0].cut)


def joined(found: Sequence[Line], room: float, slack: float) -> tuple[str, bool]:
    """Lines as the text they were broken from, and whether that is sure but for line ends.

    Where the next line's first word would still have had room, somebody ended the line there; else it was broken by
    whoever drew it. A word may then have been broken too: after a hyphen or a stroke, or because it is longer than
    any line.
    """
    text, sure = found[0].text if found else "", True
    for line, after in pairwise(found):
        if line.foot - after.foot > 2 * line.size:
            text += "\n\n"
        elif line.right - line.left + 0.2 * line.size + after.first_word < room - slack:
            text += "\n"
        else:
            parted = line.text[-1] in _PARTS and line.text[-2:-1] not in ("", " ")
            sure = sure and not parted and line.last_word + after.first_word < room - slack
            text += "" if parted else " "
        text += after.text
    return text, sure
