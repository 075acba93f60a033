"""The fields of somebody else's PDF, and answers written in them, each with a picture that any viewer shows."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from engine.adopted import Entry
from engine.clues import Blank
from engine.errors import Unreadable
from engine.model import Field
from engine.reading.limits import Limits
from engine.reading.pdf import find_boxes
from engine.reading.pdf_fields import Tree
from engine.reading.pdf_page import read_page
from engine.reading.pdf_values import Inherited, date_script, label_of, on_state, option, words_of
from engine.theirs import Filled, held
from engine.theirs.drawn import Picture, drawn, forms
from engine.theirs.labels import labels
from engine.writing.stamps import plant_stamp

_MULTILINE, _COMB, _RADIO, _EDITABLE = 1 << 12, 1 << 24, 1 << 15, 1 << 18
_TURNED = {90: (0, 1, -1, 0, 0, 0), 180: (-1, 0, 0, -1, 0, 0), 270: (0, -1, 1, 0, 0, 0)}
_STAMP_SIZE, _STAMP_FOOT, _STAMP_LEFT = 5.5, 7.0, 20.0
_STRIP = 16.0
"""How much must be free at the foot of a page for the stamp to stand there."""


@dataclass(frozen=True, slots=True)
class _Met:
    """A field where it stands in the file."""

    field: Field
    node: Any
    here: Inherited
    widgets: list[Any]

    @property
    def flags(self) -> int:
        return self.here.flags if isinstance(self.here.flags, int) else 0


def boxes(content: bytes, limits: Limits) -> tuple[Blank, ...]:
    """Every field but buttons, in the order in which it is read; one without a label has the words beside it."""
    with _opened(content) as pdf:
        found = [met for met in _fields(pdf, limits) if met.field.kind != "button"]
        bare = [(m.field.name, m.widgets[0], m.field.kind == "tick") for m in found if not m.field.label and m.widgets]
        seen = labels(pdf, bare) if bare else {}
        return tuple(
            Blank(
                met.field.name, met.field.kind, met.field.label or seen.get(met.field.name, ""), "", met.field.where,
                tuple(_choices(met)), held(met.field),
            )
            for met in found
        )  # fmt: skip


def _opened(content: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(content), suppress_warnings=True)
    except pikepdf.PdfError as error:
        raise Unreadable("This PDF cannot be opened.", "Send a copy that is not locked or damaged.") from error


def _fields(pdf: pikepdf.Pdf, limits: Limits) -> list[_Met]:
    acroform = pdf.Root.get("/AcroForm")
    tree = Tree(acroform if isinstance(acroform, pikepdf.Dictionary) else Dictionary(), limits)
    find_boxes(pdf, tree, limits)
    return [_Met(field, *met) for field, met in zip(tree.fields(), tree.met, strict=True)]


def _choices(met: _Met) -> Iterator[str]:
    """What may be chosen, as people see it."""
    if met.field.kind not in ("choice", "choices"):
        return
    if met.here.kind == "/Ch":
        for item in met.here.options if isinstance(met.here.options, Array) else ():
            yield option(item)[1]
    else:
        yield from _states(met)


def _states(met: _Met) -> dict[str, str]:
    """For each choice made by marking, as people see it, the state that stands for it."""
    states = [on_state(widget) for widget in met.widgets]
    return {label_of(state, states, met.here.options): state for state in states if state}


def fill(content: bytes, entries: Mapping[str, Entry], stamp: str, limits: Limits) -> Filled:
    """The file with answers in its fields, and with our stamp."""
    with _opened(content) as pdf:
        met = [one for one in _fields(pdf, limits) if one.field.name in entries and one.field.kind != "signature"]
        troubles: list[str] = []
        texts: list[tuple[_Met, Any, Picture]] = []
        for one in met:
            trouble = _store(one, entries[one.field.name], texts)
            if trouble:
                troubles.append(f"“{one.field.label or one.field.name}” {trouble}")
        troubles += _draw(pdf, texts)
        _plain_form(pdf)
        plant_stamp(pdf, stamp)
        _carry(pdf, stamp)
        _show(pdf, stamp)
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return Filled(made.getvalue(), tuple(dict.fromkeys(troubles)))


# ── What is stored ──────────────────────────────────────────────────────────────────────────────────────────────


def _store(met: _Met, entry: Entry, texts: list[tuple[_Met, Any, Picture]]) -> str:
    """Stores an answer in a field, and notes the pictures that it needs; what is wrong with it, or nothing."""
    if met.here.kind == "/Btn":
        return _mark(met, entry)
    words = _in_its_shape(met, entry)
    longest = met.node.get("/MaxLen", 0)
    if isinstance(longest, int) and longest and len(words) > longest:
        if not (entry.day or (words.isdecimal() and len(words) == 4 and longest == 2)):
            return f"takes {longest} characters, and the answer has {len(words)}: {words[:60]}"
        words = words[-longest:]
    stored = words
    if met.here.kind == "/Ch" and words:
        items = met.here.options if isinstance(met.here.options, Array) else Array()
        codes = {shown: code for code, shown in map(option, items)}
        if words not in codes and not met.flags & _EDITABLE:
            return f"has no “{words}” to choose"
        stored = codes.get(words, words)
    for key in ("/RV", "/I"):
        if key in met.node:
            del met.node[key]
    met.node.V = String(stored)
    texts.extend((met, widget, _picture(met, widget, words)) for widget in met.widgets)
    return ""


def _in_its_shape(met: _Met, entry: Entry) -> str:
    """The words of an answer, a day in the order in which the field's own program writes days."""
    shape = date_script(met.node.get("/AA")) if "/AA" in met.node else None
    if entry.day and shape is not None and shape.lstrip("\"'( ").startswith("m"):
        year, month, day = entry.day.split("-")
        return f"{month}/{day}/{year}"
    return entry.words


def _mark(met: _Met, entry: Entry) -> str:
    """Marks a tick box, or one of several."""
    if met.field.kind == "tick":
        state = next((found for widget in met.widgets if (found := on_state(widget))), "Yes")
        wanted = state if entry.ticked else "Off"
    else:
        states = _states(met)
        if entry.words and entry.words not in states:
            return f"has no “{entry.words}” to choose"
        wanted = states.get(entry.words, "Off")
    met.node.V = Name(f"/{wanted}")
    for widget in met.widgets:
        own = on_state(widget)
        widget.AS = Name(f"/{wanted}") if own == wanted or (own is None and met.field.kind == "tick") else Name.Off
    return ""


# ── What is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def _picture(met: _Met, widget: Any, words: str) -> Picture:
    left, bottom, right, top = (float(edge) for edge in widget.get("/Rect", Array([0, 0, 0, 0])))
    width, height = abs(right - left), abs(top - bottom)
    if _turn(widget) in (90, 270):
        width, height = height, width
    cells = met.node.get("/MaxLen", 0) if met.flags & _COMB else 0
    return Picture(
        words, max(width, 1), max(height, 1), _size(met), bool(met.flags & _MULTILINE), int(cells) if cells else 0
    )


def _turn(widget: Any) -> int:
    looks = widget.get("/MK")
    turn = looks.get("/R", 0) if isinstance(looks, pikepdf.Dictionary) else 0
    return int(turn) % 360 if isinstance(turn, int) else 0


def _size(met: _Met) -> float:
    """The size of type that a field asks for; 0 = as large as fits."""
    said = words_of(met.node.get("/DA")) or next((s for w in met.widgets if (s := words_of(w.get("/DA")))), "") or ""
    words = said.split()
    try:
        return abs(float(words[words.index("Tf") - 1]))
    except (ValueError, IndexError):
        return 0.0


def _draw(pdf: Any, texts: Sequence[tuple[_Met, Any, Picture]]) -> Iterator[str]:
    """Gives every widget its picture; a sentence for each whose words do not fit."""
    shown = [(met, widget, picture) for met, widget, picture in texts if picture.words]
    for _, widget, picture in texts:
        if not picture.words:
            widget.AP = Dictionary(N=_framed(pdf, widget, picture, None))
    parts = [part for _, _, picture in shown for part in _parts(picture)]
    if not parts:
        return
    made, cut = drawn(parts)
    pieces = forms(pdf, made, parts)
    number = 0
    for met, widget, picture in shown:
        own = [next(pieces) for _ in _parts(picture)]
        widget.AP = Dictionary(N=_framed(pdf, widget, picture, own))
        if any(number <= n < number + len(own) for n in cut):
            yield f"“{met.field.label or met.field.name}” is too small for its answer: {picture.words[:60]}"
        number += len(own)


def _parts(picture: Picture) -> tuple[Picture, ...]:
    """A picture by itself, or one for each letter of a field that is parted into cells."""
    if not picture.cells:
        return (picture,)
    width = picture.width / picture.cells
    return tuple(Picture(letter, width, picture.height, picture.size, False) for letter in picture.words)


def _framed(pdf: Any, widget: Any, picture: Picture, pieces: Sequence[Any] | None) -> Any:
    """The pieces of a picture in one, between the marks that viewers look for."""
    width = picture.width / picture.cells if picture.cells else 0
    content = [_ground(widget, picture), "/Tx BMC q"]
    named = Dictionary()
    for number, piece in enumerate(pieces or ()):
        name = f"/P{number}"
        named[name] = piece
        foot = -float(piece.BBox[1])
        content.append(f"q 1 0 0 1 {number * width:.3f} {foot:.3f} cm {name} Do Q")
    content.append("Q EMC")
    made = pikepdf.Stream(
        pdf, "\n".join(content).encode(), Type=Name.XObject, Subtype=Name.Form,
        BBox=Array([0, 0, round(picture.width, 3), round(picture.height, 3)]), Resources=Dictionary(XObject=named),
    )  # fmt: skip
    turn = _turn(widget)
    if turn in _TURNED:
        made.Matrix = Array(_TURNED[turn])
    return pdf.make_indirect(made)


def _ground(widget: Any, picture: Picture) -> str:
    """The ground and the border that a field has of its own."""
    looks, style = widget.get("/MK"), widget.get("/BS")
    drawn_ = []
    if isinstance(looks, pikepdf.Dictionary):
        thick = float(style.get("/W", 1)) if isinstance(style, pikepdf.Dictionary) else 1.0
        box = f"{picture.width:.2f} {picture.height:.2f} re"
        if ground := _colour(looks.get("/BG"), "g rg k"):
            drawn_.append(f"q {ground} 0 0 {box} f Q")
        if thick and (line := _colour(looks.get("/BC"), "G RG K")):
            inner = f"{thick / 2:.2f} {thick / 2:.2f} {picture.width - thick:.2f} {picture.height - thick:.2f} re"
            drawn_.append(f"q {line} {thick:.2f} w {inner} S Q")
    return " ".join(drawn_)


def _colour(numbers: Any, operators: str) -> str:
    """A colour of one, three or four numbers, as a page sets it; "" where there is none."""
    if not isinstance(numbers, Array) or len(numbers) not in (1, 3, 4):
        return ""
    operator = operators.split()[(1, 3, 4).index(len(numbers))]
    return f"{' '.join(f'{float(number):.3f}' for number in numbers)} {operator}"


# ── The stamp, and what must not stand beside it ────────────────────────────────────────────────────────────────


def _plain_form(pdf: Any) -> None:
    """Takes out what would show other answers than these: an XFA copy, orders to draw anew, rights of the old file."""
    if not isinstance(pdf.Root.get("/AcroForm"), pikepdf.Dictionary):
        pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array()))
    form = pdf.Root.AcroForm
    for key in ("/XFA", "/NeedAppearances"):
        if key in form:
            del form[key]
    if not isinstance(form.get("/Fields"), Array):
        form.Fields = Array()
    for key in ("/Perms", "/NeedsRendering"):
        if key in pdf.Root:
            del pdf.Root[key]


def _carry(pdf: Any, stamp: str) -> None:
    """The stamp in the document's information, and in its XMP where it has any."""
    if not isinstance(pdf.trailer.get("/Info"), pikepdf.Dictionary):
        pdf.trailer.Info = pdf.make_indirect(Dictionary())
    pdf.trailer.Info.Counterpart = stamp


def _show(pdf: Any, stamp: str) -> None:
    """The stamp in small type at the foot of every page that has nothing there."""
    face = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    for page in pdf.pages:
        edges = [float(edge) for edge in page.mediabox]
        if int(page.obj.get("/Rotate", 0)) % 360 or not _is_free(page, edges):
            continue
        line = stamp.replace("·", "\\267")
        drawn_line = (
            f"q BT /CounterpartStamp {_STAMP_SIZE} Tf 0.35 g {edges[0] + _STAMP_LEFT:.2f} {edges[1] + _STAMP_FOOT:.2f} "
            f"Td ({line}) Tj ET Q"
        )
        page.add_resource(face, Name.Font, Name.CounterpartStamp)
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"Q\n" + drawn_line.encode("latin-1"))


def _is_free(page: Any, edges: Sequence[float]) -> bool:
    """Whether nothing stands at the foot of a page: no word, no line, no field."""
    ceiling = edges[1] + _STRIP
    for note in page.obj.get("/Annots", ()):
        rectangle = note.get("/Rect") if isinstance(note, pikepdf.Dictionary) else None
        if isinstance(rectangle, Array) and len(rectangle) == 4:
            low = min(float(rectangle[1]), float(rectangle[3]))
            if edges[1] <= low < ceiling:
                return False
    try:
        print_ = read_page(page)
    except (pikepdf.PdfError, Unreadable, ArithmeticError, LookupError, TypeError, ValueError):
        return False
    return not any(edges[1] <= glyph.foot < ceiling for glyph in print_.glyphs) and not any(
        edges[1] < box[1] < ceiling for box, _, _ in print_.paths
    )
