"""What people put on the pages of a PDF beside its fields: notes, typed text, highlights, stamps, drawings.

What a viewer wrote into the page itself, and not as an annotation, cannot be told from the form's own print, and is
not found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pikepdf

from engine.model import Remark
from engine.reading.pdf_values import plain, words_of

_Kind = Literal["text", "note", "drawing"]

_KINDS: dict[str, _Kind] = {
    "/Text": "note", "/FreeText": "text", "/Highlight": "note", "/Underline": "note", "/Squiggly": "note",
    "/StrikeOut": "note", "/Caret": "note", "/FileAttachment": "note", "/Ink": "drawing", "/Stamp": "drawing",
    "/Line": "drawing", "/Square": "drawing", "/Circle": "drawing", "/Polygon": "drawing", "/PolyLine": "drawing",
}  # fmt: skip

_WORDLESS = {
    "/Highlight": "(highlighted)", "/Underline": "(underlined)", "/Squiggly": "(underlined)",
    "/StrikeOut": "(struck through)", "/FileAttachment": "(a file attached to the page)",
}  # fmt: skip
"""What is said of a mark that its author put no words to; a drawing is shown, not described."""

_NEAR = 100.0
"""Points between a remark and a box that it may be said to stand beside."""

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a box stands on a page, and the words that people know it by."""

    rectangle: Rectangle
    label: str


def is_remark(annotation: pikepdf.Object, kind: object) -> bool:
    """Whether an annotation is something that a person put beside the answers; the state of a review is not."""
    return str(kind) in _KINDS and "/StateModel" not in annotation


def remarks(found: Sequence[pikepdf.Object], page: int, widgets: Iterator[pikepdf.Object]) -> Iterator[Remark]:
    """The remarks that a page's annotations are.

    Args:
        widgets: the page's own, by which a remark is placed.
    """
    spots = [Spot(box, label) for w in widgets if (box := rectangle_of(w)) and (label := _label_of(w))]
    for annotation in found:
        name = str(annotation.get("/Subtype"))
        kind = _KINDS[name]
        words = _words(annotation) or _WORDLESS.get(name, "")
        picture = None
        if kind == "drawing":
            from engine.reading.pdf_pictures import drawn

            words = words or (_stamp_words(annotation) if name == "/Stamp" else "")
            picture = drawn(annotation)
        if words or kind == "drawing":
            author = " ".join((words_of(annotation.get("/T")) or "").split())
            yield Remark(kind, words, _place(rectangle_of(annotation), page, spots), author, picture)


def rectangle_of(annotation: pikepdf.Object) -> Rectangle | None:
    """Left, bottom, right and top of an annotation; None where it does not say."""
    edges = annotation.get("/Rect")
    if not isinstance(edges, pikepdf.Array) or len(edges) != 4:
        return None
    try:
        a, b, c, d = (float(edge) for edge in edges)
    except (TypeError, ValueError):
        return None
    return min(a, c), min(b, d), max(a, c), max(b, d)


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _words(annotation: pikepdf.Object) -> str:
    words = (words_of(annotation.get("/Contents")) or "").strip()
    return words or plain(words_of(annotation.get("/RC")) or "")


def _stamp_words(stamp: pikepdf.Object) -> str:
    """A stamp's own name in words: `SBNotForPublicRelease`, "Not For Public Release"."""
    name = (words_of(stamp.get("/Name")) or "").removeprefix("SB").lstrip("#")
    return " ".join(re.findall(r"[A-Z]?[a-z]+", name)) if name.isalpha() else ""


# ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _label_of(widget: pikepdf.Object) -> str:
    """The words by which a widget's field is known: its tooltip, else its own name."""
    name, node = "", widget
    for _ in range(60):
        if words := " ".join((words_of(node.get("/TU")) or "").split()):
            return words
        name = name or words_of(node.get("/T")) or ""
        above = node.get("/Parent")
        if not isinstance(above, pikepdf.Dictionary):
            break
        node = above
    return name


def _place(rectangle: Rectangle | None, page: int, spots: Sequence[Spot]) -> str:
    """Where a remark stands, for people: on a box when its middle is there, else beside the nearest."""
    if rectangle is None or not spots:
        return f"page {page}"
    left, bottom, right, top = rectangle
    middle = ((left + right) / 2, (bottom + top) / 2, (left + right) / 2, (bottom + top) / 2)
    inside = [spot for spot in spots if _apart(middle, spot.rectangle) == 0]
    if inside:
        smallest = min(inside, key=lambda spot: _area(spot.rectangle))
        return f"page {page}, on “{smallest.label}”"
    nearest = min(spots, key=lambda spot: (_apart(rectangle, spot.rectangle), _apart(middle, spot.rectangle)))
    near = _apart(rectangle, nearest.rectangle) <= _NEAR
    return f"page {page}, beside “{nearest.label}”" if near else f"page {page}"


def _apart(one: Rectangle, other: Rectangle) -> float:
    """The distance between two rectangles; 0 where they touch. Beside counts for nearer than above or below."""
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    down = max(one[1] - other[3], other[1] - one[3], 0.0)
    return across + 3 * down


def _area(rectangle: Rectangle) -> float:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])
