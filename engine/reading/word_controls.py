"""The content controls of a Word file, in every nesting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.model import Field, FieldKind, Stamp
from engine.reading.dates import iso_date
from engine.reading.word_signatures import drawn, is_where_one_signs
from engine.reading.word_store import Store
from engine.reading.word_tables import TICKED, UNTICKED, Cell, Tables, is_hint, named
from engine.reading.word_text import (
    SDT,
    TBL,
    TC,
    TR,
    VAL,
    Element,
    first_child,
    has_strikes,
    on,
    one_line,
    struck,
    text_of,
    w,
    w14,
    words_before,
    words_beside,
)

_PROPERTIES, _CONTENT = w("sdtPr"), w("sdtContent")
_ALIAS, _TAG, _SHOWS_HINT = w("alias"), w("tag"), w("showingPlcHdr")
_CHECKBOX, _CHECKED, _LIST, _COMBO, _DATE = w14("checkbox"), w14("checked"), w("dropDownList"), w("comboBox"), w("date")
_DATE_FORMAT = w("dateFormat")
_PICTURE, _BINDING = w("picture"), w("dataBinding")
_HINT_NAME, _DOC_PART = w("placeholder"), w("docPart")
_HINT_STYLE = w("rStyle")

_ROWS = frozenset([TBL, TR])
_SETTINGS = (w("pPr"), w("tcPr"))

_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_HOLDERS = frozenset(
    [
        w("docPartObj"), w("docPartList"), w("group"), w("citation"), w("bibliography"), w("equation"),
        f"{_W15}repeatingSection", f"{_W15}repeatingSectionItem",
    ]
)  # fmt: skip

_LEFT_ON = "the words stand where the hint was, and the file still calls them a hint"

Hints = Callable[[], Mapping[str, str]]
"""The hints that a file's own glossary defines, by name; asked only when one is needed."""

_Said = tuple[FieldKind, str | bool | None, str | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Story:
    """A part of the document in which boxes are looked for.

    Attributes:
        store: the data that boxes may be bound to.
        where: the words for a box outside any table.
        ours: whether the form carries our stamp: then a cell holds its box and nothing beside it.
        met: where each box stands, in the order in which they are read.
    """

    root: Element
    tables: Tables
    hints: Hints
    store: Store
    where: str
    ours: bool
    met: list[Element] = field(default_factory=list)


def controls(story: Story) -> Iterator[Field]:
    """The content controls of a part, in reading order; those without tag, alias or label have the name ""."""
    strikes = has_strikes(story.root)
    lent: dict[Element, tuple[str, str]] = {}
    for control in story.root.iter(SDT):
        properties, content = _settings_and_content(control)
        if content is None:
            continue
        has = {str(setting.tag): setting for setting in properties} if properties is not None else {}
        tag, alias = _value(has, _TAG), _value(has, _ALIAS)
        around = story.tables.holds(control, alias, tag)
        # Google Docs wraps anything in controls of its own.
        if tag.startswith("goog_rdk_") or not _HOLDERS.isdisjoint(has):
            continue
        if _PICTURE in has:
            yield from _signed(control, content, has, story)
            continue
        inside = {part.tag for part in content}
        nested = next(content.iter(SDT), None)
        if nested is not None and not inside.isdisjoint(_ROWS) and _CHECKBOX not in has:
            # It is only wrapped around rows or tables, whose cells are read by themselves.
            continue
        row_cells = _plain_row(content) if TR in inside else None
        words = text_of(content) if row_cells is None else "\n".join(filter(None, map(text_of, row_cells[1:])))
        if carries_stamp(words):
            continue
        if control in lent:
            tag, alias = tag or lent[control][0], alias or lent[control][1]
        if nested is not None and _is_only(nested, content) and text_of(nested) == words:
            # LibreOffice wraps a control of its own, with the alias, around one that it keeps.
            lent[nested] = (tag, alias)
            continue
        kind, value, raw, problems = _said(has, content, words, story.hints)
        if _BINDING in has and (differs := story.store.disagrees(has[_BINDING], kind, value, raw)):
            problems = (*problems, differs)
        inner = row_cells[-1] if row_cells else first_child(content, TC) if TC in inside else None
        cell = around if inner is None else story.tables.cell_of(inner)
        label = row = ""
        if cell is not None:
            cell.taken = True
            label, row = story.tables.label_and_row(cell)
            problems += _outside(control, cell, words) if story.ours else ()
        if strikes and value is not None and kind != "tick" and (crossed := struck(content)):
            problems = (*problems, crossed)
        beside = words_beside(control) if kind == "tick" else ""
        label = beside or label or alias or words_before(control)
        name = tag or alias or named(label, row)
        route = "tag" if tag else "alias" if alias else "label"
        story.met.append(control)
        yield Field(name, kind, value, raw, label, route, cell.where if cell else story.where, row, problems)


def _value(has: Mapping[str, Element], name: str) -> str:
    found = has.get(name)
    return (found.get(VAL) or "").strip() if found is not None else ""


def _settings_and_content(control: Element) -> tuple[Element | None, Element | None]:
    properties = content = None
    for part in control:
        if part.tag == _CONTENT:
            content = part if content is None else content
        elif properties is None and part.tag == _PROPERTIES:
            properties = part
    return properties, content


def _plain_row(content: Element) -> list[Element] | None:
    """The cells of the one row that a control is wrapped around, where the first cell labels the others."""
    row = first_child(content, TR)
    if row is None or len(row) < 2 or next(content.iterchildren(TR, reversed=True), None) is not row:
        return None
    cells = list(row.iterchildren(TC))
    return cells if len(cells) > 1 else None


def _signed(control: Element, content: Element, has: Mapping[str, Element], story: Story) -> Iterator[Field]:
    """A control for a picture, where its own name or label says that one signs in it."""
    cell = story.tables.cell_of(control)
    label, row = story.tables.label_and_row(cell) if cell is not None else (words_before(control), "")
    tag, alias = _value(has, _TAG), _value(has, _ALIAS)
    if not any(map(is_where_one_signs, (re.sub(r"[_.\W]+", " ", tag), alias, label))):
        return
    if cell is not None:
        cell.taken = cell.read = True
    what = None if on(has.get(_SHOWS_HINT)) else drawn(content)
    label = label or alias
    route = "tag" if tag else "alias" if alias else "label"
    where = cell.where if cell else story.where
    story.met.append(control)
    yield Field(tag or alias or named(label, row), "signature", what, what, label, route, where, row)


def carries_stamp(words: str) -> bool:
    """Whether the words of a box are our stamp, and so no answer."""
    return words.lstrip().startswith("Form F-") and Stamp.find(words) is not None


def _is_only(nested: Element, content: Element) -> bool:
    """Whether there is no other control inside."""
    return all(one is nested for one in content.iter(SDT))


def _outside(control: Element, cell: Cell, words: str) -> tuple[str, ...]:
    """A sentence about what stands in a cell of ours beside its box; nothing where nothing does."""
    paragraph = control.getparent()
    if paragraph is not None and paragraph.getparent() is cell.element and _alone(control) and _alone(paragraph):
        return ()
    if sum(1 for _ in cell.element.iter(SDT)) != 1:
        return ()
    outside = one_line(text_of(cell.element).replace(words, " ", 1))
    return (f"words stand outside the box: “{outside}”",) if outside else ()


def _alone(element: Element) -> bool:
    """Whether nothing stands beside an element but settings before it."""
    before = element.getprevious()
    return element.getnext() is None and (before is None or before.tag in _SETTINGS)


# ── What a control says ─────────────────────────────────────────────────────────────────────────────────────────


def _said(has: Mapping[str, Element], content: Element, words: str, hints: Hints) -> _Said:
    if (box := has.get(_CHECKBOX)) is not None:
        return _tick(box, words)
    kind: FieldKind = "date" if _DATE in has else "choice" if _LIST in has or _COMBO in has else "text"
    if not words or is_hint(words):
        return kind, None, None, ()
    if kind == "text" and (words in TICKED or words in UNTICKED):
        # LibreOffice keeps the mark of some tick boxes, and not what they were.
        return "tick", words in TICKED, words, ()
    problems: tuple[str, ...] = ()
    if on(has.get(_SHOWS_HINT)):
        if _is_own_hint(has, content, words, hints):
            return kind, None, None, ()
        problems = (_LEFT_ON,)
    if kind == "date":
        return _day(has[_DATE], words, problems)
    if kind == "choice":
        return _choice(has[_LIST] if _LIST in has else has[_COMBO], words, problems)
    return kind, words, words, problems


def _is_own_hint(has: Mapping[str, Element], content: Element, words: str, hints: Hints) -> bool:
    """Whether words that are marked as a hint are one, and not an answer that a program wrote over it."""
    shown = one_line(words)
    part = first_child(has[_HINT_NAME], _DOC_PART) if _HINT_NAME in has else None
    if shown.startswith("[") and shown.endswith("]"):
        return True
    prompt = hints().get(part.get(VAL) or "") if part is not None else None
    if prompt is not None:
        return one_line(prompt) == shown
    return any("placeholder" in (style.get(VAL) or "").casefold() for style in content.iter(_HINT_STYLE))


def _tick(box: Element, words: str) -> _Said:
    checked = box.find(_CHECKED)
    value = checked is not None and on(checked)
    stored = "" if checked is None else checked.get(w14("val")) or checked.get(VAL) or "1"
    marks = {True: set(TICKED), False: set(UNTICKED)}
    for ticked, name in ((True, "checkedState"), (False, "uncheckedState")):
        code = box.find(w14(name))
        if code is not None and len(mark := _character(code.get(w14("val")) or "")) == 1:
            marks[ticked].add(mark)
            marks[not ticked].discard(mark)
    if words in marks[not value]:
        state = "ticked" if value else "not ticked"
        return "tick", value, stored, (f"the box shows {words}, but is stored as {state}",)
    return "tick", value, stored, ()


def _character(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""


def _choice(items: Element, words: str, problems: tuple[str, ...]) -> _Said:
    shown = one_line(words)
    by_code = None
    for item in items:
        code = item.get(w("value")) or ""
        display = item.get(w("displayText")) or code
        if one_line(display) == shown:
            # Word's own first item, "Choose an item.", stores nothing.
            return ("choice", display, code, problems) if code else ("choice", None, None, problems)
        if code == shown and by_code is None:
            by_code = display
    # LibreOffice shows the code of a list that was bound to data.
    return "choice", by_code or words, words, problems


def _day(settings: Element, words: str, problems: tuple[str, ...]) -> _Said:
    shape = first_child(settings, _DATE_FORMAT)
    american = shape is not None and (shape.get(VAL) or "").startswith("M")
    shown = iso_date(words, month_first=american)
    full = settings.get(w("fullDate")) or ""
    stored = iso_date(full[:10]) if full else None
    if stored is None:
        return "date", shown or words, words, problems
    if shown is not None and shown != stored:
        problems = (*problems, f"the box shows {words}, but the file stores {stored}")
    return "date", stored, full, problems
