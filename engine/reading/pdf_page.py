"""A page of a PDF as print: every character with its place, and the straight lines drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pikepdf

from engine.reading.limits import keep_within
from engine.reading.pdf_glyphs import Face, face

Matrix = tuple[float, float, float, float, float, float]
Edge = tuple[float, float, float, float]
"""Left, bottom, right, top of what was drawn: a line when it has next to no width or height."""

_Content = pikepdf.Page | pikepdf.Object
_SAME: Matrix = (1, 0, 0, 1, 0, 0)
_OPERATIONS = 400_000
_DEPTH = 8
_PAINTED = frozenset(["S", "s", "f", "F", "f*", "B", "B*", "b", "b*"])


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: where its foot begins and ends, how large it is, and the cut of type it is set in."""

    left: float
    right: float
    foot: float
    size: float
    text: str
    cut: str = ""


@dataclass(slots=True)
class Print:
    """What stands on a page.

    Attributes:
        glyphs: in the order in which they were drawn; none that is turned.
        paths: each part of each painted outline: its extent, how it was painted, whether it is curved.
    """

    glyphs: list[Glyph] = field(default_factory=list)
    paths: list[tuple[Edge, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """The part of the graphics state that says where things come to stand."""

    place: Matrix = _SAME
    face: Face = field(default_factory=Face)
    size: float = 0.0
    between: float = 0.0
    space: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0

    def copy(self) -> _State:
        return _State(
            self.place, self.face, self.size, self.between, self.space, self.stretch, self.leading, self.rise
        )  # fmt: skip


def read_page(page: pikepdf.Page) -> Print:
    """What stands on a page, its turn and its annotations left out of account.

    Raises:
        Unreadable: when more is drawn on it than any form has.
        PdfError: when its content is damaged.
    """
    pen = _Pen()
    resources = page.obj.get("/Resources")
    pen.draw(page, resources if isinstance(resources, pikepdf.Dictionary) else pikepdf.Dictionary(), _State(), 0)
    return pen.print


def times(one: Matrix, other: Matrix) -> Matrix:
    """What comes of one placing inside another."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


class _Pen:
    """Follows the drawing of one page."""

    def __init__(self) -> None:
        self.print = Print()
        self._done = 0
        self._faces: dict[tuple[int, int], Face] = {}
        self._text, self._line = _SAME, _SAME
        self._path: list[list[tuple[float, float]]] = []
        self._curved = False

    def draw(self, content: _Content, resources: pikepdf.Object, state: _State, depth: int) -> None:
        """Follows one stream of operations, and those that it calls."""
        kept: list[_State] = []
        for operation in pikepdf.parse_content_stream(content):
            self._done += 1
            keep_within("what is drawn on a page", self._done, _OPERATIONS)
            operator, operands = str(operation.operator), list(operation.operands)
            if operator == "q":
                kept.append(state.copy())
            elif operator == "Q":
                state = kept.pop() if kept else state
            elif operator == "Do":
                self._call(operands, resources, state, depth)
            elif operator == "Tf":
                state.face = self._face(operands[0], resources)
                state.size = float(operands[1])
            elif operator in _TEXT:
                self._write(operator, operands, state)
            else:
                self._outline(operator, operands, state)

    def _call(self, operands: list[Any], resources: pikepdf.Object, state: _State, depth: int) -> None:
        """Draws a form object where it stands."""
        held = resources.get("/XObject")
        item = held.get(operands[0]) if isinstance(held, pikepdf.Dictionary) else None
        if not isinstance(item, pikepdf.Stream) or item.get("/Subtype") != "/Form" or depth > _DEPTH:
            return
        inner = state.copy()
        inner.place = times(_matrix(item.get("/Matrix")), state.place)
        own = item.get("/Resources")
        kept = self._text, self._line
        self.draw(item, own if isinstance(own, pikepdf.Dictionary) else resources, inner, depth + 1)
        self._text, self._line = kept

    def _face(self, name: object, resources: pikepdf.Object) -> Face:
        fonts = resources.get("/Font")
        font = fonts.get(name) if isinstance(fonts, pikepdf.Dictionary) else None  # type: ignore[call-overload]
        if font is None:
            return Face()
        if font.objgen == (0, 0):
            return face(font)
        if font.objgen not in self._faces:
            self._faces[font.objgen] = face(font)
        return self._faces[font.objgen]

    # ── Outlines ────────────────────────────────────────────────────────────────────────────────────────────────

    def _outline(self, operator: str, operands: list[Any], state: _State) -> None:
        if operator == "cm":
            state.place = times(_matrix(operands), state.place)
            return
        numbers = [float(o) for o in operands] if operator in ("m", "l", "c", "v", "y", "re") else []
        if operator == "m":
            self._path.append([])
        elif operator == "re" and len(numbers) == 4:
            x, y, width, height = numbers
            corners = [x, y, x + width, y, x + width, y + height, x, y + height]
            self._path.append([])
            numbers = [*corners, x, y]
        if numbers and self._path:
            self._curved = self._curved or operator in ("c", "v", "y")
            self._path[-1].extend(_at(x, y, state.place) for x, y in zip(numbers[::2], numbers[1::2], strict=False))
        if operator in ("h", "s", "b", "b*") and self._path and self._path[-1]:
            self._path[-1].append(self._path[-1][0])
        if operator in _PAINTED:
            for part in self._path:
                if part:
                    self._keep(part, operator)
        if operator in _PAINTED or operator == "n":
            self._path, self._curved = [], False

    def _keep(self, part: list[tuple[float, float]], operator: str) -> None:
        across, up = [x for x, _ in part], [y for _, y in part]
        self.print.paths.append(((min(across), min(up), max(across), max(up)), operator, self._curved))

    # ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _write(self, operator: str, operands: list[Any], state: _State) -> None:
        if operator == "BT":
            self._text = self._line = _SAME
        elif operator == "Tm":
            self._text = self._line = _matrix(operands)
        elif operator in _SETTINGS:
            setattr(state, _SETTINGS[operator], float(operands[0]) / (100 if operator == "Tz" else 1))
        elif operator in ("Td", "TD"):
            across, up = (float(o) for o in operands)
            if operator == "TD":
                state.leading = -up
            self._next(across, up)
        elif operator == "T*":
            self._next(0, -state.leading)
        else:
            if operator in ("'", '"'):
                if operator == '"':
                    state.space, state.between = (float(o) for o in operands[:2])
                self._next(0, -state.leading)
            shown = operands[-1] if operands else None
            for piece in shown if isinstance(shown, pikepdf.Array) else [shown]:
                if isinstance(piece, pikepdf.String):
                    self._spell(bytes(piece), state)
                elif piece is not None:
                    self._advance(-float(piece) / 1000 * state.size * state.stretch)

    def _next(self, across: float, up: float) -> None:
        self._text = self._line = times((1, 0, 0, 1, across, up), self._line)

    def _advance(self, across: float) -> None:
        self._text = times((1, 0, 0, 1, across, 0), self._text)

    def _spell(self, codes: bytes, state: _State) -> None:
        for text, width, space in state.face.spell(codes):
            here = times(self._text, state.place)
            self._advance((width * state.size + state.between + (state.space if space else 0)) * state.stretch)
            a, b, c, d, _, _ = here
            upright = abs(b) < 0.01 * abs(a) and abs(c) < 0.01 * abs(d) and a > 0 and d > 0
            if text and upright:
                left, foot = _at(0, state.rise, here)
                right, _ = _at(width * state.size * state.stretch, state.rise, here)
                self.print.glyphs.append(Glyph(left, right, foot, abs(state.size * d), text, state.face.cut))


_SETTINGS = {"Tc": "between", "Tw": "space", "Tz": "stretch", "TL": "leading", "Ts": "rise"}
_TEXT = frozenset(["BT", "Tm", "Td", "TD", "T*", "Tj", "TJ", "'", '"', *_SETTINGS])


def _matrix(values: Any) -> Matrix:
    numbers = [float(v) for v in values] if isinstance(values, pikepdf.Array | list) else []
    return (*numbers,) if len(numbers) == 6 else _SAME  # type: ignore[return-value]


def _at(x: float, y: float, place: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = place
    return a * x + c * y + e, b * x + d * y + f
