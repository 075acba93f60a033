"""What stands in a field of somebody else's PDF, as a picture that any viewer shows; drawn by our own typesetter.

Fields there cannot grow, so the type is made smaller until the words fit; where they do not, that is said. Lengths are
in points.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

from engine.writing import fonts

_LARGEST, _SMALLEST, _STEP = 12.0, 5.0, 0.5
_INSET = 2.0
_LINE = 1.3
"""Height of a line, as a share of the type size (templates/appearances.typ)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A text for a field.

    Attributes:
        size: of the type, as the field asks for it; 0 = as large as fits.
        lines: whether it may take several lines.
        cells: into how many cells the field is parted, a letter in each; 0 = not.
    """

    words: str
    width: float
    height: float
    size: float
    lines: bool
    cells: int = 0


def drawn(pictures: Sequence[Picture]) -> tuple[bytes, tuple[int, ...]]:
    """A document with a page for each picture, and the numbers of those whose words do not fit."""
    pages = []
    cut = []
    for number, picture in enumerate(pictures):
        page, fits = _page(picture)
        pages.append(page)
        if not fits:
            cut.append(number)
    made: bytes = fonts.compiler("appearances.typ").compile(
        format="pdf", pdf_tags=False, timestamp=0, sys_inputs={"pages": json.dumps(pages, ensure_ascii=False)}
    )
    return made, tuple(cut)


def _page(picture: Picture) -> tuple[dict[str, Any], bool]:
    """A page as the typesetter wants it, and whether the words fit on it."""
    room = max(picture.width - 2 * _INSET, 1)
    words = picture.words if picture.lines else ", ".join(filter(None, picture.words.split("\n")))
    size, text, fits = _fitted(words, room, picture)
    taken = len(text.split("\n")) if picture.lines else 1
    top = _INSET if picture.lines else max((picture.height - size * _LINE) / 2, 0)
    return {
        "w": round(picture.width, 3),
        "h": round(max(picture.height, taken * size * _LINE + top), 3),
        "left": _INSET, "right": _INSET / 2, "top": round(top, 3),
        "text": text, "size": size, "rtl": fonts.right_to_left(text),
    }, fits  # fmt: skip


def _fitted(words: str, room: float, picture: Picture) -> tuple[float, str, bool]:
    """The largest size at which the words fit, with the words broken into lines."""
    asked = picture.size or min(_LARGEST, max(picture.height * 0.75, _SMALLEST))
    for size in _sizes(min(asked, max(picture.height / _LINE, _SMALLEST)) if not picture.lines else asked):
        text = fonts.drawn(words, room, size)
        lines = [line.rstrip("\n") for line in fonts.wrapped(text, room, size)] if picture.lines else [text]
        tall = len(lines) * size * _LINE <= picture.height - (_INSET if picture.lines else 0) + 0.5
        if tall and all(fonts.width(line.rstrip(), size) <= room for line in lines):
            return size, "\n".join(line.rstrip() for line in lines), True
    return size, "\n".join(line.rstrip() for line in lines), False


def _sizes(largest: float) -> Iterator[float]:
    size = max(round(largest, 1), _SMALLEST)
    while size > _SMALLEST:
        yield size
        size = round(size - _STEP, 1)
    yield _SMALLEST


def forms(pdf: Any, made: bytes, pictures: Sequence[Picture]) -> Iterator[Any]:
    """The drawn pages as form objects of a document, each exactly as large as its field."""
    with pikepdf.open(io.BytesIO(made)) as source:
        for page, picture in zip(source.pages, pictures, strict=True):
            form = pdf.copy_foreign(page.as_form_xobject())
            height = float(page.mediabox[3])
            # A page may be taller than its field, where the words do not fit: its upper part is shown.
            form.BBox = pikepdf.Array([0, round(height - picture.height, 3), round(picture.width, 3), round(height, 3)])
            yield form
