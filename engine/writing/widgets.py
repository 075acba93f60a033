"""Links that the typesetter drew where boxes are, made into form fields in place.

Typst writes each `link("field:BOX:PART", …)` as a tagged annotation with its exact rectangle. Here the annotation
becomes a widget and its structure element a Form; the tags, the reading order and the page are untouched, which is what
keeps the file within PDF/UA. Lengths are in points.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name

from engine.places import Kind
from engine.sheet import Box
from engine.writing import fonts

Widget = Literal["text", "tick", "radio", "combo"]

RIM = 1.0
"""How far a field stays inside the border that the page draws."""

_MULTILINE = 1 << 12
_RADIO, _COMBO = 1 << 15, 1 << 17
_PRINTED = 4
_SQUARE = 15.0


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of what stands in a text box; an answer longer than a page has several.

    Attributes:
        text: as it can be drawn.
        size: of the type.
        inset: from the box's border to the text, across and down.
        reserve: kept free at the right end of each line.
        rtl: whether it is written from the right.
        lines: how many it takes.
        pad: empty lines under it.
    """

    text: str
    size: float
    inset: tuple[float, float]
    reserve: float
    rtl: bool
    lines: int
    pad: int


@dataclass(frozen=True, slots=True)
class Blank:
    """A box as it is drawn: what kind of widget, and what a screen reader says of it."""

    box: Box
    kind: Widget
    told: str
    parts: tuple[Part, ...]
    in_table: bool = False


@dataclass(slots=True)
class Spot:
    """Where a part of a blank stands: its annotation, structure element and rectangle."""

    blank: Blank
    number: int
    page: int
    annotation: Any
    element: Any
    rectangle: tuple[float, float, float, float]

    @property
    def part(self) -> Part:
        """The piece of text that stands here."""
        return self.blank.parts[self.number]

    @property
    def drawn(self) -> bool:
        """Whether text stands here."""
        return self.blank.kind in ("text", "combo") and self.part.text != ""

    @property
    def width(self) -> float:
        """Width of the field."""
        return self.rectangle[2] - self.rectangle[0]

    @property
    def height(self) -> float:
        """Height of the field."""
        return self.rectangle[3] - self.rectangle[1]


def spots(pdf: Any, blanks: Sequence[Blank]) -> list[Spot]:
    """Every place where the typesetter left a box, in the order of the blanks."""
    numbers = pdf.Root.StructTreeRoot.get("/ParentTree", {}).get("/Nums", ())
    entries = list(numbers)
    elements = {int(key): element for key, element in zip(entries[::2], entries[1::2], strict=True)}
    found: list[Spot] = []
    order: dict[int, tuple[int, int]] = {}
    for page_number, page in enumerate(pdf.pages):
        for annotation in page.obj.get("/Annots", ()):
            _, blank, part = str(annotation.A.URI).split(":")
            left, bottom, right, top = (float(edge) for edge in annotation.Rect)
            spot = Spot(
                blanks[int(blank)], int(part), page_number, annotation, elements[int(annotation.StructParent)],
                (left + RIM, bottom + RIM, right - RIM, top - RIM),
            )  # fmt: skip
            order[id(spot)] = (int(blank), int(part))
            found.append(spot)
    found.sort(key=lambda spot: order[id(spot)])
    if len({order[id(spot)] for spot in found}) != len(found):
        raise AssertionError("a box was laid out twice")
    _level(found)
    return found


def _level(found: Sequence[Spot]) -> None:
    """Lets the fields of one table row reach down as far as the row's tallest."""
    rows: dict[tuple[int, int], list[Spot]] = {}
    for spot in found:
        if spot.blank.in_table and len(spot.blank.parts) == 1 and spot.blank.kind in ("text", "combo"):
            rows.setdefault((spot.page, round(spot.rectangle[3])), []).append(spot)
    for row in rows.values():
        floor = min(spot.rectangle[1] for spot in row)
        for spot in row:
            left, _, right, top = spot.rectangle
            spot.rectangle = (left, floor, right, top)


def plant(pdf: Any, found: Sequence[Spot], drawn: bytes) -> None:
    """Makes every spot a field.

    Args:
        drawn: the document with a page for each spot where text stands, in their order.
    """
    kit = _imported_kit(pdf)
    form = form_of(pdf)
    form.DR = Dictionary(Font=Dictionary(SourceSans=kit["face"]))
    form.DA = pikepdf.String("/SourceSans 12 Tf 0.1 g")
    pictures = _pictures(pdf, drawn, sum(spot.drawn for spot in found))
    tree = Tree(pdf, form)
    for spot in found:
        picture = next(pictures) if spot.drawn else kit["empty"]
        _plant(tree, spot, picture, kit)


def _pictures(pdf: Any, drawn: bytes, expected: int) -> Iterator[Any]:
    """The pages of the drawn document, as form objects of this one."""
    if not drawn:
        return
    with pikepdf.open(io.BytesIO(drawn)) as source:
        if len(source.pages) != expected:
            raise AssertionError("an answer needs more room than its box has")
        for page in source.pages:
            yield pdf.copy_foreign(page.as_form_xobject())


def _plant(tree: Tree, spot: Spot, picture: Any, kit: dict[str, Any]) -> None:
    blank, annotation = spot.blank, spot.annotation
    told = f"{blank.told}: {blank.box.choices[spot.number]}" if blank.kind == "radio" else blank.told
    for key in ("/A", "/Border", "/Contents"):
        del annotation[key]
    annotation.Subtype = Name.Widget
    annotation.F = _PRINTED
    annotation.TU = told
    # The form element holds nothing but its widget (PDF/UA 7.18.4); Typst's link element does the same.
    spot.element.S = Name.Form
    spot.element.Alt = told + (" (day/month/year)" if blank.box.kind is Kind.DATE else "")
    if blank.kind in ("text", "combo"):
        _plant_text(tree, spot, picture)
    else:
        _plant_button(tree, spot, kit)


def _plant_text(tree: Tree, spot: Spot, picture: Any) -> None:
    blank, box, annotation = spot.blank, spot.blank.box, spot.annotation
    annotation.Rect = Array([round(edge, 3) for edge in spot.rectangle])
    annotation.AP = Dictionary(N=picture)
    if spot.number > 0:
        tree.join(box.name, annotation)
        return
    field = annotation
    if len(blank.parts) > 1:
        field = tree.group(box.name, annotation, blank.told)
    else:
        tree.add(box.name, annotation)
    field.DA = f"/SourceSans {spot.part.size:g} Tf 0.1 g"
    if blank.kind == "combo":
        field.FT, field.Ff = Name.Ch, _COMBO
        # What stands in the box is offered too, even when the plan no longer lists it.
        options = dict.fromkeys(("", *box.choices, box.shown))
        field.Opt = Array([pikepdf.String(option) for option in options])
    else:
        field.FT = Name.Tx
        if box.kind is Kind.TEXT and (box.long or blank.in_table or spot.part.lines > 1):
            field.Ff = _MULTILINE
    if box.shown:
        field.V = box.shown


def _plant_button(tree: Tree, spot: Spot, kit: dict[str, Any]) -> None:
    blank, box, annotation = spot.blank, spot.blank.box, spot.annotation
    word = "Yes" if blank.kind == "tick" else box.choices[spot.number]
    state = Name(f"/{word}") if box.shown == word else Name.Off
    annotation.AS = state
    annotation.AP = Dictionary(N=Dictionary({f"/{word}": kit[f"{blank.kind} on"], "/Off": kit[f"{blank.kind} off"]}))
    if blank.kind == "tick":
        annotation.FT, annotation.V = Name.Btn, state
        tree.add(box.name, annotation)
    elif spot.number > 0:
        tree.join(box.name, annotation)
    else:
        field = tree.group(box.name, annotation, blank.told)
        field.FT, field.Ff = Name.Btn, _RADIO
        field.V = Name(f"/{box.shown}") if box.shown else Name.Off


class Tree:
    """The tree of fields: names are cut at their dots, and every part of a name is a node."""

    def __init__(self, pdf: Any, form: Any) -> None:
        self._pdf = pdf
        self._nodes: dict[str, Any] = {}
        self._form = form

    def add(self, name: str, field: Any) -> None:
        """Hangs a field in under its name."""
        above, _, own = name.rpartition(".")
        field.T = own
        if above:
            node = self._node(above)
            field.Parent = node
            node.Kids.append(field)
        else:
            self._form.Fields.append(field)

    def group(self, name: str, widget: Any, told: str) -> Any:
        """A field with several widgets, holding its first."""
        field = self._pdf.make_indirect(Dictionary(Kids=Array(), TU=told))
        self._nodes[name] = field
        self.add(name, field)
        self.join(name, widget)
        return field

    def join(self, name: str, widget: Any) -> None:
        """A further widget of a field."""
        widget.Parent = self._nodes[name]
        self._nodes[name].Kids.append(widget)

    def _node(self, name: str) -> Any:
        if name not in self._nodes:
            self._nodes[name] = self._pdf.make_indirect(Dictionary(Kids=Array()))
            self.add(name, self._nodes[name])
        return self._nodes[name]


def form_of(pdf: Any) -> Any:
    """The document's form, made when there is none."""
    if "/AcroForm" not in pdf.Root:
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    return pdf.Root.AcroForm


def plant_seal(pdf: Any, name: str) -> None:
    """An empty signature field without area on the last page, for a seal that draws nothing."""
    page = pdf.pages[-1].obj
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=pikepdf.String(name), TU=name,
            Rect=Array([-9999, -9999, -9999, -9999]), F=132, P=page,
        )
    )  # fmt: skip
    page.Annots = Array([*page.get("/Annots", ()), field])
    form_of(pdf).Fields.append(field)


# ── What every form shares ──────────────────────────────────────────────────────────────────────────────────────


def _imported_kit(pdf: Any) -> dict[str, Any]:
    kit = _kit()
    return {str(key)[1:]: pdf.copy_foreign(kit.Root.Kit[key]) for key in kit.Root.Kit.keys()}  # noqa: SIM118


@cache
def _kit() -> Any:
    """A document that holds what every form takes over: the editing face, the squares and circles, an empty picture.

    Saved once and opened again, so that its streams are copied as they are instead of packed anew for every form.
    """
    with pikepdf.new() as pdf:
        kit = Dictionary(face=fonts.embedded(pdf))
        for name, drawing in _DRAWINGS.items():
            kit["/" + name] = pdf.make_indirect(
                pikepdf.Stream(
                    pdf, drawing.encode(), Type=Name.XObject, Subtype=Name.Form,
                    BBox=Array([0, 0, _SQUARE, _SQUARE]), Resources=Dictionary(),
                )
            )  # fmt: skip
        pdf.Root.Kit = kit
        packed = io.BytesIO()
        pdf.save(packed, deterministic_id=True)
    packed.seek(0)
    return pikepdf.open(packed)


def _circle(middle: float, radius: float) -> str:
    """A circle's outline of four curves, closed."""
    bend = radius * 0.5523
    at = middle
    return (
        f"{at + radius:.3f} {at:.3f} m "
        f"{at + radius:.3f} {at + bend:.3f} {at + bend:.3f} {at + radius:.3f} {at:.3f} {at + radius:.3f} c "
        f"{at - bend:.3f} {at + radius:.3f} {at - radius:.3f} {at + bend:.3f} {at - radius:.3f} {at:.3f} c "
        f"{at - radius:.3f} {at - bend:.3f} {at - bend:.3f} {at - radius:.3f} {at:.3f} {at - radius:.3f} c "
        f"{at + bend:.3f} {at - radius:.3f} {at + radius:.3f} {at - bend:.3f} {at + radius:.3f} {at:.3f} c h "
    )


_OUTLINE = "1 g 0.3 G 1 w "
_TICK_OFF = _OUTLINE + "1.5 1.5 12 12 re B"
_RADIO_OFF = _OUTLINE + _circle(_SQUARE / 2, 6) + "B"
_DRAWINGS = {
    "empty": "",
    "tick off": _TICK_OFF,
    "tick on": _TICK_OFF + " 0.1 G 2 w 1 J 1 j 4 7.6 m 6.6 4.6 l 11.2 10.8 l S",
    "radio off": _RADIO_OFF,
    "radio on": _RADIO_OFF + " 0.1 g " + _circle(_SQUARE / 2, 3.2) + "f",
}
