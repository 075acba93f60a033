"""The form fields of older Word: FORMTEXT, FORMCHECKBOX and FORMDROPDOWN, and fields of a mail merge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.model import Field
from engine.reading.dates import iso_date
from engine.reading.word_controls import Story, carries_stamp
from engine.reading.word_tables import is_hint, named
from engine.reading.word_text import (
    CODE,
    FIELD_MARK,
    FIELD_MARK_TYPE,
    INSTRUCTION,
    VAL,
    Element,
    P,
    R,
    T,
    on,
    text_of,
    w,
    words_before,
    words_beside,
)

_FIELD_DATA, _SYMBOL = w("ffData"), w("sym")
_NO_NAME = re.compile(r"__Fieldmark__|(?:Unnamed|Bookmark)(?: Copy \d+|_Copy_\d+)?\Z")
"""What LibreOffice calls the fields that have no name, numbered anew at each save."""

_MERGE = re.compile(r'\s*MERGEFIELD\s+(?:"([^"]+)"|(\S+))', re.IGNORECASE)


def legacy_fields(story: Story) -> Iterator[Field]:
    """The FORMTEXT, FORMCHECKBOX and FORMDROPDOWN fields of a part in reading order, then the fields of a merge."""
    yield from _simple_merge_fields(story)
    if not _has_fields(story):
        return
    open_fields: list[_Legacy] = []
    for node in story.root.iter(FIELD_MARK, INSTRUCTION, T, P, w("br"), w("cr"), w("tab"), _SYMBOL):
        if node.tag == FIELD_MARK and node.get(FIELD_MARK_TYPE) == "begin":
            open_fields.append(_Legacy(node, node.find(_FIELD_DATA), [], "", False))
        elif not open_fields:
            continue
        elif node.tag == INSTRUCTION:
            open_fields[-1].code += node.get(CODE) or ""
        elif node.tag != FIELD_MARK:
            for one in open_fields:
                if one.shows:
                    one.words.append(_piece(node))
        elif node.get(FIELD_MARK_TYPE) == "separate":
            open_fields[-1].shows = True
        elif (field := open_fields.pop().read(story)) is not None:
            yield field


def _has_fields(story: Story) -> bool:
    if next(story.root.iter(_FIELD_DATA), None) is not None:
        return True
    return any(_merge_name(code.get(CODE) or "") for code in story.root.iter(INSTRUCTION))


def _simple_merge_fields(story: Story) -> Iterator[Field]:
    for simple in story.root.iter(w("fldSimple")):
        if name := _merge_name(simple.get(w("instr")) or ""):
            yield _merged(name, text_of(simple), simple, story)


def _merge_name(code: str) -> str:
    """The name of a field of a mail merge; nothing for other fields."""
    found = _MERGE.match(code)
    return (found[1] or found[2]) if found else ""


def _merged(name: str, words: str, element: Element, story: Story) -> Field:
    cell = story.tables.cell_of(element)
    label = row = ""
    if cell is not None:
        cell.taken = True
        label, row = story.tables.label_and_row(cell)
    words = words.strip()
    value = None if not words or (words.startswith("«") and words.endswith("»")) else words
    where = cell.where if cell else story.where
    story.met.append(element)
    return Field(name, "text", value, words or None, label or words_before(element), "field name", where, row)


def _piece(node: Element) -> str:
    if node.tag == _SYMBOL:
        return text_of(node)
    if node.tag == T:
        return node.text or ""
    parent = node.getparent()
    if node.tag == P or (parent is not None and parent.tag == R and node.tag != w("tab")):
        return "\n"
    return "\t" if parent is not None and parent.tag == R else ""


@dataclass(slots=True)
class _Legacy:
    """A field while it is read: where it begins, its settings, the words it shows, the code that makes it."""

    begin: Element
    data: Element | None
    words: list[str]
    code: str
    shows: bool

    def read(self, story: Story) -> Field | None:
        """What the field says; None where it is none for answers, such as the number of the page."""
        words = "".join(self.words)
        if self.data is not None:
            return None if carries_stamp(words) else self.field(story)
        run = self.begin.getparent()
        name = _merge_name(self.code)
        return _merged(name, words, run, story) if name and run is not None else None

    def field(self, story: Story) -> Field:
        assert self.data is not None
        story.met.append(self.begin)
        cell = story.tables.cell_of(self.begin)
        label = row = ""
        if cell is not None:
            cell.taken = True
            label, row = story.tables.label_and_row(cell)
        name = self.data.find(w("name"))
        own = (name.get(VAL) or "" if name is not None else "") or self._bookmark()
        own = "" if _NO_NAME.match(own) else own
        run = self.begin.getparent()
        if run is not None and self.data.find(w("checkBox")) is not None:
            label = words_beside(run) or label
        label = label or (words_before(run) if run is not None else "")
        blank = Field(own or named(label, row), "text", None, None, label, "legacy field", "", row)
        blank = blank._replace(where=cell.where if cell else story.where)
        kind = next((c for c in self.data if c.tag in (w("checkBox"), w("ddList"), w("textInput"))), None)
        if kind is not None and kind.tag == w("checkBox"):
            ticked = self._ticked(kind)
            return blank._replace(kind="tick", value=ticked, raw="1" if ticked else "0")
        if kind is not None and kind.tag == w("ddList"):
            return self._chosen(kind, blank)
        words = "".join(self.words).strip()
        value: str | None = None if not words or is_hint(words) else words
        style = kind.find(w("type")) if kind is not None else None
        if style is not None and style.get(VAL) == "date":
            return blank._replace(kind="date", value=(iso_date(value) or value) if value else None, raw=words or None)
        return blank._replace(value=value, raw=words or None)

    def _bookmark(self) -> str:
        run = self.begin.getparent()
        before = run.getprevious() if run is not None else None
        return before.get(w("name")) or "" if before is not None and before.tag == w("bookmarkStart") else ""

    @staticmethod
    def _ticked(box: Element) -> bool:
        checked, default = box.find(w("checked")), box.find(w("default"))
        return on(checked) if checked is not None else on(default)

    @staticmethod
    def _chosen(choice: Element, blank: Field) -> Field:
        entries = [entry.get(VAL) or "" for entry in choice.iterchildren(w("listEntry"))]
        stored = next((found for n in ("result", "default") if (found := choice.find(w(n))) is not None), None)
        code = (stored.get(VAL) or "0") if stored is not None else "0"
        index = int(code) if code.isdecimal() and len(code) < 6 else 0
        words = entries[index].strip() if index < len(entries) else ""
        return blank._replace(kind="choice", value=None if not words or is_hint(words) else words, raw=code)
