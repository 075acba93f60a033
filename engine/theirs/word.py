"""The boxes of somebody else's Word file, and answers written in them as Word itself would.

What stands where is told by our own reader; each box is then found again in the untouched file by its number there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.adopted import Entry
from engine.clues import Blank
from engine.errors import Unreadable
from engine.model import Field
from engine.reading.container import Container
from engine.reading.limits import Limits
from engine.reading.word import Place, read_places
from engine.reading.word_tables import ANY_MARK
from engine.reading.word_text import FIELD_MARK, FIELD_MARK_TYPE, SDT, TC, VAL, Element, P, R, w, w14
from engine.theirs import Filled, held
from engine.theirs.package import packed, stamped
from engine.theirs.text import Line, set_inside, set_run

_PROPERTIES, _CONTENT = w("sdtPr"), w("sdtContent")
_SIMPLE = w("fldSimple")
_LISTS = (w("dropDownList"), w("comboBox"))
_RULE = re.compile(r"_{3,}|\.{5,}|…{2,}")
_NOTHING = "\N{NO-BREAK SPACE}" * 5
"""What stands in a box that is to be empty: a box without any text would be closed up."""


def boxes(content: bytes, limits: Limits) -> tuple[Blank, ...]:
    """Every box, in the order in which it is read."""
    container, fields, places = _opened(content, limits)
    elements = _Elements(container)
    return tuple(
        Blank(
            field.name, field.kind, field.label, field.row, field.where, tuple(_choices(elements.at(place))),
            held(field), elements.at(place).tag in (TC, P), _parts(elements.at(place)),
        )
        for field, place in zip(fields, places, strict=True)
    )  # fmt: skip


def _opened(content: bytes, limits: Limits) -> tuple[Container, Sequence[Field], Sequence[Place]]:
    container = Container(content, limits)
    form, places = read_places(container, limits)
    return container, form.fields, places


class _Elements:
    """The untouched parts of a file, and the elements in them by their numbers."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self.trees: dict[str, Element] = {}
        self._all: dict[str, list[Element]] = {}

    def at(self, place: Place) -> Element:
        """The element at a place."""
        if place.part not in self.trees:
            tree = self._container.tree(place.part)
            if tree is None:
                raise Unreadable(f"The part {place.part} of the file is gone.", "Send the form again.")
            self.trees[place.part] = tree
            self._all[place.part] = list(tree.iter())
        return self._all[place.part][place.number]


def _parts(element: Element) -> int:
    """How many other controls stand in a control."""
    return sum(1 for _ in element.iter(SDT)) - 1 if element.tag == SDT else 0


def _choices(element: Element) -> Iterator[str]:
    """What may be chosen in a box, as people see it."""
    for kind in _LISTS:
        for item in element.iterfind(f"{_PROPERTIES}/{kind}/{w('listItem')}") if element.tag == SDT else ():
            if item.get(w("value")):
                yield item.get(w("displayText")) or item.get(w("value")) or ""
    if element.tag == FIELD_MARK:
        for entry in element.iterfind(f"{w('ffData')}/{w('ddList')}/{w('listEntry')}"):
            yield entry.get(VAL) or ""


def fill(content: bytes, entries: Mapping[str, Entry], stamp: str, limits: Limits) -> Filled:
    """The file with answers in its boxes, and with our stamp."""
    container, fields, places = _opened(content, limits)
    elements = _Elements(container)
    troubles = []
    for field, place in zip(fields, places, strict=True):
        entry = entries.get(field.name)
        if entry is not None and not _says_so(field, entry):
            trouble = _write(elements.at(place), field, entry)
            if trouble:
                troubles.append(f"“{field.label or field.name}” {trouble}")
    return Filled(packed(content, container, stamped(container, elements.trees, stamp)), tuple(troubles))


def _says_so(field: Field, entry: Entry) -> bool:
    """Whether a box holds already what it is to hold."""
    if field.kind == "tick":
        return field.value is entry.ticked
    return (field.value or "") == (entry.day if field.kind == "date" else entry.words)


def _write(element: Element, field: Field, entry: Entry) -> str:
    """Writes in one box; what went wrong, or nothing."""
    if field.kind == "signature":
        return ""
    if element.tag == SDT:
        return _control(element, entry)
    if element.tag == FIELD_MARK:
        return _legacy(element, entry)
    if element.tag in (_SIMPLE, R):
        return _merged(element, entry)
    if element.tag == TC:
        return _cell(element, field, entry)
    return _line(element, field, entry) if element.tag == P else "is of a kind that cannot be filled in"


# ── Controls ────────────────────────────────────────────────────────────────────────────────────────────────────


def _control(control: Element, entry: Entry) -> str:
    settings, content = control.find(_PROPERTIES), control.find(_CONTENT)
    if settings is None or content is None:
        return "has no room for an answer"
    for tag in (w("showingPlcHdr"), w("dataBinding")):
        # Word would show what the file's own store says instead of what is written here.
        for flag in settings.findall(tag):
            settings.remove(flag)
    box = settings.find(w14("checkbox"))
    if box is not None:
        _tick(box, content, entry.ticked)
        return ""
    words = entry.words
    date = settings.find(w("date"))
    listed = next((found for kind in _LISTS if (found := settings.find(kind)) is not None), None)
    if date is not None:
        words = _dated(date, entry)
    elif listed is not None and words and not _chosen(listed, words):
        return f"has no “{words}” to choose"
    if content.find(w("tr")) is not None:
        return "spans a whole row, which cannot be filled in"
    set_inside(content, words or _NOTHING)
    return ""


def _tick(box: Element, content: Element, ticked: bool) -> None:
    checked = box.find(w14("checked"))
    if checked is None:
        checked = box.makeelement(w14("checked"))
        box.insert(0, checked)
    checked.set(w14("val"), "1" if ticked else "0")
    state = box.find(w14("checkedState" if ticked else "uncheckedState"))
    mark = _character(state.get(w14("val")) or "") if state is not None else ""
    set_inside(content, mark or ("☒" if ticked else "☐"))


def _character(code: str) -> str:
    """The character of a code; "" where it is none that can be shown."""
    try:
        found = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return found if found.isprintable() else ""


def _chosen(listed: Element, words: str) -> bool:
    """Marks a choice of a list; whether the list has it, or takes other words, too."""
    for item in listed.iterfind(w("listItem")):
        if (item.get(w("displayText")) or item.get(w("value")) or "") == words:
            listed.set(w("lastValue"), item.get(w("value")) or words)
            return True
    return listed.tag == w("comboBox")


_SHAPES = re.compile(r"d{1,4}|M{1,4}|y{2,4}|'[^']*'")


def _dated(date: Element, entry: Entry) -> str:
    """Stores a day in a date control, and gives the words in which the control shows days."""
    if not entry.day:
        date.attrib.pop(w("fullDate"), "")
        return entry.words
    date.set(w("fullDate"), f"{entry.day}T00:00:00Z")
    shape = date.find(w("dateFormat"))
    day = dt.date.fromisoformat(entry.day)
    written: Mapping[str, str] = {
        "d": str(day.day), "dd": f"{day:%d}", "ddd": f"{day:%a}", "dddd": f"{day:%A}", "M": str(day.month),
        "MM": f"{day:%m}", "MMM": f"{day:%b}", "MMMM": f"{day:%B}", "yy": f"{day:%y}", "yyyy": f"{day:%Y}",
        "yyy": f"{day:%Y}",
    }  # fmt: skip
    pattern = (shape.get(VAL) if shape is not None else None) or "dd/MM/yyyy"
    return _SHAPES.sub(lambda part: written.get(part[0], part[0].strip("'")), pattern)


# ── Fields of older Word ────────────────────────────────────────────────────────────────────────────────────────


def _legacy(begin: Element, entry: Entry) -> str:
    settings = begin.find(w("ffData"))
    if settings is None:
        return "is a field that cannot be filled in"
    box, listed = settings.find(w("checkBox")), settings.find(w("ddList"))
    if box is not None:
        _set(box, "checked", "1" if entry.ticked else "0")
        return ""
    if listed is not None:
        words = [item.get(VAL) or "" for item in listed.iterfind(w("listEntry"))]
        if entry.words and entry.words not in words:
            return f"has no “{entry.words}” to choose"
        _set(listed, "result", str(words.index(entry.words) if entry.words else 0), first=True)
        return ""
    shown = list(_shown_runs(begin))
    if not shown:
        return "has no room for an answer"
    for run in shown[1:]:
        set_run(run, "")
    set_run(shown[0], entry.words or _NOTHING)
    return ""


def _merged(field: Element, entry: Entry) -> str:
    """Writes in a field of a mail merge, which then says what it shows."""
    if field.tag == _SIMPLE:
        set_inside(field, entry.words or _NOTHING)
        return ""
    begin = field.find(FIELD_MARK)
    shown = list(_shown_runs(begin)) if begin is not None else []
    for run in shown[1:]:
        set_run(run, "")
    if shown:
        set_run(shown[0], entry.words or _NOTHING)
    return "" if shown else "has no room for an answer"


def _set(holder: Element, name: str, value: str, first: bool = False) -> None:
    setting = holder.find(w(name))
    if setting is None:
        setting = holder.makeelement(w(name))
        holder.insert(0 if first else len(holder), setting)
    setting.set(VAL, value)


def _shown_runs(begin: Element) -> Iterator[Element]:
    """The runs that hold what a field shows: those between its middle and its end."""
    run, shows = begin.getparent(), False
    while run is not None and (run := run.getnext()) is not None:
        mark = run.find(FIELD_MARK)
        kind = mark.get(FIELD_MARK_TYPE) if mark is not None else None
        if kind == "end":
            return
        if shows and run.tag == R:
            yield run
        shows = shows or kind == "separate"


# ── Cells and lines ─────────────────────────────────────────────────────────────────────────────────────────────


def _cell(cell: Element, field: Field, entry: Entry) -> str:
    if field.kind in ("choice", "choices", "tick") and re.search(ANY_MARK, Line(cell).text):
        return _marked(cell, field, entry)
    paragraph = next(cell.iter(P), None)
    if paragraph is None:
        return "has no room for an answer"
    for other in list(cell.iterchildren(P))[1:]:
        cell.remove(other)
    set_inside(paragraph, entry.words)
    return ""


def _marked(holder: Element, field: Field, entry: Entry) -> str:
    """Ticks of several typed boxes the one before the words that are meant, or the only one."""
    marks = list(re.finditer(rf"({ANY_MARK})\s*((?:(?!{ANY_MARK})[^\n])*)", Line(holder).text))
    wanted = entry.words.casefold()
    for mark in reversed(marks):
        chosen = entry.ticked if field.kind == "tick" else bool(wanted) and mark[2].strip().casefold() == wanted
        Line(holder).replace(mark.start(1), mark.end(1), "☒" if chosen else "☐")
    return ""


def _line(paragraph: Element, field: Field, entry: Entry) -> str:
    line = Line(paragraph)
    if field.kind == "tick":
        return _ticked_line(line, field, entry)
    start = line.text.find(field.label.rstrip(":"))
    if start < 0:
        return "could not be found again"
    behind = start + len(field.label.rstrip(":"))
    rule = _RULE.search(line.text, behind)
    colon = line.text.find(":", behind, behind + 2)
    begin, end = rule.span() if rule else (colon + 1, colon + 1) if colon >= 0 else (behind, behind)
    stands = line.text.find(field.value, behind) if isinstance(field.value, str) and not rule else -1
    if stands >= 0 and isinstance(field.value, str):
        begin, end = stands, stands + len(field.value)
    elif not entry.words:
        return ""
    if not line.replace(begin, end, entry.words if rule else f" {entry.words}"):
        return "has no room for an answer"
    return ""


def _ticked_line(line: Line, field: Field, entry: Entry) -> str:
    for mark in re.finditer(ANY_MARK, line.text):
        after = line.text[mark.end() :].lstrip()
        if after.casefold().startswith(field.label.casefold()):
            line.replace(mark.start(), mark.end(), "☒" if entry.ticked else "☐")
            return ""
    return "could not be found again" if entry.ticked else ""
