"""The form fields of older Word: FORMTEXT, FORMCHECKBOX and FORMDROPDOWN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.model import Field
from engine.reading.dates import iso_date
from engine.reading.word_controls import Story, carries_stamp
from engine.reading.word_tables import is_hint, named
from engine.reading.word_text import (
    FIELD_MARK,
    FIELD_MARK_TYPE,
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

_FIELD_DATA = w("ffData")


def legacy_fields(story: Story) -> Iterator[Field]:
    """The FORMTEXT, FORMCHECKBOX and FORMDROPDOWN fields of a part, in reading order."""
    if next(story.root.iter(_FIELD_DATA), None) is None:
        return
    open_fields: list[_Legacy] = []
    for node in story.root.iter(FIELD_MARK, T, P, w("br"), w("cr"), w("tab"), w("sym")):
        if node.tag == FIELD_MARK:
            kind = node.get(FIELD_MARK_TYPE)
            if kind == "begin":
                open_fields.append(_Legacy(node, node.find(_FIELD_DATA), [], False))
            elif open_fields and kind == "separate":
                open_fields[-1].shows = True
            elif open_fields and kind == "end":
                done = open_fields.pop()
                if done.data is not None and not carries_stamp("".join(done.words)):
                    yield done.field(story)
        elif open_fields:
            for field in open_fields:
                if field.shows and field.data is not None:
                    field.words.append(text_of(node) if node.tag == w("sym") else _piece(node))


def _piece(node: Element) -> str:
    if node.tag == T:
        return node.text or ""
    parent = node.getparent()
    if node.tag == P or (parent is not None and parent.tag == R and node.tag != w("tab")):
        return "\n"
    return "\t" if parent is not None and parent.tag == R else ""


@dataclass(slots=True)
class _Legacy:
    """A field of older Word while it is read: where it begins, its settings, the words it shows."""

    begin: Element
    data: Element | None
    words: list[str]
    shows: bool

    def field(self, story: Story) -> Field:
        assert self.data is not None
        cell = story.tables.cell_of(self.begin)
        label = row = ""
        if cell is not None:
            cell.taken = True
            label, row = story.tables.label_and_row(cell)
        name = self.data.find(w("name"))
        own = (name.get(VAL) or "" if name is not None else "") or self._bookmark()
        run = self.begin.getparent()
        if run is not None and self.data.find(w("checkBox")) is not None:
            label = words_beside(run) or label
        label = label or (words_before(run) if run is not None else "")
        blank = Field(own or named(label, row), "text", None, None, label, "legacy field", "", row)
        blank = replace(blank, where=cell.where if cell else story.where)
        kind = next((c for c in self.data if c.tag in (w("checkBox"), w("ddList"), w("textInput"))), None)
        if kind is not None and kind.tag == w("checkBox"):
            ticked = self._ticked(kind)
            return replace(blank, kind="tick", value=ticked, raw="1" if ticked else "0")
        if kind is not None and kind.tag == w("ddList"):
            return self._chosen(kind, blank)
        words = "".join(self.words).strip()
        value: str | None = None if not words or is_hint(words) else words
        style = kind.find(w("type")) if kind is not None else None
        if style is not None and style.get(VAL) == "date":
            return replace(blank, kind="date", value=(iso_date(value) or value) if value else None, raw=words or None)
        return replace(blank, value=value, raw=words or None)

    def _bookmark(self) -> str:
        run = self.begin.getparent()
        before = run.getprevious() if run is not None else None
        name = before.get(w("name")) or "" if before is not None and before.tag == w("bookmarkStart") else ""
        # LibreOffice numbers the fields that have no name, anew at each save.
        return "" if name.startswith("__Fieldmark__") else name

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
        return replace(blank, kind="choice", value=None if not words or is_hint(words) else words, raw=code)
